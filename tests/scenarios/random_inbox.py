"""Random inboxes by seed: odd cells, lines, headers, names and nights, to look for what no scenario thought of."""

from __future__ import annotations

import gzip
from datetime import date, timedelta
from random import Random

from tests.scenarios.build import HEADINGS, QUOTA_HEADINGS, Value, csv_file, initiative, xlsx_file

FIRST_NIGHT = date(2023, 9, 1)
UNITS = ("cd-cao-su", "cd-y-te", "ldld-an-giang", "ldld-ha-noi", "ldld-long-an")

DATES = (
    "5/1/2023", "05-02-2023", "1.3.2023", "2023-03-05", "2023-03-05 08:00", "2023-08-31T23:59:59Z", "31/12/2022",
    "12/25/2022", "31/02/2023", "2/3/23", "2023", "44941", "30/08/2021", "01/09/2021", "", "-", "không nhớ",
    "03/08/2023", "10/08/2023 07:00", "01/09/2023", "02/09/2023", "2022-01-07", "08/01/2022", "31/05/2022",
)  # fmt: skip
MONEY = (
    "150.000.000", "1.234", "1,234", "12,5", "12.5 triệu", "3 tỷ", "500tr", "0,5", "1,234,567.89", "1.234.567,8", "20",
    "-5", "120 tỷ", "100 USD", "", "N/A", "Không tính được", "nhiều", "5 bao", "7-8 triệu", "1 234 567", "2.5 tr.đ/năm",
)  # fmt: skip
WORDS: dict[str, tuple[str, ...]] = {
    "author_birth": ("15/05/1985", "1985", "2009", "1941", "01/01/1930", "15/05/85", "", "31/04/1990", "30000"),
    "author_gender": ("Nam", "nữ", "NU", "", "khác"),
    "member_group": ("CNLĐ", "Công nhân", "union_officer", "CB, CC, VC, LĐ", "Nông dân", "", "cán bộ công đoàn"),
    "solution_type": ("Kỹ thuật", "GP quản lý", "research", "", "khác", "NCKH"),
    "content_category": ("ATVSLĐ", "Khác", "", "other", "thể thao"),
    "recognition_number": ("12/QĐ", "7", "", "—"),
    "benefit_unit": ("đồng", "triệu đồng", "Triệu/năm", "", "USD", "bao", "tr", "nghìn đ"),
    "benefit_computable": ("Có", "Không", "", "co", "?"),
    "against_public_order": ("Không", "", "Có", "không", "x"),
    "under_ip_protection": ("Không", "", "Có", "KHÔNG"),
    "status": ("Hợp lệ", "Đã duyệt", "Chờ duyệt", "Trả lại", "Rút", "", "xong", "submitted", "Mới"),
    "applied_on": DATES,
    "recognised_on": DATES,
    "submitted_on": DATES,
    "benefit": MONEY,
}
HEADER_NAMES: dict[str, tuple[str, ...]] = {
    "initiative_code": ("Mã sáng kiến", "MÃ SK", "Ma ho so"),
    "title": ("Tên sáng kiến", "Tên giải pháp"),
    "author_name": ("Họ và tên tác giả", "Tác giả", "Họ tên"),
    "author_birth": ("Ngày sinh", "Năm sinh"),
    "benefit": ("Giá trị làm lợi", "Số tiền làm lợi (triệu đồng)", "Giá trị làm lợi (nghìn đồng/năm)"),
    "submitted_on": ("Ngày gửi", "Ngày nộp"),
    "status": ("Trạng thái", "Kết quả"),
}
MANDATORY = ("initiative_code", "title", "author_name", "member_group")
ODD_LINES = (
    "", "Tổng cộng", "Cộng", "I. Khối một", "15", "Người lập", "SK 1", "sk-99", "TỔNG SỐ SÁNG KIẾN",
)  # fmt: skip


def nights(seed: int, count: int = 4, files: int = 9) -> list[tuple[date, dict[str, bytes]]]:
    """Each night's day and files; some names come again with other bytes."""
    chance = Random(seed)
    return [(FIRST_NIGHT + timedelta(days=night), dict(_file(chance) for _ in range(files))) for night in range(count)]


