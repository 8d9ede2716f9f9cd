"""The gate: Great Expectations over the night's rows and the candidate; a failed critical check stops it."""

from dataclasses import dataclass, field

from psycopg.types.json import Jsonb

from sangkien.contract.rules import RuleSet
from sangkien.database import connect
from sangkien.validity.expect import CheckResult, expect_candidate, expect_rules
from sangkien.warehouse.publish import Candidate


@dataclass(frozen=True)
class GateResult:
    """What the gate said."""

    results: list[CheckResult] = field(default_factory=list)

    @property
    def refused_by(self) -> list[CheckResult]:
        """The critical checks that failed."""
        return [result for result in self.results if not result.passed and result.severity == "critical"]

    @property
    def warnings(self) -> list[CheckResult]:
        """The other checks that failed."""
        return [result for result in self.results if not result.passed and result.severity != "critical"]


def gate(dsn: str, candidate: Candidate, rules: RuleSet) -> GateResult:
    """Run every check, and keep the results with their history.

    Args:
        dsn: The warehouse.
        candidate: The publication to be checked, built.
        rules: The rule set under which it was judged.
    """
    results = expect_rules(dsn, candidate.publication_id, candidate.current, rules)
    results += expect_candidate(dsn, candidate.publication_id, candidate.current)
    with connect(dsn) as connection:
        connection.cursor().executemany(
            "insert into ops.gate_result (publication_id, suite, check_id, attempt, severity, passed, observed)"
            " select %(publication)s, %(suite)s, %(check)s, coalesce(max(attempt), 0) + 1, %(severity)s, %(passed)s,"
            " %(observed)s from ops.gate_result"
            " where publication_id = %(publication)s and suite = %(suite)s and check_id = %(check)s",
            [
                {
                    "publication": candidate.publication_id,
                    "suite": result.suite,
                    "check": result.check_id,
                    "severity": result.severity,
                    "passed": result.passed,
                    "observed": Jsonb(result.observed),
                }
                for result in results
            ],
        )
    return GateResult(results)
