"""Which lines of a file are data, and which are skipped or rejected (CONTRACT §1 and §4)."""

from __future__ import annotations

from tests.scenarios.build import csv_file
from tests.scenarios.file_case import FINE, HEADER, TAIL, line, one, reads, table

LINE_CASES = [
    reads("a delta without rows", table(), (0, 0, 0, 0), status="accepted"),
    reads(
        "classes of skipped lines",
        table(
            line("S1"),
            "",
            ";;;;;;;",
            HEADER.upper(),
            "I. Khối doanh nghiệp;;;;;;;",
            ";Nhóm hai;ghi chú;;;;;",
            line("S2"),
            "Cộng nhóm;2;;;;;3;",
            ";TỔNG CỘNG;15;;;9;;",
            "S3;;;;;;;",
            ";Giải pháp không mã;Lê Văn C;CNLĐ;;;;",
            "Người lập biểu;;;;;;;",
            ";;;;Ngày 1 tháng 9;;;",
        ),
        (4, 3, 1, 9),
        {"S1": FINE, "S2": FINE, "S3": {"verdict": "invalid", "rules": ["V01", "V03", "W05"]}},
    ),
    reads("title lines and a blank one", "BÁO CÁO\n\n" + table(line("T1")), (1, 1, 0, 2), {"T1": {**FINE, "line": 4}}),
    reads("header in row 30", "\n" * 29 + table(line("T2")), (1, 1, 0, 29), {"T2": {**FINE, "line": 31}}),
    reads(
        "a code without title is data, a text without digit is none",
        table("AB;;;;;;;", "A B1;;;;;;;", "AB1;;;;;;;"),
        (1, 1, 0, 2),
        {"AB1": {"verdict": "invalid"}},
    ),
    reads(
        "a total line with a pair of code and title is data",
        table("TONG-01;Tổng hợp số liệu tự động;Lê Thị Z;" + TAIL),
        (1, 1, 0, 0),
        {"TONG-01": FINE},
    ),
    reads(
        "rows cut off and shifted",
        table(
            "R2A;Cải tiến dây chuyền R2A;Lê Thị R2A;" + TAIL + ";thừa",
            "R2B;Cải tiến dây chuyền R2B;Lê Thị R2B;CNLĐ;15/01/2023;20/02/2023;12/QĐ;;thừa",
            "R2C;Cải tiến dây chuyền R2C",
            "-;-;-;-;-;-;-;-",
        ),
        (4, 2, 2, 0),
        {
            "R2B": {"verdict": "invalid", "rules": ["V01", "W05"]},
            "R2C": {"verdict": "invalid", "rules": ["V01", "V03", "W05"]},
        },
    ),
    reads(
        "a cell over the limit",
        table(line("R3A"), f"R3B;{'x' * (2**20 + 1)};Lê;" + TAIL, f"R3C;{'y ' * 2**19};Lê;" + TAIL),
        (3, 2, 1, 0),
        {"R3A": FINE, "R3C": {"verdict": "invalid", "rules": ["V11", "W05"]}},
    ),
    reads(
        "quotes, breaks and doubled quotes",
        table('"M1";"Cải tiến ""máy""\nhàn; khung";Lê Thị M1;' + TAIL, line("M2")),
        (2, 2, 0, 0),
        {"M1": {**FINE, "line": 2}, "M2": {**FINE, "line": 4}},
    ),
    reads(
        "repeated code in a file",
        csv_file([one("L1", status="Trả lại"), one(" l1 ", status="Hợp lệ"), one("L2")]),
        (3, 3, 0, 0),
        {"l1": {"verdict": "valid", "rules": ["W08"], "line": 3}, "L2": {"verdict": "valid", "rules": []}},
    ),
]
