"""Rewriting a delivered file without some of its cells; all that it does not name reads as before.

A text stays a text, a page of HTML a page; a workbook becomes an .xlsx with the one sheet that was read. What comes out
is read again and compared, row by row, before anybody relies on it.
"""

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lxml.html
import polars as pl

from sangkien.contract.delivery_name import DeliveryName
from sangkien.intake.cells import cell_columns
from sangkien.intake.read import Reading
from sangkien.intake.tables import cells_by_column, html_tables, whole_text
from sangkien.intake.waiting import Waiting
from sangkien.settings import Limits
from sangkien.sheets import open_workbook

Changes = Mapping[int, Mapping[str, str | None] | Callable[[str], str]]
"""By line: the fields that get another text (`unknown_columns`: whatever stands in them goes); or what each cell
becomes, for a row that is none of an initiative."""

Cells = dict[int, Callable[[int, str], str]]

# What may differ once a person is gone: keys and ages of the changed lines, what was decided about letters, and in how
# many cells something personal stands.
_OF_THE_PERSON = (
    "duplicate_key", "author_key", "title_key_length", "title_has_two_letters", "author_age_least", "author_age_most",
)  # fmt: skip
_OF_LETTERS = (
    "encoding", "delimiter", "legacy_encoding", "legacy_columns", "columns", "unknown_columns", "personal_data",
)  # fmt: skip


class NotRewritableError(Exception):
    """A file would read otherwise without the person's cells; nothing was changed."""


def rewrite(path: Path, name: DeliveryName, limits: Limits, changes: Changes, folder: Path) -> Path:
    """Write a file anew without some of its cells.

    Args:
        path: The file, which was accepted under this name.
        name: What its name says.
        limits: What a file may cost.
        changes: What changes, by line.
        folder: Where the new file goes; its caller's to delete.

    Returns:
        The new file.

    Raises:
        NotRewritableError: Other rows, verdicts or counts would come out of it.
    """
    reading = Reading(path, name, limits)
    cells = {line: _changed(reading, changed) for line, changed in changes.items()}
    if "sheet" in reading.decisions:
        data = _workbook(reading, cells)
    else:
        data = _packed_alike(path, _text(path, limits, reading, cells).encode("utf-8-sig"))
    written = folder / f"{path.name}.rewritten"
    written.write_bytes(data)
    _compare(_read(path, name, limits), _read(written, name, limits), changes)
    return written


def _changed(reading: Reading, changed: Mapping[str, str | None] | Callable[[str], str]) -> Callable[[int, str], str]:
    """What a cell of a line becomes, by its column and its text."""
    if callable(changed):
        return lambda _, text: changed(text)
    columns = reading.layout.columns
    instead = {c.position: "" for c in columns if "unknown_columns" in changed and not c.field and not c.ignored}
    instead |= {c.position: changed[c.field] or "" for c in columns if c.field and c.field in changed}
    return instead.get


# texts ---------------------------------------------------------------------------------------------------------------


def _text(path: Path, limits: Limits, reading: Reading, cells: Cells) -> str:
    text = whole_text(path, limits)
    if table := reading.decisions.get("html_table"):
        page, tables = html_tables(text)
        for line, row in enumerate(cells_by_column(tables[table - 1]), start=1):
            for position, cell in row.items() if line in cells else ():
                text_before = str(cell.text_content())
                if (instead := cells[line](position, text_before)) != text_before:
                    cell[:] = []
                    cell.text = instead
        return str(lxml.html.tostring(page, encoding="unicode"))
    lines = io.StringIO(text, newline="").readlines()
    for line, changed in cells.items():
        _change_record(lines, line - 1, reading.decisions["delimiter"], changed)
    return "".join(lines)


def _change_record(lines: list[str], start: int, delimiter: str, changed: Callable[[int, str], str]) -> None:
    """Change cells of the record that starts on a line; it stays as many lines long, so that the others keep theirs."""
    reader = csv.reader(lines[start:], delimiter=delimiter)
    record = next(reader)
    length = reader.line_num
    end = lines[start + length - 1]
    end = end[len(end.rstrip("\r\n")) :]
    for position, text in enumerate(record):
        instead = changed(position, text)
        record[position] = instead + "\n" * (_breaks(text) - _breaks(instead))
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter, lineterminator=end).writerow(record)
    lines[start : start + length] = [written.getvalue(), *[""] * (length - 1)]


def _breaks(text: str) -> int:
    return len(io.StringIO(f"{text}.", newline="").readlines()) - 1


