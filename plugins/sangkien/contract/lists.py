"""Lists of values: the reference lists (dbt seeds) and the small ones of values.yml (contract §2)."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import yaml

from sangkien.contract.text import match_key
from sangkien.settings import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
REFERENCE_LISTS = {
    "member_group": "member_groups",
    "solution_type": "solution_types",
    "content_category": "content_categories",
    "status": "report_statuses",
}


@dataclass(frozen=True)
class Phase:
    """A phase of the programme; both days belong to it."""

    code: str
    upload_from: date
    upload_to: date


@dataclass(frozen=True)
class BenefitUnit:
    """A unit of money. `vnd`: how many đồng one of it is; none: another currency."""

    code: str
    vnd: int | None
    per_year: bool


def read_seed(name: str) -> list[dict[str, str]]:
    """The rows of a reference list."""
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _values() -> dict[str, Any]:
    return dict(yaml.safe_load(resources.files("sangkien.contract").joinpath("values.yml").read_text("utf-8")))


@cache
def codes_by_key(kind: str) -> dict[str, str]:
    """match_key of every accepted spelling to the code, for one kind of list."""
    by_key: dict[str, str] = {}
    if kind in REFERENCE_LISTS:
        for row in read_seed(REFERENCE_LISTS[kind]):
            code = next(iter(row.values()))
            for spelling in (code, row["label_vi"], row["label_en"], *row["aliases"].split("|")):
                by_key.setdefault(match_key(spelling), code)
    else:
        for code, spellings in _values()[kind].items():
            for spelling in (code, *spellings):
                by_key.setdefault(match_key(spelling), code)
    by_key.pop("", None)
    return by_key


@cache
def benefit_units() -> dict[str, BenefitUnit]:
    """match_key of every accepted spelling of a benefit unit, alone and with `/năm`, to the unit."""
    by_key: dict[str, BenefitUnit] = {}
    for code, entry in _values()["benefit_unit"].items():
        for spelling in (code, *entry["aliases"]):
            by_key.setdefault(match_key(spelling), BenefitUnit(code, entry["vnd"], per_year=False))
            by_key.setdefault(match_key(f"{spelling}/năm"), BenefitUnit(code, entry["vnd"], per_year=True))
    return by_key


@cache
def not_computable_words() -> frozenset[str]:
    """match_key of the words in a benefit cell that say: not computable."""
    return frozenset(match_key(word) for word in _values()["not_computable"])


@cache
def phases() -> tuple[Phase, ...]:
    """The phases of the programme, in order."""
    return tuple(
        Phase(r["phase_code"], date.fromisoformat(r["upload_from"]), date.fromisoformat(r["upload_to"]))
        for r in read_seed("phases")
    )


@cache
def unit_names() -> dict[str, str]:
    """Unit code to name."""
    return {row["unit_code"]: row["unit_name"] for row in read_seed("units")}
