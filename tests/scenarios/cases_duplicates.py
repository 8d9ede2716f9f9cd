"""V12 and V13: who filed first, and what becomes of the others (CONTRACT §4)."""

from __future__ import annotations

from tests.scenarios.nights_case import GONE, NightsCase, V, rows, same

DUPLICATE_CASES = [
    NightsCase(
        "the first filer by date stands, within a unit",
        [
            {
                ("a", "initiatives_D1.csv"): [
                    ("A1", same("11/03/2023")),
                    ("A2", same("10/03/2023")),
                    ("A3", same("12/03/2023")),
                ]
            }
        ],
        {("a", "A1"): ("invalid", "V12"), ("a", "A2"): V, ("a", "A3"): ("invalid", "V12")},
    ),
    NightsCase(
        "the first filer by date stands, across units",
        [
            {
                ("a", "initiatives_D1.csv"): [("A1", same("11/03/2023"))],
                ("b", "initiatives_D1.csv"): [("B1", same("10/03/2023"))],
            }
        ],
        {("a", "A1"): ("invalid", "V13"), ("b", "B1"): V},
    ),
    NightsCase(
        "a tie of dates goes by unit code, whatever the time of day",
        [
            {
                ("b", "initiatives_D1.csv"): [("A1", same("10/03/2023 07:00"))],
                ("a", "initiatives_D1.csv"): [("Z9", same("10/03/2023 23:00"))],
            }
        ],
        {("a", "Z9"): V, ("b", "A1"): ("invalid", "V13")},
    ),
    NightsCase(
        "then by code, case-folded and in code-point order",
        [
            {
                ("a", "initiatives_D1.csv"): [
                    ("b1", same("10/03/2023")),
                    ("A2", same("10/03/2023")),
                    ("a10", same("10/03/2023")),
                    ("É1", same("10/03/2023")),
                ]
            }
        ],
        {
            ("a", "a10"): V,
            ("a", "A2"): ("invalid", "V12"),
            ("a", "b1"): ("invalid", "V12"),
            ("a", "É1"): ("invalid", "V12"),
        },
    ),
    NightsCase(
        "both fire, and V13 for an earlier one that is itself a duplicate",
        [
            {
                ("a", "initiatives_D1.csv"): [("A1", same("10/03/2023")), ("A2", same("12/03/2023"))],
                ("b", "initiatives_D1.csv"): [("B1", same("11/03/2023")), ("B2", same("13/03/2023"))],
            }
        ],
        {
            ("a", "A1"): V,
            ("b", "B1"): ("invalid", "V13"),
            ("a", "A2"): ("invalid", "V12 V13"),
            ("b", "B2"): ("invalid", "V12 V13"),
        },
    ),
    NightsCase(
        "title and author by match_key",
        [
            {
                ("a", "initiatives_D1.csv"): [
                    ("A1", same("10/03/2023")),
                    (
                        "A2",
                        {**same("11/03/2023"), "title": "GIAI PHAP  dung-chung", "author_name": "pham thi dung chung"},
                    ),
                ]
            }
        ],
        {("a", "A1"): V, ("a", "A2"): ("invalid", "V12")},
    ),
    NightsCase(
        "another author is another initiative",
        [
            {
                ("a", "initiatives_D1.csv"): [
                    ("A1", same("10/03/2023")),
                    ("A2", {**same("11/03/2023"), "author_name": "Phạm Thị Khác"}),
                ]
            }
        ],
        {("a", "A1"): V, ("a", "A2"): V},
    ),
    NightsCase(
        "those under review are candidates, those returned or broken are not",
        [
            {
                ("a", "initiatives_D1.csv"): [
                    ("A1", same("09/03/2023", status="Trả lại")),
                    ("A2", same("10/03/2023", status="Chờ duyệt")),
                    ("A3", same("08/03/2023", applied_on="01/01/2020")),
                    ("A4", same("11/03/2023", benefit="-1")),
                ]
            }
        ],
        {
            ("a", "A1"): ("invalid", "V14"),
            ("a", "A2"): ("under_review", "P01"),
            ("a", "A3"): ("invalid", "V02"),
            ("a", "A4"): ("invalid", "V12 W03"),
        },
    ),
    NightsCase(
        "the first filer is withdrawn later",
        [
            {
                ("a", "initiatives_D1.csv"): [("A1", same("10/03/2023"))],
                ("b", "initiatives_D1.csv"): [("B1", same("11/03/2023")), ("B2", same("12/03/2023"))],
            },
            {("a", "initiatives_D2.csv"): [("A1", same("10/03/2023", status="Rút"))]},
        ],
        {("a", "A1"): GONE, ("b", "B1"): V, ("b", "B2"): ("invalid", "V12")},
        as_of={"D1": {("a", "A1"): V, ("b", "B1"): ("invalid", "V13"), ("b", "B2"): ("invalid", "V12 V13")}},
    ),
    NightsCase(
        "the first filer is corrected to something invalid",
        [
            {("a", "initiatives_D1.csv"): [("A1", same("10/03/2023")), ("A2", same("11/03/2023"))]},
            {("a", "initiatives_D2.csv"): [("A1", same("10/03/2023", member_group="Nông dân"))]},
        ],
        {("a", "A1"): ("invalid", "V07"), ("a", "A2"): V},
    ),
    NightsCase(
        "the first filer is corrected to another title, and back",
        [
            {("a", "initiatives_D1.csv"): [("A1", same("10/03/2023")), ("A2", same("11/03/2023"))]},
            {("a", "initiatives_D2.csv"): [("A1", {"submitted_on": "10/03/2023"})]},
            {("a", "initiatives_D3.csv"): [("A1", same("10/03/2023"))]},
        ],
        {("a", "A1"): V, ("a", "A2"): ("invalid", "V12")},
        as_of={"D2": {("a", "A1"): V, ("a", "A2"): V}},
    ),
    NightsCase(
        "the first filer arrives late",
        [
            {("b", "initiatives_D2.csv"): [("B1", same("11/03/2023"))]},
            {("a", "initiatives_D1.csv"): [("A1", same("10/03/2023"))]},
        ],
        {("a", "A1"): V, ("b", "B1"): ("invalid", "V13")},
    ),
    NightsCase(
        "the first filer is left out by a full",
        [
            {
                ("a", "initiatives_D1.csv"): [("A1", same("10/03/2023")), ("A2", {})],
                ("b", "initiatives_D1.csv"): [("B1", same("11/03/2023"))],
            },
            {("a", "initiatives_D2_full.csv"): rows("A2")},
        ],
        {("a", "A1"): GONE, ("a", "A2"): V, ("b", "B1"): V},
        as_of={"D1": {("a", "A1"): V, ("a", "A2"): V, ("b", "B1"): ("invalid", "V13")}},
    ),
]
