"""Judge: the verdict of every initiative that the night has touched (contract §3, §4); see the judge_*.sql."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from typing import Any

from psycopg import sql

from sangkien.contract.rules import NOT_THE_FILES_FAULT, RuleSet, fired_rules_sql
from sangkien.database import Connection, lock
from sangkien.validity import rule_sets

JUDGE_LOCK = "sangkien:judge"
STEPS = ("stretches", "duplicates", "amounts")  # in one transaction; each leaves temporary tables to the next
# Rows of deliveries that no judge has taken yet, and that were loaded under another rule set.
_LOADED_OTHERWISE = sql.SQL(
    "rule_set <> {rule_set} and (unit_code, delivery_no) in"
    " (select unit_code, delivery_no from ops.delivery where judged_status is distinct from status)"
)


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
        rules: The rule set to judge under; the rows must have been brought under it (`bring_under`).
    """
    lock(connection, JUDGE_LOCK)
    rule_sets.keep(connection, rules)
    parameters = {
        "publication": sql.Literal(publication),
        "invalid": _codes(rules, "invalid"),
        "under_review": _codes(rules, "under_review"),
        **{name: sql.Literal(value) for name, value in _limits(rules).items()},
    }
    waiting = connection.execute("select count(*) from ops.delivery where judged_status is distinct from status")
    deliveries = waiting.fetchone()
    # Empty where nothing was brought under another rule set in this transaction.
    connection.execute("create temporary table if not exists rejudged (unit_code text, code_key text) on commit drop")
    for step in STEPS:
        connection.execute(_statements(f"judge_{step}.sql").format(**parameters))
    changed = connection.execute(
        "select count(*) from intermediate.changed_initiative where publication_id = %s", [publication]
    ).fetchone()
    return JudgeResult(deliveries[0] if deliveries else 0, changed[0] if changed else 0)


def bring_under(connection: Connection, rules: RuleSet, before: RuleSet) -> None:
    """Bring the rows of staging under a rule set: one scan, which writes only rows on which other rules fire now.

    The judge, in the same transaction, then judges their initiatives. Deliveries that no judge has taken yet are
    brought under it too, whatever catalogue was installed when they were loaded.

    Args:
        connection: In the transaction in which `judge` follows.
        rules: The rule set to judge under.
        before: The rule set under which the rows stand.
    """
    lock(connection, JUDGE_LOCK)
    limits_moved = _limits(before) != _limits(rules)
    other_verdict = [code for code, rule in before.rules.items() if rules.verdict_of(code) != rule.verdict]
    version = sql.Literal(rules.version)
    parameters = {
        "rule_set": version,
        "which": sql.SQL("true") if before.version != rules.version else _LOADED_OTHERWISE.format(rule_set=version),
        "means_something_else": sql.SQL("true") if limits_moved else _any_fires(other_verdict),
        "not_the_files_fault": _array(sorted(NOT_THE_FILES_FAULT)),
        "initiative_rules": sql.SQL(fired_rules_sql(rules, "initiatives")),
        "quota_rules": sql.SQL(fired_rules_sql(rules, "quotas")),
    }
    connection.execute(_statements("bring_under.sql").format(**parameters))


def _statements(file: str) -> sql.SQL:
    return sql.SQL(resources.files("sangkien.validity").joinpath(file).read_text("utf-8"))


def _limits(rules: RuleSet) -> dict[str, Any]:
    """The limits of W04."""
    return {name: value for name, value in rules.parameters.items() if name.startswith("benefit_")}


def _codes(rules: RuleSet, verdict: str) -> sql.Composable:
    return _array(rule.code for rule in rules.rules.values() if rule.verdict == verdict)


def _any_fires(codes: list[str]) -> sql.Composable:
    return sql.SQL("rule_codes && {}").format(_array(codes)) if codes else sql.SQL("false")


def _array(codes: Iterable[str]) -> sql.Composed:
    return sql.SQL("array[{}]::text[]").format(sql.SQL(", ").join(map(sql.Literal, codes)))
