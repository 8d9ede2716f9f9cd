"""What a case of several nights is: each in units of its own.

A scenario's units are the letters a, b, c …, given real unit codes in ascending order. Files are named with `D1` to
`D9` for export dates (2023-08-01 to 2023-08-09). A file is a list of rows, `code: changes`, or raw bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.scenarios.build import Value

Rows = list[tuple[str, dict[str, Value]]]
Files = Mapping[tuple[str, str], Rows | bytes]
Outcome = tuple[str, str]  # verdict, rules


@dataclass(frozen=True)
class NightsCase:
    """Several nights of a few units; `after` is what their initiatives are at the end, `as_of` as of a day."""

    name: str
    nights: list[Files]
    after: dict[tuple[str, str], Outcome]
    statuses: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    as_of: dict[str, dict[tuple[str, str], Outcome]] = field(default_factory=dict)


V: Outcome = ("valid", "")
GONE: Outcome = ("withdrawn", "")
SAME: dict[str, Value] = {"title": "Giải pháp dùng chung", "author_name": "Phạm Thị Dùng Chung"}
"""Title and author that make rows of one scenario the same initiative (the scenario's name is added to both)."""


def same(submitted_on: str, **changes: Value) -> dict[str, Value]:
    """A row that is the same initiative as others of the scenario."""
    return {**SAME, "submitted_on": submitted_on, **changes}


def rows(*codes: str) -> Rows:
    """Valid rows that are initiatives of their own."""
    return [(code, {}) for code in codes]


def tens(letter: str, count: int) -> Rows:
    """Rows worth ten đồng each."""
    return [(f"{letter}{number}", {"benefit": "10"}) for number in range(1, count + 1)]


NO_ROWS: Rows = []
"""A file that has the header and no row."""
