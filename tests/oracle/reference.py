"""The reference lists beside the contract, read once."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from tests.oracle.text import match_key

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"


@dataclass(frozen=True)
class Phase:
    """One upload phase; both ends belong to it (V06)."""

    code: str
    upload_from: date
    upload_to: date
    cumulative_quota: int


@dataclass(frozen=True)
class Reference:
    """All lists; the value lists map a match_key to its code."""

    units: dict[str, dict[str, str]]
    phases: tuple[Phase, ...]
    member_groups: dict[str, str]
    solution_types: dict[str, str]
    content_categories: dict[str, str]
    statuses: dict[str, str]
    published_quotas: dict[tuple[str, str, str], Decimal]

    @classmethod
    def read(cls, folder: Path) -> Reference:
        """Read the lists from a folder of CSV files."""
        phases = tuple(
            Phase(
                row["phase_code"],
                date.fromisoformat(row["upload_from"]),
                date.fromisoformat(row["upload_to"]),
                int(row["cumulative_quota"]),
            )
            for row in read_list(folder / "phases.csv")
        )
        return cls(
            units={row["unit_code"]: row for row in read_list(folder / "units.csv")},
            phases=phases,
            member_groups=_value_list(folder / "member_groups.csv", "member_group_code"),
            solution_types=_value_list(folder / "solution_types.csv", "solution_type_code"),
            content_categories=_value_list(folder / "content_categories.csv", "content_category_code"),
            statuses=_value_list(folder / "report_statuses.csv", "status_code"),
            published_quotas={
                (row["unit_code"], row["phase_code"], row["quota_type"]): Decimal(row["quota"])
                for row in read_list(folder / "quotas_published.csv")
            },
        )


def read_list(path: Path) -> list[dict[str, str]]:
    """The lines of a list, by column."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _value_list(path: Path, code_column: str) -> dict[str, str]:
    """§2: list values are matched by match_key against code, label and aliases."""
    keys: dict[str, str] = {}
    for row in read_list(path):
        code = row[code_column]
        for name in (code, row["label_vi"], *row["aliases"].split("|")):
            key = match_key(name)
            if keys.setdefault(key, code) != code:
                raise ValueError(f"{path.name}: {name!r} names two values")
    return keys
