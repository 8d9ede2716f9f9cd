"""Formats, encodings and headers that are read (CONTRACT §1 and §2)."""

from __future__ import annotations

import gzip
import io

import xlsxwriter

from tests.scenarios.build import A_MOMENT, csv_file, xlsx_file
from tests.scenarios.file_case import FINE, HEADER, TAIL, line, ods_file, one, reads, table, zip_file


def _two_row_header() -> bytes:
    """A header of two rows: cells merged downwards, and `Tác giả` over three columns; a merged title above them."""
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True})
    workbook.set_properties({"created": A_MOMENT})
    sheet = workbook.add_worksheet()
    sheet.merge_range("A1:J1", "DANH SÁCH SÁNG KIẾN")
    for column, name in (
        (0, "Mã sáng kiến"),
        (1, "Tên sáng kiến"),
        (5, "Nhóm đối tượng"),
        (6, "Ngày áp dụng"),
        (7, "Ngày gửi"),
    ):
        sheet.merge_range(1, column, 2, column, name)
    sheet.merge_range(1, 2, 1, 4, "Tác giả")
    sheet.merge_range(1, 8, 1, 9, "Công nhận")
    for column, name in ((2, "Họ tên"), (3, "Năm sinh"), (4, "Giới tính"), (8, "Ngày công nhận"), (9, "Số quyết định")):
        sheet.write(2, column, name)
    values = (
        "H1",
        "Cải tiến dây chuyền hai dòng",
        "Lê Thị H1",
        "1980",
        "Nữ",
        "CBCĐ",
        "15/01/2023",
        "10/03/2023",
        "20/02/2023",
        "7",
    )
    for column, value in enumerate(values):
        sheet.write_string(3, column, value)
    workbook.close()
    return buffer.getvalue()


