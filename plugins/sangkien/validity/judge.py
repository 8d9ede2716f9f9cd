"""Judge: the verdict of every initiative that the night has touched (contract §3, §4); see judge.sql."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources

from psycopg import sql

from sangkien.contract.rules import RuleSet
from sangkien.database import Connection, lock


@dataclass(frozen=True)
class JudgeResult:
    """What the judge has done: how many deliveries it took, and how many initiatives changed or may have."""

    deliveries: int
    changed_initiatives: int


def judge(connection: Connection, publication: int, rules: RuleSet) -> JudgeResult:
    """Judge what changed since the judge last looked, in the connection's transaction.

    Args:
        connection: In a transaction of its own; the caller commits.
        publication: The candidate publication that this work is for.
        rules: The rule set in force.
    """
    lock(connection, "sangkien:judge")
    _keep_catalogue(connection, rules)
    statements = sql.SQL(resources.files("sangkien.validity").joinpath("judge.sql").read_text("utf-8"))
    parameters = {
        "publication": sql.Literal(publication),
        "invalid": _codes(rules, "invalid"),
        "under_review": _codes(rules, "under_review"),
        **{name: sql.Literal(value) for name, value in rules.parameters.items() if name.startswith("benefit_")},
    }
    waiting = connection.execute("select count(*) from ops.delivery where judged_status is distinct from status")
    deliveries = waiting.fetchone()
    connection.execute(statements.format(**parameters))
    changed = connection.execute(
        "select count(*) from intermediate.changed_initiative where publication_id = %s", [publication]
    ).fetchone()
    return JudgeResult(deliveries[0] if deliveries else 0, changed[0] if changed else 0)


def _keep_catalogue(connection: Connection, rules: RuleSet) -> None:
    """Let the warehouse tell what its verdicts mean (marts.dim_rule)."""
    connection.cursor().executemany(
        "insert into ops.rule (rule_set, rule_code, rule_name, dataset, judged, verdict, column_names, message_vi,"
        " advice_vi, message_en) values (%(rule_set)s, %(code)s, %(name)s, %(dataset)s, %(judged)s, %(verdict)s,"
        " %(columns)s, %(message_vi)s, %(advice_vi)s, %(message_en)s)"
        " on conflict (rule_set, rule_code) do update set (rule_name, dataset, judged, verdict, column_names,"
        " message_vi, advice_vi, message_en) = (excluded.rule_name, excluded.dataset, excluded.judged,"
        " excluded.verdict, excluded.column_names, excluded.message_vi, excluded.advice_vi, excluded.message_en)",
        [{**vars(rule), "rule_set": rules.version, "columns": list(rule.columns)} for rule in rules.rules.values()],
    )


def _codes(rules: RuleSet, verdict: str) -> sql.Composable:
    codes: Iterable[str] = (rule.code for rule in rules.rules.values() if rule.verdict == verdict)
    return sql.SQL("array[{}]::text[]").format(sql.SQL(", ").join(map(sql.Literal, codes)))
