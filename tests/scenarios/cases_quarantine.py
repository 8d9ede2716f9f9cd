"""What quarantines a delivery (CONTRACT §1), with the oracle's reason code. All are put into one unit's folder."""

from __future__ import annotations

import gzip
import io
import zipfile

from tests.scenarios.build import initiative, xlsx_file
from tests.scenarios.file_case import HEADER, FileCase, encrypted_zip, line, table, zip_file


def bad(name: str, reason: str, content: bytes | str, file_name: str = "initiatives_{}.csv") -> FileCase:
    data = content.encode() if isinstance(content, str) else content
    return FileCase(name, file_name, data, "quarantined", reason)


def _workbook_with(change: dict[str, bytes]) -> bytes:
    """A good workbook with parts added or replaced."""
    parts: dict[str, bytes] = {}
    with zipfile.ZipFile(io.BytesIO(xlsx_file([initiative("doctype", "QX1")]))) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    return zip_file({**parts, **change})


GOOD = table(line("QX1")).encode()

QUARANTINE_CASES = [
    bad("empty file", "empty", b""),
    bad("only blank lines", "empty", b"\n \n"),
    bad("no header", "no_header", "một;hai;ba\n1;2;3\n"),
    bad("two known fields are no header", "no_header", "Mã sáng kiến;Tên sáng kiến\nA1;x\n"),
    bad("three known fields, none mandatory", "no_header", "Ngày gửi;Trạng thái;Giới tính\n1;2;3\n"),
    bad("header in row 31", "no_header", "\n" * 30 + table(line("QX1"))),
    bad(
        "mandatory column missing",
        "mandatory_column_missing",
        table("A1;x;y;z", header=HEADER.split(";Nhóm", maxsplit=1)[0] + ";a"),
    ),
    bad(
        "two aliases claim a field",
        "two_columns_one_field",
        table("A1", header=HEADER + ";Ngày nộp;Ngày cập nhật").replace("Ngày gửi", "X"),
    ),
    bad("the own name twice", "two_columns_one_field", table("A1", header=HEADER + ";Ngày gửi")),
    bad("open quote", "open_quote", table(line("QX1"), '"QX2;' + line("QX3"))),
    bad("invalid UTF-8", "invalid_utf8", table(line("QX1")).encode() + b"\xff;\n"),
    bad("invalid UTF-8 after a BOM", "invalid_utf8", b"\xef\xbb\xbf" + table(line("QX1")).encode() + b"\xe1\n" * 50),
    bad("UTF-16 without BOM", "utf16_without_bom", table(line("QX1")).encode("utf-16-le")),
    bad("a full without rows", "full_without_rows", table(), "initiatives_{}_full.csv"),
    bad(
        "a full with nothing but skipped lines",
        "full_without_rows",
        table("", "Tổng cộng;;;"),
        "initiatives_{}_full.csv",
    ),
    bad("too many columns", "too_many_columns", table(line("QX1"), header=HEADER + ";x" * 193)),
    bad("unknown dataset", "unknown_name", GOOD, "initiative_{}.csv"),
    bad("upper case", "unknown_name", GOOD, "Initiatives_{}.csv"),
    bad("part zero", "unknown_name", GOOD, "initiatives_{}_p00of02.csv"),
    bad("part over all", "unknown_name", GOOD, "initiatives_{}_p03of02.csv"),
    bad("one digit in the part", "unknown_name", GOOD, "initiatives_{}_p1of2.csv"),
    bad("part before full", "unknown_name", GOOD, "initiatives_{}_p01of02_full.csv"),
    bad("unknown extension", "unknown_name", GOOD, "initiatives_{}.pdf"),
    bad("no such day", "unknown_name", GOOD, "initiatives_2022-02-30.csv"),
    bad("exported before the programme", "export_date", GOOD, "initiatives_2021-12-14.csv"),
    bad("exported tomorrow", "export_date", GOOD, "initiatives_2023-10-02.csv"),
    bad("broken gzip", "cannot_open", gzip.compress(GOOD, mtime=0)[:-12], "initiatives_{}.csv.gz"),
    bad(
        "compression ratio",
        "compression_ratio",
        gzip.compress(GOOD + b"\n" * 2_000_000, mtime=0),
        "initiatives_{}.csv.gz",
    ),
    bad("broken zip", "cannot_open", zip_file({"a.csv": GOOD})[:-30], "initiatives_{}.zip"),
    bad("two members", "archive_content", zip_file({"a.csv": GOOD, "b.csv": GOOD}), "initiatives_{}.zip"),
    bad("no member", "archive_content", zip_file({"__MACOSX/a.csv": GOOD}), "initiatives_{}.zip"),
    bad("member goes up", "unsafe_member", zip_file({"../a.csv": GOOD}), "initiatives_{}.zip"),
    bad("member from the root", "unsafe_member", zip_file({"/a.csv": GOOD}), "initiatives_{}.zip"),
    bad("member on a drive", "unsafe_member", zip_file({"C:/a.csv": GOOD}), "initiatives_{}.zip"),
    bad("encrypted member", "encrypted", encrypted_zip(GOOD), "initiatives_{}.zip"),
    bad("member that is no table", "archive_content", zip_file({"a.pdf": b"%PDF-1.7\n"}), "initiatives_{}.zip"),
    bad(
        "old workbook that is none",
        "cannot_open",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "initiatives_{}.xls",
    ),
    bad("broken workbook", "cannot_open", xlsx_file([initiative("broken", "QX1")])[:-200], "initiatives_{}.xlsx"),
    bad(
        "workbook with a DOCTYPE",
        "doctype",
        _workbook_with({"docProps/extra.xml": b"<!DOCTYPE x []><x/>"}),
        "initiatives_{}.xlsx",
    ),
    bad("workbook without a header", "no_header", xlsx_file([], {"a": "một", "b": "hai"}), "initiatives_{}.xlsx"),
    bad(
        "quotas without a quota column",
        "mandatory_column_missing",
        "Tên công đoàn;Giai đoạn;Loại chỉ tiêu\n;I;Giao\n",
        "quotas_{}.csv",
    ),
    bad("a table of initiatives called quotas", "no_header", GOOD, "quotas_{}.csv"),
]
