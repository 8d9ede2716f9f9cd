"""A table of initiatives as numbers: what each is, before anything of it is written as text."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sangkien.simulate.draw import IntArray

NULL = -1
"""In a column of codes: no value. As a mark: the cell is empty."""


@dataclass
class Table:
    """Parallel columns of whole numbers, one row for each initiative (or version).

    Attributes:
        columns: Values by name: codes of lists, ordinals of days, numbers of words.
        marks: By field, what its cell holds instead of its value: 0 nothing, NULL an empty cell, n special text n.
    """

    columns: dict[str, IntArray]
    marks: dict[str, IntArray] = field(default_factory=dict)

    def __getitem__(self, name: str) -> IntArray:
        return self.columns[name]

    def __setitem__(self, name: str, values: IntArray) -> None:
        self.columns[name] = values

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def mark(self, name: str, rows: IntArray, marks: IntArray | int) -> None:
        """Put marks on the cells of a field."""
        self.marks.setdefault(name, np.zeros(len(self), dtype=np.int64))[rows] = marks

    def unmark(self, name: str, rows: IntArray) -> None:
        """Let the cells of a field hold their values."""
        if name in self.marks:
            self.marks[name][rows] = 0

    def marks_of(self, name: str) -> IntArray:
        """The marks of a field."""
        return self.marks.get(name, np.zeros(len(self), dtype=np.int64))

    def take(self, rows: IntArray) -> "Table":
        """A copy of some rows, in that order."""
        return Table(
            {name: values[rows] for name, values in self.columns.items()},
            {name: marks[rows] for name, marks in self.marks.items()},
        )


def chained(tables: Sequence[Table]) -> Table:
    """The rows of tables of the same columns, one after the other."""
    marked = sorted({name for table in tables for name in table.marks})
    return Table(
        {name: np.concatenate([table[name] for table in tables]) for name in tables[0].columns},
        {name: np.concatenate([table.marks_of(name) for table in tables]) for name in marked},
    )
