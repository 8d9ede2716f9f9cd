"""Layout: where a sheet's header is, and which column is which field (contract §2)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sangkien.contract.fields import Dataset, fields, headings, ignored_headings
from sangkien.contract.lists import benefit_units
from sangkien.contract.text import match_key
from sangkien.intake.cells import Row
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


def find_layout(head: Iterable[Row], dataset: Dataset) -> Layout | None:
    """The first row that is a header: at least three known fields, one of them mandatory.

    Raises:
        QuarantineError: Two columns claim the same field, or a mandatory column is missing.
    """
    for above, (line, cells) in enumerate(head):
        texts = [" ".join(cell.split()) if isinstance(cell, str) else "" for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        claims = [_claim(text, dataset) for text in texts]
        claimed = {claim[0] for claim in claims if claim}
        mandatory = {name for name, field in fields(dataset).items() if field.mandatory}
        if len(claimed) >= LEAST_KNOWN_FIELDS and claimed & mandatory:
            _refuse_missing(mandatory - claimed, dataset)
            return _layout(line, above, texts, claims)
    return None


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


def _refuse_missing(missing: set[str], dataset: Dataset) -> None:
    if missing:
        names = [field.heading for name, field in fields(dataset).items() if name in missing]
        raise QuarantineError("missing_column", columns=", ".join(names))


def _layout(
    line: int, above: int, texts: Sequence[str], claims: Sequence[tuple[str, int, str | None] | None]
) -> Layout:
    owners: dict[str, int] = {}
    for position, claim in enumerate(claims):
        if claim is None:
            continue
        name, rank, _ = claim
        rival = owners.get(name)
        rival_claim = claims[rival] if rival is not None else None
        if rival_claim is None or rank < rival_claim[1]:
            owners[name] = position
        elif rival is not None and rank == rival_claim[1]:
            raise QuarantineError("column_claimed_twice", field=name, first=texts[rival], second=texts[position])
    keys = tuple(match_key(text) for text in texts)
    by_position = {position: name for name, position in owners.items()}
    columns = tuple(
        Column(position, text, by_position.get(position), ignored=keys[position] in ignored_headings())
        for position, text in enumerate(texts)
    )
    benefit = claims[owners["benefit"]] if "benefit" in owners else None
    return Layout(line, above, columns, keys, benefit[2] if benefit else None)
