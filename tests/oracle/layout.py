"""Where the header is, which column is which field, and which lines are no data (CONTRACT §1 and §2)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.oracle.cells import Cell, Limits, QuarantineError, Sheet, filled, shown
from tests.oracle.fields import BENEFIT_UNITS, IGNORED_HEADERS, Dataset
from tests.oracle.text import can_be_a_code, match_key

HEADER_SEARCH_ROWS = 30


@dataclass
class Header:
    """A recognised header: the names by column, where it ends, and what each known field's columns are."""

    names: list[str]
    first_row: int
    last_row: int
    columns: dict[str, list[tuple[int, int]]] = field(default_factory=dict)  # field -> [(rank, column)]
    benefit_heading_unit: str | None = None

    @property
    def last_column(self) -> int:
        return max(column for column, name in enumerate(self.names) if name)


def find_header(sheet: Sheet, dataset: Dataset) -> Header | None:
    """The first recognised header in the first 30 rows, alone or with the row above it through merged cells."""
    rows = sheet.rows[:HEADER_SEARCH_ROWS]
    for row in range(len(rows)):
        alone = _header(_names(sheet, row), row, row, dataset)
        double = _double_header(sheet, row, dataset) if row + 1 < len(rows) else None
        if double is not None:
            return double
        if _recognised(alone, dataset):
            return alone
    return None


def _names(sheet: Sheet, row: int) -> list[str]:
    return [shown(cell) for cell in sheet.rows[row][1]]


def _header(names: list[str], first_row: int, last_row: int, dataset: Dataset) -> Header:
    header = Header(names, first_row, last_row)
    for column, name in enumerate(names):
        if not match_key(name) or match_key(name) in IGNORED_HEADERS:
            continue
        for known in dataset.fields:
            rank = known.rank(name)
            if rank is None and known.name == "benefit" and (split := _heading_with_unit(name)):
                rank = known.rank(split[0])
            if rank is not None:
                header.columns.setdefault(known.name, []).append((rank, column))
    return header


def _heading_with_unit(name: str) -> tuple[str, str] | None:
    """`Giá trị làm lợi (triệu đồng)`: the heading and the unit, where that is one."""
    found = re.fullmatch(r"(.*\S)\s*\(([^()]*)\)", name)
    if found is None or benefit_unit(found[2]) is None:
        return None
    return found[1], found[2]


def benefit_unit(text: str) -> tuple[int, str, bool] | None:
    """A unit as (factor, currency, per year), or None when it is not in the list."""
    key = match_key(text)
    body = key.removesuffix(" nam")
    known = BENEFIT_UNITS.get(body)
    return (*known, body != key) if known else None


def _recognised(header: Header, dataset: Dataset) -> bool:
    """§2: at least three known fields, one of them mandatory."""
    return len(header.columns) >= 3 and any(name in header.columns for name in dataset.mandatory)


def _double_header(sheet: Sheet, row: int, dataset: Dataset) -> Header | None:
    """A header of this row and the next: only through merged cells, and only where both rows have a part in it."""
    touching = [((r0, c0), (r1, c1)) for (r0, c0), (r1, c1) in sheet.merged if r0 <= row <= r1]
    if not touching:
        return None
    upper, lower = _names(sheet, row), _names(sheet, row + 1)
    upper += [""] * (len(lower) - len(upper))
    lower += [""] * (len(upper) - len(lower))
    both = _header([low or up for up, low in zip(upper, lower, strict=True)], row, row + 1, dataset)
    above, below = _header(upper, row, row, dataset), _header(lower, row + 1, row + 1, dataset)
    downward = any(r0 == row and r1 > row for (r0, _), (r1, _) in touching)
    lower_counts = len(both.columns) > len(above.columns) or (downward and any(lower))
    upper_counts = len(both.columns) > len(below.columns)
    return both if _recognised(both, dataset) and lower_counts and upper_counts else None


def resolve_columns(header: Header, dataset: Dataset, limits: Limits) -> dict[str, int]:
    """One column for each field that is there.

    Raises:
        QuarantineError: two columns of one rank claim a field, a mandatory one is missing, or there are too many.
    """
    chosen: dict[str, int] = {}
    for name, claims in header.columns.items():
        best = min(claims)[0]
        columns = [column for rank, column in claims if rank == best]
        if len(columns) > 1:
            raise QuarantineError("two_columns_one_field", name)
        chosen[name] = columns[0]
    missing = [name for name in dataset.mandatory if name not in chosen]
    if missing:
        raise QuarantineError("mandatory_column_missing", ", ".join(missing))
    if sum(1 for name in header.names if name) > limits.columns:
        raise QuarantineError("too_many_columns")
    return chosen


def heading_unit(header: Header, columns: dict[str, int]) -> str | None:
    """The unit written in the heading of the benefit column."""
    if "benefit" not in columns:
        return None
    split = _heading_with_unit(header.names[columns["benefit"]])
    return split[1] if split else None


def classify(sheet: Sheet, header: Header, columns: dict[str, int]) -> list[str]:
    """The class of every record of the sheet, by position: title, header, data, or one of the skipped ones."""
    classes = []
    for row, (_, cells) in enumerate(sheet.rows):
        if row < header.first_row:
            classes.append("title")
        elif row <= header.last_row:
            classes.append("header")
        else:
            classes.append(_class_of(cells, header, columns))
    last_data = max((row for row, name in enumerate(classes) if name == "data"), default=-1)
    return [
        ("group" if row < last_data else "footer") if name == "heading" else name for row, name in enumerate(classes)
    ]


def _class_of(cells: list[Cell], header: Header, columns: dict[str, int]) -> str:
    count = sum(map(filled, cells))
    if count == 0:
        return "blank"
    keys = [match_key(shown(cell)) for cell in cells]
    named = [(column, match_key(name)) for column, name in enumerate(header.names) if match_key(name)]
    if 2 * sum(1 for column, key in named if column < len(keys) and keys[column] == key) >= len(named):
        return "repeated"
    texts = [key for key in keys if re.search(r"[^\W\d_]", key)]
    is_total = bool(texts) and texts[0].startswith(("tong", "cong"))

    def there(name: str) -> bool:
        return name in columns and columns[name] < len(cells) and filled(cells[columns[name]])

    if "initiative_code" in columns:
        column = columns["initiative_code"]
        has_code = column < len(cells) and can_be_a_code(shown(cells[column]))
        if is_total and not (has_code and there("title")):
            return "total"
    else:
        # A table of quotas has no code and no title; what makes its rows is a phase and a type of quota
        # (and the names of unions, `Công đoàn …`, begin with `cong`).
        has_code = there("phase") or there("quota_type")
        if is_total and not has_code:
            return "total"
    return "heading" if count <= 2 and not has_code else "data"