def _file(chance: Random) -> tuple[str, bytes]:
    unit = chance.choice(UNITS)
    export = date(2023, 8, chance.randint(1, 6))
    extension = chance.choice(("csv", "csv", "xlsx", "tsv", "csv.gz"))
    if chance.random() < 0.12:
        return f"{unit}/quotas_{export}.{extension}", _packed(_quotas(chance, extension), extension)
    mark = chance.choice(("", "", "", "", "_full", "_full_p01of02", "_full_p02of02", "_p01of02"))
    return f"{unit}/initiatives_{export}{mark}.{extension}", _packed(_initiatives(chance, unit, extension), extension)


def _packed(content: bytes, extension: str) -> bytes:
    return gzip.compress(content, mtime=0) if extension.endswith("gz") else content


def _initiatives(chance: Random, unit: str, extension: str) -> bytes:
    headings: dict[str, str] = {}
    for name, heading in chance.sample(sorted(HEADINGS.items()), k=len(HEADINGS)):
        if name in MANDATORY or chance.random() < 0.93:
            headings[name] = chance.choice(HEADER_NAMES.get(name, (heading,)))
    if chance.random() < 0.5:
        headings["stt"] = "STT"
    if chance.random() < 0.5:
        headings["note"] = "Ghi chú"
    rows: list[dict[str, Value]] = []
    for number in range(chance.randint(0, 40)):
        if chance.random() < 0.08:
            rows.append(_odd_line(chance, headings))
        else:
            rows.append({**_row(chance, unit), "stt": str(number + 1)})
    if extension == "xlsx":
        return xlsx_file(rows, headings, title=chance.choice(("", "DANH SÁCH")))
    delimiter = "\t" if extension == "tsv" else chance.choice(",;|\t")
    encoding = chance.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16"))
    return csv_file(rows, headings, delimiter=delimiter, encoding=encoding, title_lines=chance.choice((0, 0, 2)))


def _odd_line(chance: Random, headings: dict[str, str]) -> dict[str, Value]:
    if chance.random() < 0.2:
        return dict(headings)
    names = chance.sample(sorted(headings), k=min(len(headings), chance.randint(0, 3)))
    return {name: chance.choice(ODD_LINES) for name in names}


def _row(chance: Random, unit: str) -> dict[str, Value]:
    """Mostly valid, with a few fields drawn from the odd values; codes, titles and authors meet again."""
    code = f"sk{chance.randint(1, 60)}"
    row = initiative(chance.choice((unit, "chung")), code)
    row["initiative_code"] = chance.choice(
        (code, code, code.upper(), f" {code} ", "", "-") if chance.random() < 0.3 else (code,)
    )
    for name in chance.sample(sorted(WORDS), k=chance.choice((0, 0, 1, 1, 2, 4))):
        row[name] = chance.choice(WORDS[name])
    if chance.random() < 0.3:
        row["submitted_on"] = f"{chance.randint(1, 28)}/{chance.randint(1, 12)}/2022"
    if chance.random() < 0.3:
        row["benefit"] = chance.choice(MONEY)
    if chance.random() < 0.05:
        row[chance.choice(MANDATORY)] = chance.choice(("", "N/A", "(trống)", "Abc", "aaaaaaaaaaaaa", "\u200b-\u00a0"))
    return row


def _quotas(chance: Random, extension: str) -> bytes:
    rows: list[dict[str, Value]] = [
        {
            "union": chance.choice(("", "", "Công đoàn Công ty A", "Công đoàn Y tế Việt Nam", "Tổng cộng")),
            "phase": chance.choice(("I", "II", "1", "2", "ii", "", "III")),
            "quota_type": chance.choice(("Giao", "Giao", "Đăng ký", "Tự đặt", "", "khác")),
            "quota": chance.choice(("1.200", "300", "2,500", "12 000", "1.234,5", "", "nhiều", "-5")),
            "effective_from": chance.choice(("", "01/06/2022", "2023-08-03", "31/02/2023", "05/08/2023")),
        }
        for _ in range(chance.randint(1, 8))
    ]
    return xlsx_file(rows, QUOTA_HEADINGS) if extension == "xlsx" else csv_file(rows, QUOTA_HEADINGS)
