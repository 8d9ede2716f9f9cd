"""The rule catalogue, from expectations/rules.yml, and the expressions made from it."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import polars as pl
import yaml

from sangkien.contract.fields import Dataset
from sangkien.contract.lists import phases
from sangkien.settings import PROJECT_ROOT

CATALOGUE = PROJECT_ROOT / "expectations" / "rules.yml"

# The rules that leave a delivery `accepted` (contract §1): they tell of the review and of other deliveries, not of the
# file.
NOT_THE_FILES_FAULT = frozenset({"P01", "V12", "V13", "W04"})


@dataclass(frozen=True)
class Rule:
    """One rule of the catalogue.

    `columns`: for each column that can be at fault, the SQL condition over a row of staging (none where the rule is not
    judged by the row alone).
    """

    code: str
    name: str
    dataset: Dataset
    judged: Literal["row", "set", "read"]
    verdict: str | None
    columns: dict[str, str | None]
    message_vi: str
    advice_vi: str
    message_en: str

    @property
    def predicate(self) -> str:
        """SQL: whether the rule fires on a row of staging.initiative."""
        return " or ".join(f"coalesce({condition}, false)" for condition in self.columns.values())


@dataclass(frozen=True)
class RuleSet:
    """A dated version of the catalogue."""

    version: str
    parameters: dict[str, Any]
    rules: dict[str, Rule]

    def row_rules(self, dataset: Dataset) -> list[Rule]:
        """The rules that the values of a row decide, for rows of a dataset."""
        return [rule for rule in self.rules.values() if rule.judged == "row" and rule.dataset == dataset]


def _rule(code: str, entry: dict[str, Any], parameters: dict[str, Any]) -> Rule:
    columns = {
        column: None if condition is None else condition.format(**parameters)
        for column, condition in entry["columns"].items()
    }
    return Rule(
        code=code,
        name=entry["name"],
        dataset=entry.get("dataset", "initiatives"),
        judged=entry["judged"],
        verdict=entry.get("verdict"),
        columns=columns,
        message_vi=entry["vi"]["message"],
        advice_vi=entry["vi"]["advice"],
        message_en=entry["en"]["message"],
    )


@cache
def rule_set(catalogue: Path = CATALOGUE) -> RuleSet:
    """The rule set in force."""
    document = yaml.safe_load(catalogue.read_text("utf-8"))
    in_a_phase = [f"submitted_on between date '{phase.upload_from}' and date '{phase.upload_to}'" for phase in phases()]
    parameters = document["parameters"] | {"submitted_in_a_phase": " or ".join(in_a_phase)}
    rules = {code: _rule(code, entry, parameters) for code, entry in document["rules"].items()}
    return RuleSet(document["rule_set"], document["parameters"], rules)


@cache
def fired_rules(dataset: Dataset) -> pl.Expr:
    """Over a frame with the columns of staging: the row rules that fire, as the text of a PostgreSQL array."""
    rules = rule_set().row_rules(dataset)
    if not rules:
        return pl.lit("{}")
    fired = [pl.when(pl.sql_expr(rule.predicate)).then(pl.lit(rule.code)) for rule in rules]
    return pl.format("{{{}}}", pl.concat_str(fired, separator=",", ignore_nulls=True))
