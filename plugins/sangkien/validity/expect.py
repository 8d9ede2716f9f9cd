"""Great Expectations: over what a night has loaded, rule by rule, and over the candidate publication.

The expectations are made from the rule catalogue and from gate.yml. All rules are counted in one scan: the expectation
asks for one aggregate, and Great Expectations bundles the aggregates of a suite into one query.
"""

import logging
import os
import warnings
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import yaml

os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
import sqlalchemy as sa
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.core.metric_function_types import MetricPartialFunctionTypes
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.execution_engine.execution_engine import ExecutionEngine
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metadata_types import FailureSeverity
from great_expectations.expectations.metrics.metric_provider import metric_partial
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
from psycopg.rows import dict_row

from sangkien.contract.fields import Dataset
from sangkien.contract.rules import Rule, RuleSet
from sangkien.database import connect
from sangkien.settings import PROJECT_ROOT

# It warns of queries that look beyond their batch, as ours are meant to, and tells of folders that it makes.
for _name in ("great_expectations", "great_expectations.data_context.types.base"):  # the latter sets its own level
    logging.getLogger(_name).setLevel(logging.ERROR)

GATE = PROJECT_ROOT / "expectations" / "gate.yml"
MOST_ROWS_KEPT = 20
MOST_ROWS_LOOKED_AT = 1_000  # Great Expectations fetches them all

_STAGING: dict[Dataset, str] = {"initiatives": "staging.initiative", "quotas": "staging.quota"}


@dataclass(frozen=True)
class CheckResult:
    """What one check said. `observed`: the figures or rows that it rests on, without personal data."""

    suite: str
    check_id: str
    severity: str
    passed: bool
    observed: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """The rows of a query, and what is expected of them."""

    name: str
    query: str
    expectations: list[Any]


class RowsBreakingRule(TableMetricProvider):
    """How many rows break a rule, as an aggregate that can share a scan with others."""

    metric_name = "table.rows_breaking_rule"
    value_keys = ("predicate",)

    @metric_partial(
        engine=SqlAlchemyExecutionEngine,
        partial_fn_type=MetricPartialFunctionTypes.AGGREGATE_FN,
        domain_type=MetricDomainTypes.TABLE,
    )
    def _sqlalchemy(
        cls,  # noqa: N805 - Great Expectations calls it with the class
        execution_engine: SqlAlchemyExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        **_: object,
    ) -> tuple[Any, Any, Any]:
        _, compute, accessor = execution_engine.get_compute_domain(
            metric_domain_kwargs, domain_type=MetricDomainTypes.TABLE
        )
        return sa.func.count().filter(sa.text(metric_value_kwargs["predicate"])), compute, accessor


class ExpectRowsBreakingRule(BatchExpectation):
    """Expect exactly so many rows to break a rule: as many as were judged to."""

    predicate: str
    judged: int
    metric_dependencies: ClassVar[tuple[str, ...]] = ("table.rows_breaking_rule",)
    success_keys: ClassVar[tuple[str, ...]] = ("predicate", "judged")

    def _validate(
        self,
        metrics: dict[Any, Any],
        runtime_configuration: dict[Any, Any] | None = None,  # noqa: ARG002 - Great Expectations' signature
        execution_engine: ExecutionEngine[Any] | None = None,  # noqa: ARG002 - Great Expectations' signature
    ) -> dict[str, Any]:
        breaking = metrics["table.rows_breaking_rule"]
        return {"success": breaking == self.judged, "result": {"observed_value": breaking}}


def expect_rules(dsn: str, candidate: int, since: int, rules: RuleSet) -> list[CheckResult]:
    """Count, rule by rule, the night's rows that break it, and compare with the verdicts that they were given.

    Args:
        dsn: The warehouse.
        candidate: The publication to be checked.
        since: The deliveries judged after this publication are looked at; 0: all.
        rules: The rule set that they were judged under.
    """
    results: list[CheckResult] = []
    for dataset, table in _STAGING.items():
        loaded = (
            f"select s.* from {table} as s inner join ops.delivery as d using (unit_code, delivery_no)"  # noqa: S608
            f" where d.judged_in > {since:d} and d.judged_in <= {candidate:d} and d.counts"
        )
        judged = _judged_counts(dsn, loaded)
        expectations = [
            ExpectRowsBreakingRule(
                predicate=rule.predicate.replace(":", r"\:"),
                judged=judged.get(rule.code, 0),
                severity=FailureSeverity.CRITICAL,
                meta={"check": rule.code, "judged": judged.get(rule.code, 0)},
            )
            for rule in rules.row_rules(dataset)
        ]
        found = _run(dsn, f"rules_of_{dataset}", [Batch(f"rules_of_{dataset}", loaded, expectations)])
        results += [r if r.passed else _with_rows(dsn, loaded, r, rules.rules[r.check_id]) for r in found]
    return results


