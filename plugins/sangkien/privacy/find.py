"""Finding a person: the rows that are one author's, and where else the name is mentioned."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import polars as pl
from psycopg.rows import dict_row

from sangkien.contract.text import code_key, match_key
from sangkien.database import Connection
from sangkien.intake.values import DayOrder, read_birth
from sangkien.intake.waiting import surrogates
from sangkien.privacy.requests import PersonRequest

Place = tuple[str, int, int]
"""Unit, number of the delivery, line."""

# Where else than as the author's a name may stand in a row.
MENTIONED_IN = ("title", "description", "coauthors", "job_title", "workplace")

_ROWS = """
select
    l.*, s.code_key, s.author_key, s.duplicate_key, s.rule_codes, s.unknown_value_fields,
    d.file_name, d.sha256, d.status as delivery_status,
    d.decisions -> 'day_order' ->> 'author_birth' as birth_order
from staging.initiative as s
inner join landing.initiative as l using (unit_code, delivery_no, line_number)
inner join ops.delivery as d using (unit_code, delivery_no)
where {}
order by unit_code, delivery_no, line_number
"""
_MENTIONS = """
select unit_code, delivery_no, line_number, sha256, file_name, title, description, coauthors, job_title, workplace
from landing.initiative inner join ops.delivery using (unit_code, delivery_no) where unit_code = any(%s)
"""


@dataclass(frozen=True)
class Found:
    """What the warehouse holds of a person.

    Attributes:
        rows: The rows that are the person's as an author, as delivered, with their delivery and what they were judged.
        rejected: Rows that could not be an initiative, and name the person: their place and cells.
        namesakes: How many rows bear the same name, but are another's or cannot be told.
        mentions: Rows of others, in the units of the person's, that mention the name: their place and texts.
        rejected_mentions: The same, of rows that could not be an initiative: their place and cells.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    namesakes: int = 0
    mentions: list[dict[str, Any]] = field(default_factory=list)
    rejected_mentions: list[dict[str, Any]] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """Numbers without anything personal."""
        return {
            "rows": len(self.rows),
            "initiatives": len({(row["unit_code"], row["code_key"]) for row in self.rows}),
            "units": len({row["unit_code"] for row in self.rows}),
            "files": len({row["sha256"] for row in self.rows}),
            "rejected_rows": len(self.rejected),
            "rows_of_namesakes": self.namesakes,
            "mentions_in_rows_of_others": len(self.mentions) + len(self.rejected_mentions),
        }


def find(connection: Connection, request: PersonRequest, pseudonym_key: bytes) -> Found:
    """Find a person by the name and at least one of birth, card and initiative.

    A row is the person's if it bears the name, and the birth, the card or the initiative's code. So is every version of
    such an initiative that bears the name, and every row that is the same initiative by the contract (§4: equal title
    and author), wherever it was filed. Cards and births of these rows tell of further ones.
    """
    key = match_key(request.author_name)
    surrogate = surrogates(pl.Series([key]), pseudonym_key).item()
    named = _rows(connection, "s.author_key = %s", surrogate)
    own = _closed(named, request)
    units = sorted({row["unit_code"] for row in own})
    places = {place_of(row) for row in named}
    rejected, others = _rejected(connection, key, request)
    return Found(
        own,
        rejected,
        len(named) - len(own),
        [row for row in _mentions(connection, key, units) if place_of(row) not in places],
        [row for row in others if row["unit_code"] in units],
    )


def _rows(connection: Connection, condition: str, value: Any) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_ROWS.format(condition).encode(), [value]).fetchall()


def _closed(named: list[dict[str, Any]], request: PersonRequest) -> list[dict[str, Any]]:
    """The rows that are the person's, and those that follow from them."""
    own = {place_of(row) for row in named if _is_asked_for(row, request)}
    while True:
        known = [row for row in named if place_of(row) in own]
        told = [{value for row in known if (value := _told(row, what))} for what in _TELLING]
        more = {
            place_of(row)
            for row in named
            if any(_told(row, what) in values for what, values in zip(_TELLING, told, strict=True))
        }
        if more <= own:
            return known
        own |= more


