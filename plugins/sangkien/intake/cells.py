"""Cells: every cell is text first; what a spreadsheet held as a number or a date is remembered (contract §2)."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import zip_longest
from math import isfinite
from types import NoneType
from typing import cast

import polars as pl

Cell = str | float | bool | date | datetime | time | timedelta
Row = tuple[int, Sequence[Cell]]

BATCH_ROWS = 50_000
HEAD_ROWS = 30  # where the header is looked for
MOST_BEYOND = 8  # columns to the right of the header's last: a row that has any is rejected, however many it has


def as_text(cell: Cell | None) -> str | None:
    """A cell as text: a number plainly and exactly, a date in ISO form, without a time at midnight."""
    if cell is None or isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float | int):
        return f"{Decimal(repr(cell)).normalize():f}" if isfinite(cell) else str(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def is_native_number(cell: Cell | None) -> bool:
    """Whether a cell is a number of the spreadsheet's own."""
    return isinstance(cell, float | int) and not isinstance(cell, bool) and isfinite(cell)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Make many small objects without Python looking for cycles among them, again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@collector_paused()
def to_frame(rows: Sequence[Row], width: int) -> pl.DataFrame:
    """Some rows as a frame: `line_number`, a text column `c<n>` for each position, `n<n>` where it has native numbers.

    Args:
        rows: The rows.
        width: How many columns the header has; shorter rows are filled with nulls, longer ones make more columns, but
            at most `MOST_BEYOND`: what stands further right is put together in the last of them.
    """
    lines, cells = zip(*rows, strict=True)
    columns = list(zip_longest(*(_folded(row, width) for row in cells)))
    columns += [(None,) * len(lines)] * (width - len(columns))
    series = [pl.Series("line_number", lines, dtype=pl.Int32)]
    for position, column in enumerate(columns):
        kinds = set(map(type, column))
        series.append(pl.Series(f"c{position}", _texts(column, kinds), dtype=pl.String))
        if kinds & {float, int}:
            series.append(pl.Series(f"n{position}", list(map(is_native_number, column)), dtype=pl.Boolean))
    return without_empty_texts(pl.DataFrame(series))


def _texts(column: Sequence[Cell | None], kinds: set[type]) -> Sequence[str | None]:
    if kinds <= {str, NoneType}:
        return cast(Sequence[str | None], column)
    if kinds <= {date, datetime, str, NoneType}:  # the same days come again and again
        texts = {cell: as_text(cell) for cell in set(column)}
        return [texts[cell] for cell in column]
    return list(map(as_text, column))


def _folded(cells: Sequence[Cell], width: int) -> Sequence[Cell]:
    most = width + MOST_BEYOND
    if len(cells) <= most:
        return cells
    end = next((n for n in range(len(cells), width, -1) if cells[n - 1] not in ("", None)), width)
    cells = cells[:end]
    if end <= most:
        return cells
    return [*cells[: most - 1], "\t".join(as_text(cell) or "" for cell in cells[most - 1 :])]


def cell_columns(frame: pl.DataFrame) -> list[str]:
    """The columns of a frame that hold cells."""
    return [name for name in frame.columns if name.startswith("c")]


def without_empty_texts(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with null for every text of no length."""
    return frame.with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)))


def as_json(cells: pl.DataFrame) -> pl.Series:
    """Each row as a JSON object of its cells, with NUL, which PostgreSQL does not take, as U+2400 (contract §1)."""
    return (
        cells.select(pl.struct(pl.all().str.replace_all("\0", "\u2400", literal=True))).to_series().struct.json_encode()
    )
