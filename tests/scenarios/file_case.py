"""What a case of one file is, and the small tables that most of them write."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
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


def ods_file(records: list[list[str]]) -> bytes:
    """The least OpenDocument spreadsheet of text cells."""
    rows = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
            for cell in record
        )
        + "</table:table-row>"
        for record in records
    )
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names} office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="A">{rows}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
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
