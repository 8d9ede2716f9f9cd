"""Writes the files of the scenarios: rows of fields to CSV and XLSX bytes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from pathlib import Path

import xlsxwriter

Value = str | int | float | date | datetime
Overrides = Mapping[str, Value]

HEADINGS = {
    "initiative_code": "Mã sáng kiến",
    "title": "Tên sáng kiến",
    "author_name": "Họ và tên tác giả",
    "author_birth": "Ngày sinh",
    "author_gender": "Giới tính",
    "member_group": "Nhóm đối tượng",
    "solution_type": "Loại giải pháp",
    "content_category": "Nội dung sáng kiến",
    "applied_on": "Ngày áp dụng",
    "recognised_on": "Ngày công nhận",
    "recognition_number": "Số quyết định",
    "benefit": "Giá trị làm lợi",
    "benefit_unit": "Đơn vị tính",
    "benefit_computable": "Tính được thành tiền",
    "against_public_order": "Trái trật tự công cộng, đạo đức",
    "under_ip_protection": "Đang được bảo hộ sở hữu trí tuệ",
    "submitted_on": "Ngày gửi",
    "status": "Trạng thái",
}

QUOTA_HEADINGS = {
    "union": "Tên công đoàn",
    "parent_union": "Công đoàn cấp trên",
    "phase": "Giai đoạn",
    "quota_type": "Loại chỉ tiêu",
    "quota": "Chỉ tiêu",
    "decision_number": "Số quyết định",
    "effective_from": "Ngày hiệu lực",
}

VALID: dict[str, Value] = {
    "author_birth": "15/05/1985",
    "author_gender": "Nam",
    "member_group": "CNLĐ",
    "solution_type": "Giải pháp kỹ thuật",
    "content_category": "Nâng cao năng suất lao động",
    "applied_on": "15/01/2023",
    "recognised_on": "20/02/2023",
    "recognition_number": "12/QĐ-LĐLĐ",
    "benefit": "150.000.000",
    "benefit_unit": "đồng",
    "benefit_computable": "Có",
    "against_public_order": "Không",
    "under_ip_protection": "Không",
    "submitted_on": "10/03/2023",
    "status": "Hợp lệ",
}
"""A row that breaks no rule, but for its code, title and author, which `initiative` makes unique."""


A_MOMENT = datetime.combine(date(2023, 1, 1), time.min)
"""When every workbook was made; the clock would make other bytes of the same rows."""


def initiative(world: str, code: str, overrides: Overrides | None = None) -> dict[str, Value]:
    """A valid row with its own title and author, changed as told."""
    own: dict[str, Value] = {
        "initiative_code": code,
        "title": f"Cải tiến thiết bị {world} mã {code}",
        "author_name": f"Nguyễn Văn {world} {code}",
    }
    return {**own, **VALID, **(overrides or {})}


def csv_file(
    rows: Iterable[Overrides],
    headings: Mapping[str, str] = HEADINGS,
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    title_lines: int = 0,
) -> bytes:
    """Rows as delimited text with every cell quoted where it must be."""
    lines = ["" for _ in range(title_lines)]
    lines.append(delimiter.join(_quoted(name, delimiter) for name in headings.values()))
    lines += [delimiter.join(_quoted(str(row.get(name, "")), delimiter) for name in headings) for row in rows]
    return "".join(line + "\r\n" for line in lines).encode(encoding)


def _quoted(text: str, delimiter: str) -> str:
    if any(char in text for char in (delimiter, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text


def xlsx_file(
    rows: Iterable[Overrides], headings: Mapping[str, str] = HEADINGS, *, date1904: bool = False, title: str = ""
) -> bytes:
    """Rows as a workbook; texts are text cells, numbers number cells and dates date cells."""
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True, "date_1904": date1904, "strings_to_numbers": False})
    workbook.set_properties({"created": A_MOMENT})
    sheet = workbook.add_worksheet("Danh sách")
    as_date = workbook.add_format({"num_format": "dd/mm/yyyy"})
    first = 0
    if title:
        sheet.merge_range(0, 0, 0, len(headings) - 1, title)
        first = 1
    for column, name in enumerate(headings.values()):
        sheet.write_string(first, column, name)
    for number, row in enumerate(rows, first + 1):
        for column, name in enumerate(headings):
            value = row.get(name, "")
            if isinstance(value, date):
                sheet.write_datetime(number, column, value, as_date)
            elif isinstance(value, str):
                if value:
                    sheet.write_string(number, column, value)
            else:
                sheet.write_number(number, column, value)
    workbook.close()
    return buffer.getvalue()


def put(inbox: Path, place: str, content: bytes) -> None:
    """Put one file into the inbox, `place` being its path below it; what was there before is replaced."""
    path = inbox / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
