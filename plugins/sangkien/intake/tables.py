"""Containers: what is inside a file, told by its content; each becomes sheets of numbered rows of cells."""

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, cast

import lxml.etree
import lxml.html
import polars as pl

from sangkien.intake.cells import BATCH_ROWS, HEAD_ROWS, Cell, Row, to_frame
from sangkien.intake.delimited import blocks, head_rows, whole_lines
from sangkien.intake.encoding import SMALL_FILE, Encoding, Opener, decide_encoding
from sangkien.intake.quarantine import QuarantineError
from sangkien.intake.workbook import Workbook
from sangkien.intake.workbook_parts import Parts, look_over_archive, look_over_ole
from sangkien.settings import Limits

DELIMITERS = ",;\t|"
_SPREADSHEET_MEMBERS = ("[Content_Types].xml", "mimetype", "META-INF/manifest.xml")
_CHUNK = 2**20
_HEAD_CHARACTERS = 2**16
_CHUNK_CHARACTERS = 2**24
# What Python's archive modules raise for archives that are damaged, or packed in a way that they do not know.
_BROKEN = (
    EOFError, IndexError, OSError, RuntimeError, zlib.error, zipfile.BadZipFile, lxml.etree.LxmlError,
)  # fmt: skip
_HTML = re.compile(r"<(?:!doctype html|html|table)\b", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
MOST_SPAN = 1_000


@dataclass(frozen=True)
class Sheet:
    """One table-like part of a file.

    Attributes:
        name: The sheet's name; empty for text files.
        head: Its first rows: line number (the physical line where a record starts, or the row of a sheet) and cells.
        blocks: All of its rows, given how many columns the header has: frames as `cells.to_frame` makes them.
        decisions: What was decided to read it (encoding, delimiter).
        merged_lines: The lines with merged cells.
        trouble: Why it cannot be read; another one may be the right one.
    """

    name: str
    head: list[Row]
    blocks: Callable[[int], Iterator[pl.DataFrame]]
    decisions: dict[str, Any]
    merged_lines: frozenset[int] = frozenset()
    trouble: QuarantineError | None = None

    @classmethod
    def of_rows(
        cls, name: str, rows: Sequence[Row], decisions: dict[str, Any], merged_lines: frozenset[int]
    ) -> "Sheet":
        """A sheet whose rows are all at hand."""

        def blocks(width: int) -> Iterator[pl.DataFrame]:
            for start in range(0, len(rows), BATCH_ROWS):
                yield to_frame(rows[start : start + BATCH_ROWS], width)

        return cls(name, list(rows[:HEAD_ROWS]), blocks, decisions, merged_lines)


def sheets(path: Path, limits: Limits) -> Iterator[Sheet]:
    """The sheets of a file, whatever its container; a text comes once for each delimiter that it may have.

    Raises:
        QuarantineError: The file cannot be opened, or breaks a limit.
    """
    with path.open("rb") as file:
        magic = file.read(4)
    if not magic:
        raise QuarantineError("empty")
    if magic.startswith(b"\x1f\x8b"):
        return _text_sheets(lambda: _open_gzip(path, limits))
    if magic == b"\xd0\xcf\x11\xe0":
        return _spreadsheet_sheets(path, look_over_ole(path))
    if magic in (b"PK\x03\x04", b"PK\x05\x06"):
        return _zip_sheets(path, limits)
    if path.stat().st_size <= SMALL_FILE:
        data = path.read_bytes()
        return _text_sheets(lambda: io.BytesIO(data))
    return _text_sheets(lambda: path.open("rb"))


class _Bounded(io.RawIOBase):
    """A stream that stops at a limit of unpacked bytes."""

    def __init__(self, stream: BinaryIO, most: int, what: str) -> None:
        self._stream, self._left, self._most, self._what = stream, most, most, what

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise QuarantineError("too_large", what=self._what, found=f"> {self._most}", limit=self._most)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def _open_gzip(path: Path, limits: Limits) -> BinaryIO:
    by_ratio = path.stat().st_size * limits.compression_ratio
    most, what = min((limits.unpacked_bytes, "giải nén"), (by_ratio, "tỷ lệ nén"))
    return io.BufferedReader(_Bounded(cast(BinaryIO, gzip.open(path, "rb")), most, what), _CHUNK)


def _zip_sheets(path: Path, limits: Limits) -> Iterator[Sheet]:
    """A zip with one text file in it, or a spreadsheet, after its members were looked over."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive)
            _refuse_bad_members(members, limits)
            if any(member.filename in _SPREADSHEET_MEMBERS for member in members):
                most_repeated = path.stat().st_size * limits.compression_ratio
                return _spreadsheet_sheets(path, look_over_archive(archive, most_repeated))
    except _BROKEN as error:
        raise QuarantineError("bad_archive", detail=type(error).__name__) from error
    if len(members) != 1:
        raise QuarantineError("bad_archive", detail=f"có {len(members)} tệp bên trong")
    if not members[0].filename.lower().endswith((".csv", ".tsv", ".txt")):
        raise QuarantineError("bad_archive", detail="tệp bên trong không phải là .csv, .tsv hoặc .txt")
    return _text_sheets(lambda: _open_member(path, members[0]))


def _refuse_bad_members(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    for member in members:
        parts = member.filename.replace("\\", "/").split("/")
        if ".." in parts or parts[0] == "" or ":" in parts[0]:
            raise QuarantineError("bad_archive", detail="tên tệp bên trong không an toàn")
        if member.flag_bits & 1:
            raise QuarantineError("encrypted")
    unpacked, packed = sum(m.file_size for m in members), max(1, sum(m.compress_size for m in members))
    if unpacked > limits.unpacked_bytes:
        raise QuarantineError("too_large", what="giải nén", found=unpacked, limit=limits.unpacked_bytes)
    if unpacked > packed * limits.compression_ratio:
        raise QuarantineError("too_large", what="tỷ lệ nén", found=unpacked // packed, limit=limits.compression_ratio)


def whole_text(path: Path, limits: Limits) -> str:
    """The text of a file that `sheets` has read as one, decoded, without a byte order mark."""
    with path.open("rb") as file:
        magic = file.read(4)

    def open_bytes() -> BinaryIO:
        if magic.startswith(b"\x1f\x8b"):
            return _open_gzip(path, limits)
        if magic.startswith(b"PK"):
            with zipfile.ZipFile(path) as archive:
                return _open_member(path, _members(archive)[0])
        return path.open("rb")

    return "".join(_chunks(open_bytes, decide_encoding(open_bytes))).removeprefix("\ufeff")


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]


def _open_member(path: Path, member: zipfile.ZipInfo) -> BinaryIO:
    return cast(BinaryIO, zipfile.ZipFile(path).open(member))


# text ----------------------------------------------------------------------------------------------------------------


def _text_sheets(open_bytes: Opener) -> Iterator[Sheet]:
    """The file as a table, once for each delimiter that occurs in its head."""
    with _unpacked():
        encoding = decide_encoding(open_bytes)
    head = next(_chunks(open_bytes, encoding, _HEAD_CHARACTERS), "")
    if not head.strip():
        raise QuarantineError("empty")
    if head.lstrip().startswith("<") and _HTML.search(head):
        yield from _html_sheets("".join(_chunks(open_bytes, encoding)), encoding)
        return
    for delimiter in DELIMITERS:
        if delimiter in head:
            rest = islice(_chunks(open_bytes, encoding, _HEAD_CHARACTERS), 1, None)  # hardly ever asked for
            rows = head_rows(chain([head], rest), delimiter)
            read = partial(_blocks, open_bytes, encoding, delimiter)
            decisions = {"encoding": encoding.name, "delimiter": delimiter}
            try:
                head_of_table, trouble = list(islice(rows, HEAD_ROWS)), None
            except QuarantineError as error:  # perhaps only because it is not this delimiter
                head_of_table, trouble = [], error
            yield Sheet("", head_of_table, read, decisions, trouble=trouble)


def _blocks(open_bytes: Opener, encoding: Encoding, delimiter: str, width: int) -> Iterator[pl.DataFrame]:
    return blocks(_utf8_chunks(open_bytes, encoding), delimiter, width)


def _utf8_chunks(open_bytes: Opener, encoding: Encoding) -> Iterator[bytes]:
    """The text in UTF-8, in pieces that end where a line ends."""
    if encoding.utf8 is not None:
        yield encoding.utf8
    else:
        for chunk in _chunks(open_bytes, encoding):
            yield chunk.encode()


@contextmanager
def _unpacked() -> Iterator[None]:
    """Whatever goes wrong while a container is unpacked quarantines the file."""
    try:
        yield
    except _BROKEN as error:
        raise QuarantineError("unreadable", detail=type(error).__name__) from error


def _chunks(open_bytes: Opener, encoding: Encoding, characters: int = _CHUNK_CHARACTERS) -> Iterator[str]:
    """The decoded text, in pieces that end where a line ends."""
    try:
        with _unpacked(), open_bytes() as stream:
            text = io.TextIOWrapper(stream, encoding=encoding.codec, newline="")
            chunks = whole_lines(text, characters)
            yield from map(encoding.decoder, chunks) if encoding.decoder else chunks
    except UnicodeDecodeError as error:
        line = _first_undecodable_line(open_bytes, encoding)
        raise QuarantineError("undecodable", line=line, encoding=encoding.name) from error


def _first_undecodable_line(open_bytes: Opener, encoding: Encoding) -> int:
    with open_bytes() as stream:
        text = io.TextIOWrapper(stream, encoding=encoding.codec, errors="replace", newline="")
        return next((number for number, line in enumerate(text, start=1) if "\ufffd" in line), 0)


# spreadsheets --------------------------------------------------------------------------------------------------------


def _spreadsheet_sheets(path: Path, parts: Parts) -> Iterator[Sheet]:
    workbook = Workbook(path, may_be_large=zipfile.is_zipfile(path))
    for name in workbook.sheet_names:
        head, merged = workbook.look_at(name)
        merged |= parts.merged_lines.get(name, frozenset())
        yield Sheet(name, head, workbook.blocks, {"sheet": name, "date_1904": parts.date_1904}, merged)


# HTML ----------------------------------------------------------------------------------------------------------------


def _html_sheets(text: str, encoding: Encoding) -> Iterator[Sheet]:
    """The tables of a page, as spreadsheet software saves them; a line is the ordinal of the row in its table."""
    try:
        _, tables = html_tables(text)
    except lxml.etree.LxmlError as error:
        raise QuarantineError("no_header") from error
    for number, rows in enumerate(tables, start=1):
        merged = frozenset(
            line for line, row in enumerate(rows, start=1) if any(_spans(cell) != (1, 1) for cell in _cells_of(row))
        )
        decisions = {"encoding": encoding.name, "html_table": number}
        yield Sheet.of_rows(f"table {number}", list(enumerate(_grid(rows), start=1)), decisions, merged)


def html_tables(text: str) -> tuple[Any, list[list[Any]]]:
    """A page, and the rows of each of its tables, as elements."""
    # lxml refuses a str with a declaration of its encoding.
    page = lxml.html.document_fromstring(
        _DECLARATION.sub("", text), parser=lxml.html.HTMLParser(no_network=True, huge_tree=False)
    )
    tables = (
        [row for row in table.iter("tr") if next(row.iterancestors("table")) is table] for table in page.iter("table")
    )
    return page, list(tables)


def _grid(rows: list[Any]) -> Iterator[list[Cell]]:
    for line in cells_by_column(rows):
        yield [_visible_text(line[column]) if column in line else "" for column in range(max(line, default=-1) + 1)]


def cells_by_column(rows: list[Any]) -> Iterator[dict[int, Any]]:
    """The cells of each row by column: a merged cell stands at its upper left, the rest of it is empty."""
    taken: dict[int, int] = {}  # column to how many more rows a merged cell reaches down in it
    for row in rows:
        line: dict[int, Any] = {}
        below = {column: left - 1 for column, left in taken.items() if left > 1}
        column = 0
        for cell in _cells_of(row):
            while column in taken:
                column += 1
            down, across = _spans(cell)
            line[column] = cell
            below |= dict.fromkeys(range(column, column + across), down - 1) if down > 1 else {}
            column += across
        taken = below
        yield line


def _cells_of(row: Any) -> list[Any]:
    return [cell for cell in row if cell.tag in ("td", "th")]


def _spans(cell: Any) -> tuple[int, int]:
    """How many rows and columns a cell covers."""
    spans = (str(cell.get(name, "1")).strip() for name in ("rowspan", "colspan"))
    down, across = (min(int(span), MOST_SPAN) if span.isdecimal() and int(span) else 1 for span in spans)
    return down, across


def _visible_text(cell: Any) -> str:
    for line_break in cell.iter("br"):
        line_break.tail = "\n" + (line_break.tail or "")
    return str(cell.text_content()).strip()
