"""Cells and sheets: what every container is unpacked to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal

from tests.oracle.text import clean

# A text, a native number, a real date or a boolean. In text files every cell is a text.
Cell = str | Decimal | datetime | bool

Coordinates = tuple[int, int]


class QuarantineError(Exception):
    """The delivery cannot be taken; `reason` is a code of this oracle, `detail` says where."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


@dataclass(frozen=True)
class Limits:
    """§1, the limits; all but the cell's quarantine the file."""

    file_bytes: int = 512 * 2**20
    unpacked_bytes: int = 2 * 2**30
    ratio: int = 200
    rows: int = 5_000_000
    columns: int = 200
    cell_bytes: int = 2**20


@dataclass
class Sheet:
    """Records with their line numbers; `merged` are ranges ((row, column), (row, column)) of record positions."""

    rows: list[tuple[int, list[Cell]]]
    merged: list[tuple[Coordinates, Coordinates]] = field(default_factory=list)
    is_text: bool = False
    date1904: bool = False
    open_quote: int | None = None
    text: str = ""
    delimiter: str = ""


def shown(cell: Cell) -> str:
    """A cell as text, cleaned."""
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(" ", "seconds")
    return str(int(cell)) if cell == cell.to_integral_value() else format(cell.normalize(), "f")


def filled(cell: Cell) -> bool:
    """Whether a cell is not empty. A null word such as `-` is not empty."""
    return shown(cell) != ""


def native(value: object) -> Cell:
    """A value of python-calamine as a cell."""
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return Decimal(repr(value))
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time.min)
    return str(value)
