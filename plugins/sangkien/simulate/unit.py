"""One unit's deliveries of initiatives, from its plan to the files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from sangkien.simulate.cells import Page, chained_cells, write_cells
from sangkien.simulate.draw import IntArray, stream
from sangkien.simulate.files import put, text_file, workbook
from sangkien.simulate.history import NEVER, Version, apply_versions, file_rows
from sangkien.simulate.plan import Batch, Night, UnitPlan
from sangkien.simulate.population import Population, populate
from sangkien.simulate.recipe import CLASS, State
from sangkien.simulate.schedule import FULL_RANKS
from sangkien.simulate.style import CodeForm, Style, choose_style
from sangkien.simulate.table import Table
from sangkien.simulate.truth import Changes, added, changes_of

# Workbooks take ten times as long to write: a share of the small files.
_EXCEL_PERCENT, _EXCEL_MOST_ROWS = 40, 800
_RECASED = 5  # one correction in so many writes the code in small letters: the same initiative (contract §3)


@dataclass(frozen=True)
class UnitResult:
    """What was written for a unit.

    Attributes:
        files: Paths below the inbox.
        rows: Data rows in them.
        initiatives: The size of the unit's programme, as a measure of the work done.
        changes: How the figures change.
    """

    files: tuple[str, ...]
    rows: int
    initiatives: int
    changes: Changes


@dataclass
class _Desk:
    """Where one unit's files are made."""

    plan: UnitPlan
    style: Style
    out: Path

    def page(self, table: Table, code: CodeForm, suffix: str = "", *, native: bool = False) -> Page:
        return Page(self.plan, self.style, table, code, suffix, native)

    def put(self, name: str, pages: Sequence[Page], *, excel: bool = False) -> str:
        """Write a file of the cells of some pages, one after the other; its path below the inbox."""
        headings = [self.style.headings[column] for column in self.style.layout]
        beyond = np.flatnonzero(np.concatenate([page.table["beyond"] for page in pages])).tolist()
        columns = chained_cells([write_cells(page) for page in pages], self.style.layout)
        if excel:
            content = workbook(headings, columns, self.style.null, beyond)
        else:
            content = text_file(headings, columns, self.style.form, self.style.null, beyond)
        path = f"{self.plan.unit.code}/{name}.{'xlsx' if excel else self.style.form.extension}"
        put(self.out / path, content)
        return path


def write_unit(plan: UnitPlan, out: Path, until: date | None) -> UnitResult:
    """Write a unit's deliveries.

    Args:
        plan: What the unit delivers.
        out: The inbox.
        until: The last export date to be written, but for that of a further night; none: all.
    """
    style = choose_style(plan)
    desk = _Desk(plan, style, out)
    population = populate(plan, plan.programme, style)
    files: list[str] = []
    rows = 0
    last = until.toordinal() if until else plan.programme.dates[-1]
    changes: Changes = {day: change for day, change in changes_of(plan.programme, population).items() if day <= last}
    for delivery, day in enumerate(plan.programme.dates):
        if day > last:
            break
        for name, table in _files_of(plan, population, delivery):
            excel = len(table) <= _EXCEL_MOST_ROWS and _is_excel(plan, day)
            files.append(desk.put(name, [desk.page(table, style.code, native=excel and style.native)], excel=excel))
            rows += len(table)
    if plan.night is not None and plan.night.rows:
        name, further = _put_night(desk, plan.night, population, until)
        files.append(name)
        rows += plan.night.rows
        changes = added([changes, further])
    return UnitResult(tuple(files), rows, int(plan.programme.counts.sum()), changes)


def _is_excel(plan: UnitPlan, day: int) -> bool:
    return bool(stream(plan.seed, plan.unit.code, "excel", day).integers(100) < _EXCEL_PERCENT)


def _files_of(plan: UnitPlan, population: Population, delivery: int) -> Iterator[tuple[str, Table]]:
    """The files of one delivery by name, without extension; none when there is nothing to deliver."""
    batch, fates = plan.programme, population.fates
    rows, versions = file_rows(batch, fates, delivery)
    if not len(rows):
        return
    table = population.table.take(rows)
    apply_versions(table, versions, stream(plan.seed, plan.unit.code, "versions", delivery))
    is_correction = (fates.turn[rows] == delivery) & fates.turn_writes[rows]
    table["recased"] = (is_correction & (table["code"] % _RECASED == 0)).astype(np.int64)
    table = table.take(np.argsort(table["code"], kind="stable"))
    name = f"initiatives_{date.fromordinal(batch.dates[delivery])}"
    if delivery != batch.full_at:
        yield name, table
        return
    parts = 2 if plan.rank == FULL_RANKS[0] else 1
    for part, some in enumerate(np.array_split(np.arange(len(table)), parts), start=1):
        yield f"{name}_full" + (f"_p{part:02}of{parts:02}" if parts > 1 else ""), table.take(some)


def _put_night(desk: _Desk, night: Night, programme: Population, until: date | None) -> tuple[str, Changes]:
    """Write a further night's delta: corrections of what is delivered already, then new initiatives.

    Where fewer stand to be corrected than planned, new ones make up for them.
    """
    plan, batch = desk.plan, night.batch
    day = date.fromordinal(batch.dates[0])
    delivered = _standing(plan.programme, programme, min(day, until or day).toordinal())
    draws = stream(plan.seed, plan.unit.code, batch.label, "corrections")
    chosen = np.sort(draws.permutation(delivered)[: night.corrections])
    corrected = programme.table.take(chosen)
    apply_versions(corrected, np.full_like(chosen, Version.REVISED), draws)
    corrected["recased"] = (corrected["code"] % _RECASED == 0).astype(np.int64)

    counts = batch.counts.copy()
    counts[0, CLASS["valid_0"]] += night.corrections - len(chosen)
    new = populate(plan, replace(batch, counts=counts), desk.style)
    new.table["recased"] = np.zeros_like(new.table["code"])
    code = replace(desk.style.code, prefix=f"{desk.style.code.prefix}{day:%y%m%d}.")
    # The programme may deliver on the same day: a part of a delta stands after the file without a part (contract §1).
    part = "_p01of01" if batch.dates[0] in plan.programme.dates else ""
    pages = [desk.page(corrected, desk.style.code), desk.page(new.table, code, suffix=f" đợt {day:%d.%m.%Y}")]
    return desk.put(f"initiatives_{day}{part}", pages), changes_of(batch, new)


def _standing(batch: Batch, population: Population, last: int) -> IntArray:
    """Valid initiatives that are delivered by a day, will not change after it, and are bound to no other."""
    fates = population.fates
    dates = np.array(batch.dates, dtype=np.int64)
    settled = (fates.turn == NEVER) | (dates[fates.turn] <= last)
    free = (fates.last_state >= State.VALID) & settled & (dates[fates.delivery] <= last) & ~fates.prescribed
    return np.flatnonzero(free)
