"""Overview: the headline figures as of any date, as a publication tells them (contract §5)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg.rows import dict_row
from rich.table import Table

from sangkien.contract.lists import read_seed
from sangkien.database import connect

BENEFITS = ("reported", "plausible", "completed", "completed_low", "completed_high")
COUNTS = ("submitted", "valid", "invalid", "under_review", "withdrawn")
BILLION = 10**9


class NothingPublishedError(Exception):
    """There is no publication to read from."""


@dataclass(frozen=True)
class Overview:
    """The headline figures; `figures` is the row of marts.overview(as_of)."""

    publication: int
    as_of: date
    figures: dict[str, Any]

    @property
    def by_member_group(self) -> dict[str, int]:
        """The valid initiatives of each member group, in the order of the reference list."""
        codes = [row["member_group_code"] for row in read_seed("member_groups")]
        return {code: self.figures["valid_by_member_group"][code] for code in codes}

    def document(self) -> dict[str, Any]:
        """The figures under the names that scripts rely on (DESIGN, "Names that others rely on")."""
        return {
            "as_of": self.as_of.isoformat(),
            "publication": self.publication,
            **{name: self.figures[name] for name in COUNTS},
            "by_member_group": self.by_member_group,
            "quota_completion": {
                "numerator": self.figures["quota_numerator"],
                "denominator": self.figures["quota_denominator"],
                "basis": self.figures["quota_basis"],
            },
            "benefit_vnd": {name: int(self.figures[f"benefit_{name}_vnd"]) for name in BENEFITS},
        }

    def table(self) -> Table:
        """The figures as a person reads them."""
        table = Table("", "", title=f"As of {self.as_of} (publication {self.publication})", show_header=False)
        for name in COUNTS:
            table.add_row(name.replace("_", " "), f"{self.figures[name]:,}")
        labels = {row["member_group_code"]: row["label_vi"] for row in read_seed("member_groups")}
        for code, count in self.by_member_group.items():
            table.add_row(f"  {labels[code][:60]}", f"{count:,} ({share(count, self.figures['valid'])} of valid)")
        numerator, denominator = self.figures["quota_numerator"], self.figures["quota_denominator"]
        table.add_row(
            "quota completion",
            f"{share(numerator, denominator)} ({numerator:,} of {denominator or 0:,}, {self.figures['quota_basis']})",
        )
        for name in BENEFITS:
            billions = int(self.figures[f"benefit_{name}_vnd"]) / BILLION
            table.add_row(f"benefit {name.replace('_', ' ')}", f"{billions:,.1f} billion đồng")
        return table


def share(part: int, whole: int | None) -> str:
    """A part of a whole, in per cent."""
    return f"{100 * part / whole:.1f}%" if whole else "-"


def overview(dsn: str, as_of: date) -> Overview:
    """Read the figures.

    Args:
        dsn: The warehouse.
        as_of: Deliveries with an export date up to this day, as known now.

    Raises:
        NothingPublishedError: There is no publication yet.
    """
    with connect(dsn) as connection, connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute("select to_regclass('ops.current_publication') is not null as is_there").fetchone()
        shown = cursor.execute("select ops.shown_publication() as n").fetchone() if row and row["is_there"] else None
        if shown is None or shown["n"] is None:
            raise NothingPublishedError("nothing is published yet: run `sangkien refresh`")
        figures = cursor.execute("select * from marts.overview(%s)", [as_of]).fetchone()
    if figures is None:
        raise NothingPublishedError(f"nothing is told of {as_of}: the programme began later")
    return Overview(shown["n"], as_of, figures)