def _packed_alike(path: Path, data: bytes) -> bytes:
    with path.open("rb") as file:
        magic = file.read(4)
    if magic.startswith(b"\x1f\x8b"):
        return gzip.compress(data, mtime=0)
    if not magic.startswith(b"PK"):
        return data
    with zipfile.ZipFile(path) as archive:
        member = next(m for m in archive.infolist() if m.filename.lower().endswith((".csv", ".tsv", ".txt")))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member.filename, data)
    return packed.getvalue()


# workbooks -----------------------------------------------------------------------------------------------------------


def _workbook(reading: Reading, cells: Cells) -> bytes:
    file = io.BytesIO()
    with open_workbook(file, date_1904=reading.decisions["date_1904"]) as workbook:
        sheet = workbook.add_worksheet(reading.decisions["sheet"])
        last_column = len(reading.layout.columns)
        for frame in reading.blocks():
            texts = cell_columns(frame)
            for row in frame.iter_rows(named=True):
                line = row["line_number"]
                for position, before in ((int(name[1:]), row[name] or "") for name in texts):
                    text = cells[line](position, before) if line in cells else before
                    if text and text == before and row.get(f"n{position}"):
                        sheet.write_number(line - 1, position, float(text))
                    elif text:
                        sheet.write_string(line - 1, position, text)
        for line in reading.merged_lines:  # a merged cell says that a row may be half of a header
            sheet.merge_range(line - 1, last_column + 20, line - 1, last_column + 21, "")
    return file.getvalue()


# comparing -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Read:
    """What comes out of a file: its rows, as delivered and typed, which are rejected, its counts, what was decided."""

    delivered: pl.DataFrame
    rejected: pl.DataFrame
    typed: pl.DataFrame
    counts: dict[str, Any]
    decisions: dict[str, Any]


def _read(path: Path, name: DeliveryName, limits: Limits) -> _Read:
    reading = Reading(path, name, limits)
    with closing(Waiting(name.dataset, b"compare")) as waiting:  # the surrogates are not looked at
        landed = list(reading.landing())
        for rows in landed:
            waiting.add(0, name.export_date, reading.evidence, rows.accepted.hstack(rows.natives))
        typed = pl.concat(waiting.typed())
    account = reading.account()
    decisions = {what: said for what, said in account.pop("decisions").items() if what not in _OF_LETTERS}
    delivered = pl.concat([rows.accepted for rows in landed]).with_columns(
        # Where a column that nobody knows has become empty altogether, its name is not kept beside the others' nothing.
        pl.col("unknown_columns").str.replace_all(r'"(?:[^"\\]|\\.)*":null,?', "").replace("{}", None)
    )
    rejected = pl.concat([rows.rejected for rows in landed]).drop("cells")
    return _Read(delivered, rejected, typed.sort("line_number"), account, decisions)


def _compare(before: _Read, after: _Read, changes: Changes) -> None:
    changed = {name for of_line in changes.values() if not callable(of_line) for name in of_line} | {"unknown_columns"}
    others = ~pl.col("line_number").is_in(list(changes))
    for what, said in (
        (others, "other rows would read otherwise"),
        (pl.lit(value=True), "other cells of the person's rows would read otherwise"),
    ):
        columns = before.delivered.columns if what is others else set(before.delivered.columns) - changed
        if not before.delivered.filter(what).select(columns).equals(after.delivered.filter(what).select(columns)):
            raise NotRewritableError(said)
    if not before.rejected.equals(after.rejected):
        raise NotRewritableError("other rows would be rejected")
    judged = [column for column in before.typed.columns if column not in _OF_THE_PERSON]
    if not before.typed.select(judged).equals(after.typed.select(judged)):
        raise NotRewritableError("rows would be judged otherwise")
    if (before.counts, before.decisions) != (after.counts, after.decisions):
        raise NotRewritableError("its lines would be counted, or its values read, otherwise")


def text_of(path: Path, limits: Limits) -> Iterator[str]:
    """Whatever text stands in a file that could not be read as a table: to look for a person in it."""
    pieces = [path.read_bytes()]
    try:
        if pieces[0].startswith(b"\x1f\x8b"):
            with gzip.open(path) as packed:
                pieces.append(packed.read(limits.unpacked_bytes))
        elif pieces[0].startswith(b"PK"):
            with zipfile.ZipFile(path) as archive:
                pieces += [archive.read(m) for m in archive.infolist() if m.file_size <= limits.file_bytes]
    except (EOFError, OSError, RuntimeError, zlib.error, zipfile.BadZipFile):
        pass  # it is damaged or locked: what can be seen of it is looked at
    for piece in pieces:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "cp1258"):
            yield piece.decode(encoding, errors="ignore")