def _with_rows(dsn: str, loaded: str, result: CheckResult, rule: Rule) -> CheckResult:
    """Name some of the rows that a rule was judged otherwise on than the suite says, by unit, file and line."""
    with connect(dsn) as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            f"select l.unit_code, d.file_name, l.line_number, {rule.predicate} as breaks_it,"  # noqa: S608 - the catalogue's
            f" '{rule.code}' = any(l.rule_codes) as was_judged_to from ({loaded}) as l"
            " inner join ops.delivery as d using (unit_code, delivery_no)"
            f" where ({rule.predicate}) <> ('{rule.code}' = any(l.rule_codes)) order by 1, 2, 3 limit {MOST_ROWS_KEPT}"
        ).fetchall()
    return replace(result, observed=result.observed | {"rows": rows})


def expect_candidate(dsn: str, candidate: int, current: int) -> list[CheckResult]:
    """Check a candidate publication against gate.yml.

    Args:
        dsn: The warehouse.
        candidate: The publication to be checked; `marts` shows it to the checks.
        current: The publication that readers see now; 0: none.
    """
    batches = [
        Batch(
            check.check_id,
            check.query(candidate, current),
            [
                UnexpectedRowsExpectation(
                    unexpected_rows_query=f"select * from {{batch}} limit {MOST_ROWS_LOOKED_AT}",  # noqa: S608 - a number of ours
                    description=check.description,
                    severity=FailureSeverity(check.severity),
                    meta={"check": check.check_id},
                )
            ],
        )
        for check in gate_checks()
    ]
    return _run(f"{dsn}{'&' if '?' in dsn else '?'}options=-csangkien.publication%3D{candidate}", "gate", batches)


@dataclass(frozen=True)
class GateCheck:
    """One check of gate.yml. `template`: the query for the rows that speak against the candidate."""

    check_id: str
    severity: str
    description: str
    template: str

    def query(self, candidate: int, current: int) -> str:
        """The query for these publications, in the form that Great Expectations takes."""
        return f"select * from ({self.template.format(candidate=candidate, current=current)}) as found"  # noqa: S608


@cache
def gate_checks(file: Path = GATE) -> list[GateCheck]:
    """The checks of the gate."""
    entries = yaml.safe_load(file.read_text("utf-8"))["checks"]
    return [GateCheck(e["id"], e["severity"], e["description"], e["query"]) for e in entries]


def _engine_url(dsn: str) -> str:
    return dsn.replace("postgresql://", "postgresql+psycopg://", 1)


def _judged_counts(dsn: str, loaded: str) -> dict[str, int]:
    engine = sa.create_engine(_engine_url(dsn))
    with engine.connect() as connection:
        counts = connection.execute(
            sa.text(
                f"select code, count(*) from ({loaded}) as l cross join unnest(rule_codes) as code group by code"  # noqa: S608
            )
        )
        result: dict[str, int] = dict(counts.tuples().all())
    engine.dispose()
    return result


def _run(dsn: str, suite_name: str, batches: list[Batch]) -> list[CheckResult]:
    """Run a checkpoint of an ephemeral context: the connection is written nowhere."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        source = context.data_sources.add_postgres("warehouse", connection_string=_engine_url(dsn))
        definitions = []
        for batch in batches:
            data = source.add_query_asset(batch.name, query=batch.query).add_batch_definition_whole_table("night")
            suite = context.suites.add(gx.ExpectationSuite(batch.name, expectations=batch.expectations))
            definition = gx.ValidationDefinition(name=batch.name, data=data, suite=suite)
            definitions.append(context.validation_definitions.add(definition))
        checkpoint = context.checkpoints.add(
            gx.Checkpoint(name=suite_name, validation_definitions=definitions, result_format="COMPLETE")
        )
        outcome = checkpoint.run()
        source.get_execution_engine().close()
    results = (result for run in outcome.run_results.values() for result in run.results)
    return [_check_result(suite_name, result) for result in results]


def _check_result(suite: str, result: Any) -> CheckResult:
    meta = result.expectation_config.meta
    exceptions = _exceptions(result.exception_info)
    observed: dict[str, Any] = {"observed": result.result.get("observed_value")}
    if "judged" in meta:
        observed["judged"] = meta["judged"]
    rows = (result.result.get("details") or {}).get("unexpected_rows")
    if rows:
        observed["rows"] = [{k: _plain(v) for k, v in dict(row).items()} for row in rows[:MOST_ROWS_KEPT]]
    if exceptions:
        observed["error"] = exceptions[:1000]
    passed = bool(result.success) and not exceptions
    return CheckResult(suite, meta["check"], str(result.expectation_config.severity.value), passed, observed)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | bool | type(None)) else str(value)


def _exceptions(info: dict[str, Any]) -> str:
    """The messages of the exceptions of a check; Great Expectations nests them by metric when there are several."""
    if "raised_exception" in info:
        return str(info["exception_message"]) if info["raised_exception"] else ""
    return "; ".join(str(i.get("exception_message")) for i in info.values() if i.get("raised_exception"))