CONTAINER_CASES = [
    reads(
        "tab-separated",
        csv_file([one("DT1")], delimiter="\t"),
        (1, 1, 0, 0),
        {"DT1": {"verdict": "valid"}},
        "accepted",
        file_name="initiatives_{}.tsv",
    ),
    reads(
        "bars, in a .txt",
        csv_file([one("DT2")], delimiter="|"),
        (1, 1, 0, 0),
        {"DT2": {"verdict": "valid"}},
        "accepted",
        file_name="initiatives_{}.txt",
    ),
    reads(
        "semicolons in a .CSV",
        csv_file([one("DT3")], delimiter=";"),
        (1, 1, 0, 0),
        {"DT3": {"verdict": "valid"}},
        "accepted",
        file_name="initiatives_{}.CSV",
    ),
    reads(
        "UTF-8 with BOM",
        csv_file([one("EN1")], encoding="utf-8-sig"),
        (1, 1, 0, 0),
        {"EN1": {"verdict": "valid"}},
        "accepted",
    ),
    reads(
        "UTF-16 LE", csv_file([one("EN2")], encoding="utf-16"), (1, 1, 0, 0), {"EN2": {"verdict": "valid"}}, "accepted"
    ),
    reads(
        "UTF-16 BE",
        b"\xfe\xff" + csv_file([one("EN3")], encoding="utf-16-be"),
        (1, 1, 0, 0),
        {"EN3": {"verdict": "valid"}},
        "accepted",
    ),
    reads(
        "NUL, zero-width and non-breaking blanks",
        csv_file(
            [
                one(
                    "EN\x004",
                    author_gender="N\u200bam",
                    member_group="\u00a0CNLĐ \u00a0",
                    title="Cải\ttiến \u00adquy trình",
                )
            ]
        ),
        (1, 1, 0, 0),
        {"EN4": {"verdict": "valid", "rules": []}},
        "accepted",
    ),
    reads(
        "gzip",
        gzip.compress(csv_file([one("GZ1")]), mtime=0),
        (1, 1, 0, 0),
        {"GZ1": {"verdict": "valid"}},
        "accepted",
        file_name="initiatives_{}.csv.gz",
    ),
    reads(
        "zip",
        zip_file({"__MACOSX/._a": b"x", "thu muc/": b"", "thu muc/a.csv": csv_file([one("ZP1")])}),
        (1, 1, 0, 0),
        {"ZP1": {"verdict": "valid"}},
        "accepted",
        file_name="initiatives_{}.zip",
    ),
    reads(
        "a workbook called .csv",
        xlsx_file([one("WB1")]),
        (1, 1, 0, 0),
        {"WB1": {"verdict": "valid", "line": 2}},
        "accepted",
    ),
    reads(
        "a text called .xlsx",
        csv_file([one("WB2")]),
        (1, 1, 0, 0),
        {"WB2": {"verdict": "valid"}},
        "accepted",
        file_name="initiatives_{}.xlsx",
    ),
    reads(
        "a title over the header of a workbook",
        xlsx_file([one("WB3")], title="DANH SÁCH"),
        (1, 1, 0, 1),
        {"WB3": {"verdict": "valid", "line": 3}},
        "accepted",
        file_name="initiatives_{}.xlsx",
    ),
    reads(
        "a header of two rows",
        _two_row_header(),
        (1, 1, 0, 1),
        {"H1": {"verdict": "valid", "rules": ["W05"], "line": 4, "member_group_code": "union_officer"}},
        file_name="initiatives_{}.xlsx",
    ),
    reads(
        "the 1904 system",
        xlsx_file([one("WB4", applied_on=44941 - 1462)], date1904=True),
        (1, 1, 0, 0),
        {"WB4": {"verdict": "valid", "applied_on": "2023-01-15"}},
        "accepted",
        file_name="initiatives_{}.xlsx",
    ),
    reads(
        "an HTML table called .xls",
        "<html><head><meta charset='utf-8'><style>td{x}</style></head><body><table>"
        + "".join(
            "<tr>" + "".join(f"<td>{cell}</td>" for cell in record.split(";")) + "</tr>"
            for record in (HEADER, line("HT1"))
        )
        + "</table></body></html>",
        (1, 1, 0, 0),
        {"HT1": {**FINE, "line": 2}},
        file_name="initiatives_{}.xls",
    ),
    reads(
        "an OpenDocument spreadsheet",
        ods_file([["BÁO CÁO"], [], HEADER.split(";"), line("OD1").split(";")]),
        (1, 1, 0, 2),
        {"OD1": {**FINE, "line": 4}},
        file_name="initiatives_{}.ods",
    ),
    reads(
        "an HTML table with merged cells, breaks and entities",
        "\ufeff<TABLE><tr><td colspan=8>B&Aacute;O C&Aacute;O</td></tr>"
        + "<tr>"
        + "".join(f"<th>{cell}" for cell in HEADER.split(";"))
        + "</tr>"
        + "<tr>"
        + "".join(f"<td>{cell.replace(' ', '<br>&nbsp;')}</td>" for cell in line("HT2").split(";"))
        + "</TABLE>",
        (1, 1, 0, 1),
        {"HT2": {**FINE, "line": 3}},
        file_name="initiatives_{}.xls",
    ),
    reads(
        "a line that names the delimiter, for Excel",
        "sep=;\n" + table(line("SE1")),
        (1, 1, 0, 1),
        {"SE1": {**FINE, "line": 3}},
    ),
    reads(
        "line breaks of old Macintoshes",
        table(line("CR1"), line("CR2")).replace("\n", "\r"),
        (2, 2, 0, 0),
        {"CR1": {**FINE, "line": 2}, "CR2": {**FINE, "line": 3}},
    ),
    reads(
        "the own name beats an alias",
        table("AL1;Cải tiến dây chuyền AL1;Lê Thị AL1;" + TAIL + ";31/12/2030", header=HEADER + ";Ngày nộp"),
        (1, 1, 0, 0),
        {"AL1": {**FINE, "submitted_on": "2023-03-10"}},
    ),
    reads(
        "aliases, case and marks",
        table(
            line("AL2"),
            header="MA HO SO;tên giải pháp;Tác giả;doi tuong;Ngày đưa vào áp dụng;Ngày công nhận;"
            "Số quyết định công nhận;Ngày nộp",
        ),
        (1, 1, 0, 0),
        {"AL2": FINE},
    ),
]
