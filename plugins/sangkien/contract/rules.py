"""The rule catalogue, from expectations/rules.yml, and the expressions made from it."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self

import polars as pl
import yaml

from sangkien.contract.fields import Dataset
from sangkien.contract.lists import phases
from sangkien.settings import get_settings

# The rules that leave a delivery `accepted` (contract §1): they tell of the review and of other deliveries, not of the
# file.
NOT_THE_FILES_FAULT = frozenset({"P01", "V12", "V13", "W04"})


@dataclass(frozen=True)
class Rule:
    """One rule of the catalogue.

    Attributes:
        columns: For each column that can be at fault, the SQL condition over a row of staging (none where the rule is
            not judged by the row alone).
        holds_from: Since when the rule holds.
        acts: Who must act when it fires: a key of `ACTORS`.
        source: Where it is laid down.
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
    advice_en: str
    holds_from: date
    acts: str
    source: str

    @property
    def predicate(self) -> str:
        """SQL: whether the rule fires on a row of staging.initiative."""
        return " or ".join(f"coalesce({condition}, false)" for condition in self.columns.values())

    @property
    def definition(self) -> tuple[Any, ...]:
        """What decides on which rows the rule fires, and what it makes of them; not how it is told."""
        return self.dataset, self.judged, self.verdict, self.columns


@dataclass(frozen=True)
class RuleSet:
    """A dated version of the catalogue. Two of one version judge alike; only their wording may differ."""

    version: str
    parameters: dict[str, Any]
    rules: dict[str, Rule]

    def row_rules(self, dataset: Dataset) -> list[Rule]:
        """The rules that the values of a row decide, for rows of a dataset."""
        return [rule for rule in self.rules.values() if rule.judged == "row" and rule.dataset == dataset]

    def verdict_of(self, code: str) -> str | None:
        """What a rule makes of an initiative; none where it leaves it alone, or there is no such rule."""
        return self.rules[code].verdict if code in self.rules else None

    def judges_like(self, other: Self) -> bool:
        """Whether the two give every row the same verdict for the same reasons."""
        return self.parameters == other.parameters and self._definitions() == other._definitions()

    def _definitions(self) -> dict[str, tuple[Any, ...]]:
        return {code: rule.definition for code, rule in self.rules.items()}

    def as_json(self) -> str:
        """The rule set as the warehouse keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False, default=str)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """A rule set that the warehouse has kept."""
        rules = {
            code: Rule(**rule | {"holds_from": date.fromisoformat(rule["holds_from"])})
            for code, rule in kept["rules"].items()
        }
        return cls(kept["version"], kept["parameters"], rules)


ACTORS = {
    "unit": ("đơn vị báo cáo", "the reporting unit"),
    "units": ("các đơn vị cùng báo cáo", "the units that report it"),
    "reviewers": ("cấp xét công nhận", "whoever recognises initiatives"),
}


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
        advice_en=entry["en"]["advice"],
        holds_from=entry["holds_from"],
        acts=entry["acts"],
        source=entry["source"],
    )


@cache
def rule_set(catalogue: Path | None = None) -> RuleSet:
    """The rule set of the catalogue that is installed; the warehouse says which is in force (validity/rule_sets.py)."""
    document = yaml.safe_load((catalogue or get_settings().rules).read_text("utf-8"))
    in_a_phase = [f"submitted_on between date '{phase.upload_from}' and date '{phase.upload_to}'" for phase in phases()]
    parameters = document["parameters"] | {"submitted_in_a_phase": " or ".join(in_a_phase)}
    rules = {code: _rule(code, document["defaults"] | entry, parameters) for code, entry in document["rules"].items()}
    return RuleSet(document["rule_set"], document["parameters"], rules)


@cache
def fired_rules(dataset: Dataset) -> pl.Expr:
    """Over a frame with the columns of staging: the row rules that fire, as the text of a PostgreSQL array."""
    rules = rule_set().row_rules(dataset)
    if not rules:
        return pl.lit("{}")
    fired = [pl.when(pl.sql_expr(rule.predicate)).then(pl.lit(rule.code)) for rule in rules]
    return pl.format("{{{}}}", pl.concat_str(fired, separator=",", ignore_nulls=True))


def fired_rules_sql(rules: RuleSet, dataset: Dataset) -> str:
    """The same over a table of staging, for PostgreSQL: an expression of type text[]."""
    fired = [f"case when {rule.predicate} then '{rule.code}' end" for rule in rules.row_rules(dataset)]
    return f"array_remove(array[{', '.join(fired)}]::text[], null)"
