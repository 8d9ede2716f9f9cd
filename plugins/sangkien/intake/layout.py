"""Layout: where a sheet's header is, and which column is which field (contract §2)."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from sangkien.contract.fields import Dataset, fields, headings, ignored_headings
from sangkien.contract.lists import benefit_units
from sangkien.contract.text import match_key, without_controls
from sangkien.intake.cells import Cell, Row
from sangkien.intake.quarantine import QuarantineError

LEAST_KNOWN_FIELDS = 3

_UNIT_IN_HEADING = re.compile(r"(?P<heading>.*)\((?P<unit>[^()]*)\)\s*", re.DOTALL)


@dataclass(frozen=True)
class Column:
    """One column of the table. `field`: what it was recognised as; none: unknown, or known and not read."""

    position: int
    heading: str
    field: str | None
    ignored: bool = False


@dataclass(frozen=True)
class Layout:
    """A recognised header.

    Attributes:
        header_line: Its line number.
        rows_above: How many rows stand above it.
        columns: Every column up to the last one that has a heading.
        heading_keys: match_key of each of their headings.
        benefit_unit: The unit of money that stands in the benefit's heading.
    """

    header_line: int
    rows_above: int
    columns: tuple[Column, ...]
    heading_keys: tuple[str, ...]
    benefit_unit: str | None

    def position(self, field: str) -> int | None:
        """The column of a field."""
        return next((column.position for column in self.columns if column.field == field), None)


def find_layout(head: Sequence[Row], dataset: Dataset, merged_lines: Collection[int] = ()) -> Layout | None:
    """The first row that is a header: at least three known fields, one of them mandatory.

    Args:
        head: The first rows.
        dataset: Whose fields are looked for.
        merged_lines: The lines with merged cells. Such a row may be the upper one of a header of two rows: the lower
            wins, the upper counts where the lower is empty, and only if both know more fields than either.

    Raises:
        QuarantineError: Two columns claim the same field, or a mandatory column is missing.
    """
    for above, (line, cells) in enumerate(head):
        if len(cells) < LEAST_KNOWN_FIELDS and line not in merged_lines:
            continue
        header = upper = _Header(line, above, _texts(cells), dataset)
        if line in merged_lines and above + 1 < len(head):
            below, cells_below = head[above + 1]
            lower = _Header(below, above + 1, _texts(cells_below), dataset)
            both = _Header(below, above, _laid_over(upper.texts, lower.texts), dataset)
            if len(both.claimed) > max(len(upper.claimed), len(lower.claimed)):
                header = both
        if len(header.claimed) >= LEAST_KNOWN_FIELDS and header.claimed & _mandatory(dataset):
            return _layout(header, dataset)
    return None


class _Header:
    """A row that may be a header, and what its cells claim to be."""

    def __init__(self, line: int, rows_above: int, texts: list[str], dataset: Dataset) -> None:
        self.line, self.rows_above, self.texts = line, rows_above, texts
        self.claims = [_claim(text, dataset) for text in texts]
        self.claimed = {claim[0] for claim in self.claims if claim}


def _texts(cells: Sequence[Cell]) -> list[str]:
    texts = [" ".join(without_controls(cell).split()) if isinstance(cell, str) else "" for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _laid_over(upper: list[str], lower: list[str]) -> list[str]:
    return [below or above for above, below in zip_longest(upper, lower, fillvalue="")]


def _mandatory(dataset: Dataset) -> set[str]:
    return {name for name, field in fields(dataset).items() if field.mandatory}


def _claim(text: str, dataset: Dataset) -> tuple[str, int, str | None] | None:
    """Which field a heading claims, with what rank, and the unit of money in it."""
    if found := headings(dataset).get(match_key(text)):
        return (*found, None)
    parted = _UNIT_IN_HEADING.fullmatch(text)
    if parted and match_key(parted["unit"]) in benefit_units():
        found = headings(dataset).get(match_key(parted["heading"]))
        if found and found[0] == "benefit":
            return (*found, parted["unit"])
    return None


def _layout(header: _Header, dataset: Dataset) -> Layout:
    missing = _mandatory(dataset) - header.claimed
    if missing:
        names = [field.heading for name, field in fields(dataset).items() if name in missing]
        raise QuarantineError("missing_column", columns=", ".join(names))
    owners: dict[str, int] = {}
    for position, claim in enumerate(header.claims):
        if claim is None:
            continue
        name, rank, _ = claim
        rival = owners.get(name)
        rival_claim = header.claims[rival] if rival is not None else None
        if rival_claim is None or rank < rival_claim[1]:
            owners[name] = position
        elif rival is not None and rank == rival_claim[1]:
            first, second = header.texts[rival], header.texts[position]
            raise QuarantineError("column_claimed_twice", field=name, first=first, second=second)
    keys = tuple(match_key(text) for text in header.texts)
    by_position = {position: name for name, position in owners.items()}
    columns = tuple(
        Column(position, text, by_position.get(position), ignored=keys[position] in ignored_headings())
        for position, text in enumerate(header.texts)
    )
    benefit = header.claims[owners["benefit"]] if "benefit" in owners else None
    return Layout(header.line, header.rows_above, columns, keys, benefit[2] if benefit else None)
