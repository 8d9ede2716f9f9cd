"""Containers: what is inside a file, told by its content; each becomes sheets of numbered rows of cells."""

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, cast

import python_calamine

from sangkien.intake.cells import Row
from sangkien.intake.encoding import Encoding, Opener, decide_encoding
from sangkien.intake.quarantine import QuarantineError
from sangkien.settings import Limits

DELIMITERS = ",;\t|"
HEAD_ROWS = 30
_SENTINEL = "\x00end of file"
_SPREADSHEET_MEMBERS = ("[Content_Types].xml", "mimetype", "META-INF/manifest.xml")
_CHUNK = 2**20

csv.field_size_limit(2**31 - 1)


@dataclass(frozen=True)
class Sheet:
    """One table-like part of a file.

    Attributes:
        name: The sheet's name; empty for text files.
        rows: Line number (the physical line where the record starts, or the row of the sheet) and cells, read once.
        decisions: What was decided to read it (encoding, delimiter).
    """

    name: str
    rows: Iterator[Row]
    decisions: dict[str, Any]


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
        return _spreadsheet_sheets(path)
    if magic == b"PK\x03\x04":
        member = _text_member(path, limits)
        return _spreadsheet_sheets(path) if member is None else _text_sheets(lambda: _open_member(path, member))
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


def _text_member(path: Path, limits: Limits) -> zipfile.ZipInfo | None:
    """The one text file of a zip, after the archive was looked over; none: the zip is a spreadsheet."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise QuarantineError("bad_archive", detail=type(error).__name__) from error
    for member in members:
        parts = member.filename.replace("\\", "/").split("/")
        if ".." in parts or parts[0] == "" or ":" in parts[0]:
            raise QuarantineError("bad_archive", detail="tên tệp bên trong không an toàn")
        if member.flag_bits & 1:
            raise QuarantineError("bad_archive", detail="tệp có mật khẩu")
    unpacked, packed = sum(m.file_size for m in members), max(1, sum(m.compress_size for m in members))
    if unpacked > limits.unpacked_bytes:
        raise QuarantineError("too_large", what="giải nén", found=unpacked, limit=limits.unpacked_bytes)
    if unpacked > packed * limits.compression_ratio:
        raise QuarantineError("too_large", what="tỷ lệ nén", found=unpacked // packed, limit=limits.compression_ratio)
    if any(m.filename in _SPREADSHEET_MEMBERS for m in members):
        return None
    if len(members) != 1:
        raise QuarantineError("bad_archive", detail=f"có {len(members)} tệp bên trong")
    return members[0]


def _open_member(path: Path, member: zipfile.ZipInfo) -> BinaryIO:
    return cast(BinaryIO, zipfile.ZipFile(path).open(member))


# text ----------------------------------------------------------------------------------------------------------------


def _text_sheets(open_bytes: Opener) -> Iterator[Sheet]:
    """The file as a table, once for each delimiter that occurs in its head."""
    with _unpacked():
        encoding = decide_encoding(open_bytes)
    head = "".join(islice(_lines(open_bytes, encoding), HEAD_ROWS * 4))
    if not head.strip():
        raise QuarantineError("empty")
    for delimiter in DELIMITERS:
        if delimiter in head:
            decisions = {"encoding": encoding.name, "delimiter": delimiter}
            yield Sheet("", _records(open_bytes, encoding, delimiter), decisions)


@contextmanager
def _unpacked() -> Iterator[None]:
    """Whatever goes wrong while a container is unpacked quarantines the file."""
    try:
        yield
    except (EOFError, zlib.error, zipfile.BadZipFile, OSError) as error:
        raise QuarantineError("unreadable", detail=type(error).__name__) from error


def _lines(open_bytes: Opener, encoding: Encoding) -> Iterator[str]:
    """The decoded physical lines of a text, with their line ends."""
    try:
        with _unpacked(), open_bytes() as stream:
            text = io.TextIOWrapper(stream, encoding=encoding.codec, newline="")
            yield from map(encoding.decoder, text) if encoding.decoder else text
    except UnicodeDecodeError as error:
        line = _first_undecodable_line(open_bytes, encoding)
        raise QuarantineError("undecodable", line=line, encoding=encoding.name) from error


def _first_undecodable_line(open_bytes: Opener, encoding: Encoding) -> int:
    with open_bytes() as stream:
        text = io.TextIOWrapper(stream, encoding=encoding.codec, errors="replace", newline="")
        return next((number for number, line in enumerate(text, start=1) if "\ufffd" in line), 0)


def _records(open_bytes: Opener, encoding: Encoding, delimiter: str) -> Iterator[Row]:
    """The records of a delimited text with the physical line on which each starts."""
    reader = csv.reader(chain(_lines(open_bytes, encoding), [_SENTINEL]), delimiter=delimiter)
    line, started = 1, 1
    for record in reader:
        if record == [_SENTINEL]:
            return
        yield line, record
        line, started = reader.line_num + 1, line
    # A quoted cell that is still open has swallowed the sentinel.
    raise QuarantineError("open_quote", line=started)


# spreadsheets --------------------------------------------------------------------------------------------------------


def _spreadsheet_sheets(path: Path) -> Iterator[Sheet]:
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        for name in workbook.sheet_names:
            rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            yield Sheet(name, enumerate(rows, start=1), {"sheet": name})
    except (python_calamine.CalamineError, OSError) as error:
        raise QuarantineError("unreadable", detail=type(error).__name__) from error
