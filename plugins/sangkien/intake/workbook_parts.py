"""A spreadsheet's parts, before its reader opens it: threats, passwords, and what the reader does not tell."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import olefile
from lxml import etree

from sangkien.intake.cells import HEAD_ROWS
from sangkien.intake.quarantine import QuarantineError

_PIECE = 2**16
_LONGEST_PROLOG = 2**20
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_REPEATED = re.compile(rb"""number-(columns|rows)-repeated\s*=\s*["'](\d+)["']""")
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
# BIFF records (MS-XLS 2.4): the date system, and the mark of an encrypted stream.
_BIFF_DATE_1904, _BIFF_FILE_PASS, _BIFF_EOF = 0x22, 0x2F, 0x0A


@dataclass(frozen=True)
class Parts:
    """What the parts of a workbook tell.

    Attributes:
        date_1904: Whether its dates count from 1904.
        merged_lines: Of an .ods, the lines with merged cells among the first ones, by sheet; the reader tells the rest.
    """

    date_1904: bool = False
    merged_lines: dict[str, frozenset[int]] = field(default_factory=dict)


def look_over_archive(archive: zipfile.ZipFile, most_repeated: int) -> Parts:
    """Look over an .xlsx, .xlsm or .ods.

    Args:
        archive: The workbook.
        most_repeated: How many characters of an .ods may come from repeating rows.

    Raises:
        QuarantineError: A part has a document type, the workbook is encrypted, or repeats too much.
    """
    for member in archive.infolist():
        with archive.open(member) as part:
            if _has_doctype(part):
                raise QuarantineError("doctype")
    names = archive.namelist()
    if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise QuarantineError("encrypted")
    if "content.xml" in names:
        with archive.open("content.xml") as content:
            _refuse_endless_repetition(content)
        with archive.open("content.xml") as content:
            return Parts(merged_lines=dict(_look_over_rows(content, most_repeated)))
    workbook = archive.read("xl/workbook.xml") if "xl/workbook.xml" in names else b""
    return Parts(date_1904=re.search(rb"""date1904\s*=\s*["'](?:1|true)["']""", workbook) is not None)


def _has_doctype(part: IO[bytes]) -> bool:
    """Whether an XML part declares a document type: somewhere before its root element, in whatever encoding."""
    prolog = b""
    while piece := part.read(_PIECE):
        prolog = _COMMENT.sub(b"", prolog + piece.replace(b"\0", b""))
        if b"<!DOCTYPE" in prolog:
            return True
        if len(prolog) > _LONGEST_PROLOG:
            raise QuarantineError("unreadable", detail="XML")
        if not prolog.lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n").startswith(b"<") or re.search(rb"<[A-Za-z_:]", prolog):
            return False
    return False


def _refuse_endless_repetition(content: IO[bytes]) -> None:
    """What no sheet has room for; its reader would drop it without a word."""
    begun = b""
    while piece := content.read(_PIECE):
        for what, times in _REPEATED.findall(begun + piece):
            most = _MOST_ROWS if what == b"rows" else _MOST_COLUMNS
            if int(times) > most:
                raise QuarantineError("too_large", what="số ô lặp lại", found=int(times), limit=most)
        begun = piece[-100:]


def _look_over_rows(content: IO[bytes], most_repeated: int) -> Iterator[tuple[str, frozenset[int]]]:
    """The lines with merged cells among the first rows of each table.

    Raises:
        QuarantineError: What repetition makes of a small file is more than `most_repeated` characters.
    """
    line, merged, repeated = 0, set[int](), 0
    tags = [f"{_TABLE}table", f"{_TABLE}table-row"]
    parser = etree.iterparse(content, ("start", "end"), tag=tags, no_network=True, resolve_entities=False, recover=True)
    for event, element in parser:
        if element.tag == f"{_TABLE}table" and event == "start":
            line, merged = 0, set()
        elif element.tag == f"{_TABLE}table":
            yield element.get(f"{_TABLE}name", ""), frozenset(merged)
            element.clear()
        elif event == "end":
            times = _number(element, "rows-repeated")
            if line < HEAD_ROWS and any(
                _number(cell, f"{way}-spanned") != 1 for cell in element for way in ("columns", "rows")
            ):
                merged.add(line + 1)
            if times > 1:
                cells = ((_number(cell, "columns-repeated"), "".join(cell.itertext())) for cell in element)
                repeated += times * sum(across * len(text) for across, text in cells)
                if repeated > most_repeated:
                    raise QuarantineError(
                        "too_large", what="tỷ lệ nén", found=f"> {most_repeated}", limit=most_repeated
                    )
            line += times
            element.clear()
            while element.getprevious() is not None:  # what was looked at takes no more room
                del element.getparent()[0]


def _number(element: etree._Element, what: str) -> int:
    number = element.get(f"{_TABLE}number-{what}", "1")
    return int(number) if number.isdecimal() else 1


def look_over_ole(path: Path) -> Parts:
    """Look over an .xls.

    Raises:
        QuarantineError: It is encrypted, an .xlsx with a password, or no workbook.
    """
    try:
        with olefile.OleFileIO(str(path)) as container:
            if container.exists("EncryptedPackage"):
                raise QuarantineError("encrypted")
            name = next((name for name in ("Workbook", "Book") if container.exists(name)), None)
            if name is None:
                raise QuarantineError("unreadable", detail="không có bảng tính bên trong")
            records = dict(_records(container.openstream(name)))
    except (OSError, ValueError, IndexError, TypeError) as error:
        raise QuarantineError("unreadable", detail=type(error).__name__) from error
    if _BIFF_FILE_PASS in records:
        raise QuarantineError("encrypted")
    return Parts(date_1904=records.get(_BIFF_DATE_1904, b"") == b"\1\0")


def _records(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """The records of the workbook's globals, which come first."""
    while len(header := stream.read(4)) == 4:
        kind, length = int.from_bytes(header[:2], "little"), int.from_bytes(header[2:], "little")
        yield kind, stream.read(length)
        if kind == _BIFF_EOF:
            return
