"""The gate: Great Expectations over the night's rows and the candidate; a failed critical check stops it."""

from dataclasses import dataclass, field

from psycopg.types.json import Jsonb

from sangkien.contract.rules import RuleSet
from sangkien.database import Connection, connect
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


def gate(dsn: str, candidate: Candidate, rules: RuleSet, run_id: str) -> GateResult:
    """Run every check, and keep the results with their history.

    Args:
        dsn: The warehouse.
        candidate: The publication to be checked, built.
        rules: The rule set under which it was judged.
        run_id: The run that checks it.
    """
    with connect(dsn) as connection:
        since = 0 if _rule_set_changed(connection, candidate) else candidate.current
    results = expect_rules(dsn, candidate.publication_id, since, rules)
    results += expect_candidate(dsn, candidate.publication_id, candidate.current)
    with connect(dsn) as connection:
        attempt = _attempts(connection, candidate) + 1
        connection.cursor().executemany(
            "insert into ops.gate_result (publication_id, run_id, suite, check_id, attempt, severity, passed, observed)"
            " values (%(publication)s, %(run_id)s, %(suite)s, %(check)s, %(attempt)s, %(severity)s, %(passed)s,"
            " %(observed)s)",
            [
                {
                    "publication": candidate.publication_id,
                    "run_id": run_id,
                    "attempt": attempt,
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


def _rule_set_changed(connection: Connection, candidate: Candidate) -> bool:
    """Whether rows of earlier nights were judged again since the publication that readers see."""
    row = connection.execute(
        "select exists (select from ops.publication where publication_id between %s and %s and rule_set <> %s)",
        [candidate.current, candidate.publication_id, candidate.rule_set],
    ).fetchone()
    return row is not None and bool(row[0])


def _attempts(connection: Connection, candidate: Candidate) -> int:
    """How many times the gate has run over a candidate."""
    row = connection.execute(
        "select coalesce(max(attempt), 0) from ops.gate_result where publication_id = %s", [candidate.publication_id]
    ).fetchone()
    return row[0] if row else 0
