"""Opening a delivered file: archives, workbooks, HTML tables, texts (CONTRACT §1). The content decides."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from dataclasses import dataclass

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
)

from tests.oracle import html_table
from tests.oracle.cells import Limits, QuarantineError, Sheet, native
from tests.oracle.encoding import decode

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass
class Document:
    """Either a workbook's sheets (a page of tables: one list for each candidate encoding), or the candidate texts."""

    workbooks: list[tuple[str | None, list[Sheet]]]
    texts: list[tuple[str, str]]


def open_delivery(data: bytes, limits: Limits) -> Document:
    """Unpack the bytes of a delivery.

    Raises:
        QuarantineError: it is empty, broken, encrypted, unsafe or over a limit.
    """
    if len(data) > limits.file_bytes:
        raise QuarantineError("too_large")
    return _open(data, len(data), limits)


def _open(data: bytes, delivered: int, limits: Limits) -> Document:
    if not data.strip():
        raise QuarantineError("empty")
    if data.startswith(b"\x1f\x8b"):
        return _open(_gunzip(data, delivered, limits), delivered, limits)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(data, delivered, limits)
    if data.startswith(_OLE):
        return Document([(None, _workbook(data, date1904=_xls_date1904(data)))], [])
    texts = decode(data)
    if html_table.is_html(texts[0][1]):
        return Document([(encoding, html_table.tables(text)) for encoding, text in texts], [])
    return Document([], texts)


def _gunzip(data: bytes, delivered: int, limits: Limits) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            unpacked = file.read(limits.unpacked_bytes + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise QuarantineError("cannot_open", str(error)) from error
    _check_unpacked(len(unpacked), delivered, limits)
    return unpacked


def _check_unpacked(unpacked: int, delivered: int, limits: Limits) -> None:
    if unpacked > limits.unpacked_bytes:
        raise QuarantineError("unpacked_too_large")
    if unpacked > limits.ratio * delivered:
        raise QuarantineError("compression_ratio")


def _zip(data: bytes, delivered: int, limits: Limits) -> Document:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            members = [info for info in members if not info.filename.startswith("__MACOSX/")]
            for info in members:
                _check_member(info)
            _check_unpacked(sum(info.file_size for info in members), delivered, limits)
            names = {info.filename for info in members}
            if "xl/workbook.xml" in names or "content.xml" in names:
                parts = {info.filename: archive.read(info) for info in members}
                return _workbook_container(data, parts)
            if len(members) != 1 or not re.search(r"(?i)\.(csv|tsv|txt)(\.gz)?$", members[0].filename):
                raise QuarantineError("archive_content", ", ".join(sorted(names)))
            return _open(archive.read(members[0]), delivered, limits)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise QuarantineError("cannot_open", str(error)) from error


def _check_member(info: zipfile.ZipInfo) -> None:
    """§1: no member has a name with `..`, a leading slash or a drive; none is encrypted."""
    name = info.orig_filename.replace("\\", "/")
    if ".." in name.split("/") or name.startswith("/") or re.match(r"[A-Za-z]:", name):
        raise QuarantineError("unsafe_member", name)
    if info.flag_bits & 0x1:
        raise QuarantineError("encrypted", name)


def _workbook_container(data: bytes, parts: dict[str, bytes]) -> Document:
    for name, content in parts.items():
        is_xml = name.lower().endswith((".xml", ".rels", ".vml"))
        if is_xml and (b"<!DOCTYPE" in content or "<!DOCTYPE".encode("utf-16-le") in content):
            raise QuarantineError("doctype", name)
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise QuarantineError("encrypted")
    properties = re.search(
        rb"<(?:\w+:)?workbookPr\b[^>]*\bdate1904\s*=\s*[\"'](\w+)", parts.get("xl/workbook.xml", b"")
    )
    date1904 = properties is not None and properties[1] in (b"1", b"true")
    return Document([(None, _workbook(data, date1904=date1904))], [])


def _workbook(data: bytes, *, date1904: bool) -> list[Sheet]:
    sheets = []
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            for metadata in workbook.sheets_metadata:
                if metadata.typ != SheetTypeEnum.WorkSheet:
                    continue
                sheet = workbook.get_sheet_by_name(metadata.name)
                rows = sheet.to_python(skip_empty_area=False)
                sheets.append(
                    Sheet(
                        [(number, [native(value) for value in row]) for number, row in enumerate(rows, 1)],
                        merged=list(sheet.merged_cell_ranges or ()),
                        date1904=date1904,
                    )
                )
    except PasswordError as error:
        raise QuarantineError("encrypted", str(error)) from error
    except (CalamineError, OSError, ValueError) as error:
        raise QuarantineError("cannot_open", str(error)) from error
    return sheets


def _xls_date1904(data: bytes) -> bool:
    """The DATEMODE record (0x0022, two bytes) of the globals that open a BIFF workbook stream."""
    start = data.find(b"\x09\x08\x10\x00\x00\x06\x05\x00")
    while start >= 0 and start + 4 <= len(data):
        record, length = (int.from_bytes(data[start + at : start + at + 2], "little") for at in (0, 2))
        if record == 0x0022:
            return data[start + 4 : start + 6] == b"\x01\x00"
        if record == 0x000A:
            return False
        start += 4 + length
    return False
