"""What a case of one file is, and the small tables that most of them write."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from html import escape
from typing import Any

from tests.scenarios.build import Value, initiative

HEADER = (
    "Mã sáng kiến;Tên sáng kiến;Họ và tên tác giả;Nhóm đối tượng;Ngày áp dụng;Ngày công nhận;Số quyết định;Ngày gửi"
)
TAIL = "CNLĐ;15/01/2023;20/02/2023;12/QĐ;10/03/2023"


def line(code: str, tail: str = TAIL) -> str:
    """One valid record of the short table."""
    return f"{code};Cải tiến dây chuyền {code};Lê Thị {code};{tail}"


Spans = Mapping[tuple[int, int], tuple[int, int]]
"""How many rows and columns a merged cell covers, by its row and column, from 0."""


@dataclass(frozen=True)
class FileCase:
    """One file; `{}` in its name stands for an export date of its own. `rows` is what its initiatives must be like."""

    name: str
    file_name: str
    content: bytes
    status: str = "quarantined"
    reason: str = ""
    counts: tuple[int, int, int, int] | None = None  # read, accepted, rejected, skipped
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)


def reads(
    name: str,
    content: bytes | str,
    counts: tuple[int, int, int, int],
    rows: dict[str, dict[str, Any]] | None = None,
    status: str = "accepted_with_issues",
    *,
    file_name: str = "initiatives_{}.csv",
) -> FileCase:
    """A file that is read; `counts` are rows read, accepted and rejected, and lines skipped."""
    data = content.encode() if isinstance(content, str) else content
    return FileCase(name, file_name, data, status, "", counts, rows or {})


def zip_file(members: dict[str, bytes]) -> bytes:
    """An archive of these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def table(*records: str, header: str = HEADER) -> str:
    """A text of the short table."""
    return "\n".join((header, *records)) + "\n"


def one(code: str, **changes: Value) -> dict[str, Value]:
    """A valid row of the long table."""
    return initiative("đọc tệp", code, changes)


FINE: dict[str, Any] = {"verdict": "valid", "rules": ["W05"]}


def encrypted_zip(content: bytes) -> bytes:
    """An archive whose only member says it is encrypted (general purpose bit 0, in both of its headers)."""
    data = bytearray(zip_file({"a.csv": content}))
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def ods_file(records: Sequence[Sequence[Value | None]], spans: Spans | None = None) -> bytes:
    """The least OpenDocument spreadsheet.

    Args:
        records: The cells.
        spans: The merged cells.
    """
    spans = spans or {}
    covered = {
        (row + down, column + across)
        for (row, column), (height, width) in spans.items()
        for down in range(height)
        for across in range(width)
        if (down, across) != (0, 0)
    }
    rows = "".join(
        "<table:table-row>"
        + "".join(
            "<table:covered-table-cell/>" if (row, column) in covered else _ods_cell(cell, spans.get((row, column)))
            for column, cell in enumerate(record)
        )
        + "</table:table-row>"
        for row, record in enumerate(records)
    )
    return ods_of(f'<table:table table:name="A">{rows}</table:table>')


def _ods_cell(cell: Value | None, span: tuple[int, int] | None) -> str:
    merged = f' table:number-rows-spanned="{span[0]}" table:number-columns-spanned="{span[1]}"' if span else ""
    if cell is None:
        return f"<table:table-cell{merged}/>"
    if isinstance(cell, date):
        typed = f'office:value-type="date" office:date-value="{cell.isoformat()}"'
    elif isinstance(cell, str):
        typed = 'office:value-type="string"'
    else:
        typed = f'office:value-type="float" office:value="{cell!r}"'
    return f"<table:table-cell{merged} {typed}><text:p>{escape(str(cell))}</text:p></table:table-cell>"


def ods_of(tables: str, prolog: str = "") -> bytes:
    """An OpenDocument spreadsheet of these `table:table` elements; `prolog` stands before the root element."""
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{prolog}<office:document-content {names} office:version="1.2">'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    return zip_file(
        {"mimetype": kind.encode(), "content.xml": content.encode(), "META-INF/manifest.xml": manifest.encode()}
    )
