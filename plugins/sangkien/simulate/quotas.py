"""The quotas that units deliver: they add up to the programme's, in proportion to the simulation's size."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from sangkien.contract.fields import fields
from sangkien.simulate.cells import Cells, upper_unions, workplaces
from sangkien.simulate.draw import IntArray, Stream, apportion, proportion, stream
from sangkien.simulate.files import put, text_file, workbook
from sangkien.simulate.plan import UnitPlan
from sangkien.simulate.programme import Programme
from sangkien.simulate.schedule import weight
from sangkien.simulate.style import Style, choose_style

_FIRST_EXPORT, _LAST_EXPORT = date(2022, 1, 10).toordinal(), date(2022, 2, 28).toordinal()
_EFFECTIVE_FROM = date(2022, 1, 8)
_REVISED_ON, _REVISED_FROM = date(2022, 5, 25), date(2022, 6, 1)
_REVISING_RANKS = (
    (20, 21),
    (24, 25),
    (28, 29),
    (32, 33),
)  # each pair shifts a part of its quotas, so that the sum stays
_TYPES = {"assigned": ("Giao", "GIAO"), "registered": ("Đăng ký", "đăng ký"), "self_set": ("Tự đặt", "TỰ ĐẶT")}
_PHASES = (("I", "1"), ("II", "2"))
_EXCEL_PERCENT = 30


@dataclass(frozen=True)
class _Row:
    """One quota. `union`: none for the unit itself."""

    phase: int
    quota_type: str
    quota: int
    union: str | None = None
    parent: str | None = None


def write_quotas(
    programme: Programme, plans: Sequence[UnitPlan], rows: int, out: Path, until: date | None
) -> list[str]:
    """Write the quotas of every unit.

    Args:
        programme: What was published: the quotas of the programme and of single units.
        plans: The units.
        rows: The simulation's size, for the proportion.
        out: The inbox.
        until: The last export date to be written; none: all.

    Returns:
        Paths below the inbox.
    """
    assigned = [_assigned(programme, plans, phase, rows) for phase in range(len(programme.phases))]
    shifts = _shifts(plans, assigned[-1])
    files = []
    for i, plan in enumerate(plans):
        draws = stream(plan.seed, plan.unit.code, "quotas")
        exported = date.fromordinal(int(draws.integers(_FIRST_EXPORT, _LAST_EXPORT + 1)))
        listed = list(_rows_of(programme, plan, [int(quotas[i]) for quotas in assigned], rows, draws))
        wanted = [(exported, _EFFECTIVE_FROM, listed)]
        if i in shifts:
            wanted.append((_REVISED_ON, _REVISED_FROM, [_Row(1, "assigned", int(assigned[1][i]) + shifts[i])]))
        for day, effective_from, some in wanted:
            if some and (until is None or day <= until):
                files.append(_put(plan, out, day, effective_from, some, draws))
    return files


def _assigned(programme: Programme, plans: Sequence[UnitPlan], phase: int, rows: int) -> IntArray:
    """The assigned quota of each unit: as published where it is, the rest by size."""
    total = proportion(programme.phase_quotas[phase], rows, programme.full_size)
    published = {
        quota.unit_code: proportion(quota.quota, rows, programme.full_size)
        for quota in programme.unit_quotas
        if quota.phase_code == programme.phases[phase].code and quota.quota_type == "assigned"
    }
    weights = [0 if plan.unit.code in published else weight(plan.rank) for plan in plans]
    quotas = apportion(total - sum(published.values()), weights)
    return quotas + np.array([published.get(plan.unit.code, 0) for plan in plans], dtype=np.int64)


def _shifts(plans: Sequence[UnitPlan], quotas: IntArray) -> dict[int, int]:
    """By how much units revise their quota of the last phase: one of a pair up, the other down."""
    at_rank = {plan.rank: i for i, plan in enumerate(plans)}
    shifts: dict[int, int] = {}
    for up, down in ((at_rank[first], at_rank[second]) for first, second in _REVISING_RANKS):
        if part := int(quotas[down]) // 10:
            shifts |= {up: part, down: -part}
    return shifts


def _rows_of(programme: Programme, plan: UnitPlan, assigned: Sequence[int], rows: int, draws: Stream) -> Iterator[_Row]:
    """The quotas of a unit, then of some of its unions."""
    for phase, quota in enumerate(assigned):
        if quota:
            yield _Row(phase, "assigned", quota)
    published = {
        quota.quota_type: proportion(quota.quota, rows, programme.full_size)
        for quota in programme.unit_quotas
        if quota.unit_code == plan.unit.code and quota.quota_type != "assigned"
    }
    for quota_type, share in (("registered", 40), ("self_set", 25)):
        drawn = assigned[-1] * int(draws.integers(110, 180)) // 100 if draws.integers(100) < share else 0
        if quota := published.get(quota_type, drawn):
            yield _Row(1, quota_type, quota)
    unions = upper_unions(plan)
    for number in draws.permutation(len(unions))[: int(draws.integers(3, 7))]:
        for phase, whole in enumerate(assigned):
            if quota := whole * int(draws.integers(3, 10)) // 100:
                yield _Row(phase, "assigned", quota, unions[number], plan.unit.name)
    grassroots = workplaces(plan, np.arange(3), np.array([1, 0, 1]))
    for number, name in enumerate(pl.select(grassroots).to_series()):
        if quota := assigned[-1] // 200:
            yield _Row(1, "assigned", quota, f"CĐCS {name}", unions[number % len(unions)])


def _put(plan: UnitPlan, out: Path, day: date, effective_from: date, rows: Sequence[_Row], draws: Stream) -> str:
    """Write one quotas file; its path below the inbox."""
    style = choose_style(plan)
    excel = bool(draws.integers(100) < _EXCEL_PERCENT)
    cells = _cells(plan, style, effective_from, rows, draws, native=excel and style.native)
    headings = [style.quota_headings[name] for name in fields("quotas")]
    columns = [cells[name] for name in fields("quotas")]
    write = workbook if excel else partial(text_file, form=style.form)
    path = f"{plan.unit.code}/quotas_{day}.{'xlsx' if excel else style.form.extension}"
    put(out / path, write(headings, columns, null=style.null))
    return path


def _cells(
    plan: UnitPlan, style: Style, effective_from: date, rows: Sequence[_Row], draws: Stream, *, native: bool
) -> dict[str, Cells]:
    own_name = plan.unit.name if draws.integers(2) else None
    spelling = int(draws.integers(2))
    # A single group after a comma or point is read as Vietnamese: other styles go without.
    group = style.numbers.group if style.numbers.group in (".", " ") else ""
    quotas = [row.quota for row in rows]
    written = style.dates.format(d=effective_from.day, m=effective_from.month, y=effective_from.year)
    effective: object = None if draws.integers(4) == 0 else effective_from if native else written
    return {
        "union": _texts([row.union or own_name for row in rows]),
        "parent_union": _texts([row.parent for row in rows]),
        "phase": _texts([_PHASES[row.phase][spelling] for row in rows]),
        "quota_type": _texts([_TYPES[row.quota_type][spelling] for row in rows]),
        "quota": list(quotas) if native else _texts([f"{quota:,}".replace(",", group) for quota in quotas]),
        "decision_number": _texts([f"{1 + plan.rank}/QĐ-LĐLĐ"] * len(rows)),
        "effective_from": [effective] * len(rows) if native else _texts([effective] * len(rows)),
    }


def _texts(values: Sequence[object]) -> pl.Series:
    return pl.Series(values, dtype=pl.String)
