"""What a column decides: unit in the heading, month-first dates, the style of numbers; and quotas (CONTRACT §2)."""

from __future__ import annotations

from tests.scenarios.build import HEADINGS, QUOTA_HEADINGS, csv_file
from tests.scenarios.file_case import FINE, HEADER, TAIL, one, reads, table


def without(*names: str) -> dict[str, str]:
    return {name: heading for name, heading in HEADINGS.items() if name not in names}


COLUMN_CASES = [
    reads(
        "the unit in the heading",
        csv_file(
            [one("UH1", benefit="12,5"), one("UH2", benefit="3 tỷ")],
            {**without("benefit_unit"), "benefit": "Giá trị làm lợi (triệu đồng/năm)"},
        ),
        (2, 2, 0, 0),
        {"UH1": {"benefit_vnd": 12_500_000}, "UH2": {"benefit_vnd": 3_000_000_000}},
        "accepted",
    ),
    reads(
        "the unit column wins over the heading",
        csv_file(
            [one("UH3", benefit="12,5", benefit_unit="nghìn đồng"), one("UH4", benefit="12,5", benefit_unit="")],
            {**HEADINGS, "benefit": "Giá trị làm lợi (triệu đồng)"},
        ),
        (2, 2, 0, 0),
        {"UH3": {"benefit_vnd": 12_500}, "UH4": {"benefit_vnd": 12_500_000}},
        "accepted",
    ),
    reads(
        "a month-first column",
        csv_file(
            [one("MF1", applied_on="12/25/2022"), one("MF2", applied_on="02/03/2023", recognised_on="30/04/2023")]
        ),
        (2, 2, 0, 0),
        {"MF1": {"applied_on": "2022-12-25"}, "MF2": {"applied_on": "2023-02-03", "recognised_on": "2023-04-30"}},
        "accepted",
    ),
    reads(
        "both orders in a column",
        csv_file(
            [
                one("MF3", applied_on="12/25/2022"),
                one("MF4", applied_on="25/12/2022"),
                one("MF5", applied_on="02/03/2023", recognised_on="30/04/2023"),
            ]
        ),
        (3, 3, 0, 0),
        {
            "MF3": {"rules": ["V10"], "applied_on": None},
            "MF4": {"applied_on": "2022-12-25"},
            "MF5": {"applied_on": "2023-03-02"},
        },
    ),
    reads(
        "an impossible date proves no order",
        csv_file(
            [one("MF6", applied_on="02/30/2023"), one("MF7", applied_on="02/03/2023", recognised_on="30/04/2023")]
        ),
        (2, 2, 0, 0),
        {"MF6": {"rules": ["V10"]}, "MF7": {"applied_on": "2023-03-02"}},
    ),
    reads(
        "English numbers by majority",
        csv_file(
            [
                one("NS1", benefit="1,234,567"),
                one("NS2", benefit="1,234"),
                one("NS3", benefit="1.234", benefit_unit="triệu"),
                one("NS4", benefit="2.5"),
                one("NS5", benefit="2,5"),
            ]
        ),
        (5, 5, 0, 0),
        {
            "NS1": {"benefit_vnd": 1_234_567},
            "NS2": {"benefit_vnd": 1_234},
            "NS3": {"benefit_vnd": 1_234_000},
            "NS4": {"benefit_vnd": 3},
            "NS5": {"benefit_vnd": 3},
        },
        "accepted",
    ),
    reads(
        "a tie is Vietnamese",
        csv_file([one("NS6", benefit="1,234.5"), one("NS7", benefit="1.234,5"), one("NS8", benefit="1.234")]),
        (3, 3, 0, 0),
        {"NS6": {"benefit_vnd": 1_235}, "NS7": {"benefit_vnd": 1_235}, "NS8": {"benefit_vnd": 1_234}},
        "accepted",
    ),
    reads(
        "no proof is Vietnamese",
        csv_file([one("NS9", benefit="1.234"), one("NSA", benefit="5,125", benefit_unit="nghìn")]),
        (2, 2, 0, 0),
        {"NS9": {"benefit_vnd": 1_234}, "NSA": {"benefit_vnd": 5_125}},
        "accepted",
    ),
    reads(
        "unknown columns and ragged short rows",
        table("UC1;Cải tiến dây chuyền UC1;Lê Thị UC1;" + TAIL, header=HEADER + ";Ghi chú;STT"),
        (1, 1, 0, 0),
        {"UC1": FINE},
    ),
    reads(
        "quotas, some unreadable",
        csv_file(
            [
                {"phase": "I", "quota_type": "Giao", "quota": "3.500"},
                {"phase": "III", "quota_type": "Giao", "quota": "1"},
                {"phase": "2", "quota_type": "Giao", "quota": "nhiều"},
                {"union": "Công đoàn Công ty A", "phase": "II", "quota_type": "Tự đặt", "quota": "200"},
                {"union": "Tổng cộng", "quota": "3700"},
            ],
            QUOTA_HEADINGS,
        ),
        (4, 2, 2, 1),
        status="accepted_with_issues",
        file_name="quotas_{}.csv",
    ),
]