_LEAST_SIGNS = 3  # distinct ones in a card's number: "000000" is nobody's
_TELLING = ("initiative", "duplicate_key", "member_card", "author_birth")


def _told(row: dict[str, Any], what: str) -> Any:
    """What a row tells of who its author is: a year alone tells nothing."""
    if what == "initiative":
        return row["unit_code"], row["code_key"]
    if what == "author_birth":
        span = _birth(row)
        return span[0] if span and span[0] == span[1] else None
    if what == "member_card":
        card = match_key(row["member_card"] or "")
        return card if len(set(card)) >= _LEAST_SIGNS else None
    return row[what]


def _is_asked_for(row: dict[str, Any], request: PersonRequest) -> bool:
    code = code_key(pl.Series([request.initiative_code], dtype=pl.String)).item()
    if code and (row["unit_code"], row["code_key"]) == (request.unit_code, code):
        return True
    if request.member_card and row["member_card"]:
        return bool(match_key(row["member_card"]) == match_key(request.member_card))
    span = _birth(row)
    return bool(request.author_birth and span and span == (request.author_birth, request.author_birth))


def _birth(row: dict[str, Any]) -> Any:
    order = cast(DayOrder, row["birth_order"] or "day_first")
    text = (row["author_birth"] or "").strip()
    return read_birth(text, order, native=False, serials=True, date_1904=False) if text else None


def _rejected(
    connection: Connection, key: str, request: PersonRequest
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rejected rows that bear the name, and the birth or the card somewhere; and those that bear the name alone."""
    own: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    birth = request.author_birth
    signs = {match_key(request.member_card)} if request.member_card else set()
    signs |= {match_key(f"{birth:{form}}") for form in ("%d/%m/%Y", "%Y-%m-%d")} if birth else set()
    for row in _streamed(
        connection, "select * from landing.rejected_row inner join ops.delivery using (unit_code, delivery_no)", []
    ):
        keys = {match_key(cell) for cell in row["cells"].values() if cell}
        if any(mentions(cell, key) for cell in keys):
            (own if signs & keys else others).append(row)
    return own, others


def _mentions(connection: Connection, key: str, units: list[str]) -> Iterator[dict[str, Any]]:
    for row in _streamed(connection, _MENTIONS, [units]):
        if any(mentions(row[name], key) for name in MENTIONED_IN if row[name]):
            yield row


def _streamed(connection: Connection, query: str, values: list[Any]) -> Iterator[dict[str, Any]]:
    with connection.cursor("rows", row_factory=dict_row) as cursor:
        cursor.itersize = 20_000
        yield from cursor.execute(query.encode(), values)


def mentions(text: str, key: str) -> bool:
    """Whether the words of a `match_key` follow each other in a text."""
    return f" {key} " in f" {match_key(text)} "


_WORD = re.compile(r"[^\W_]+")


def without(text: str, key: str, instead: str) -> str:
    """The text with something else wherever the words of a `match_key` follow each other."""
    words = list(_WORD.finditer(text))
    keys = [match_key(word.group()) for word in words]
    sought, position, pieces = key.split(), 0, []
    at = 0
    while at + len(sought) <= len(words):
        if keys[at : at + len(sought)] == sought:
            pieces += [text[position : words[at].start()], instead]
            position = words[at + len(sought) - 1].end()
            at += len(sought)
        else:
            at += 1
    return "".join([*pieces, text[position:]])


def place_of(row: dict[str, Any]) -> Place:
    """Unit, number of the delivery, and line."""
    return row["unit_code"], row["delivery_no"], row["line_number"]


def as_document(found: Found) -> str:
    """What a person gets who asks for it (JSON): every row as delivered, with file and line, and the counts."""
    left_out = {"author_key", "duplicate_key", "birth_order"}
    rows = [{name: value for name, value in row.items() if name not in left_out and value} for row in found.rows]
    return json.dumps({"counts": found.counts(), "rows": rows}, ensure_ascii=False, indent=1, default=str)
