"""Re-deliveries, duplicates of deliveries, the order of versions, medians (CONTRACT §1, §3 and §4)."""

from __future__ import annotations

from tests.scenarios.nights_case import NightsCase, V, rows, tens

DELIVERY_CASES = [
    NightsCase(
        "a re-delivery replaces the earlier one, rows only that one had included",
        [
            {("a", "initiatives_D1.csv"): rows("A1", "A2")},
            {("a", "initiatives_D1.csv"): [("A1", {"status": "Trả lại"})]},
        ],
        {("a", "A1"): ("invalid", "V14")},
        {("a", "initiatives_D1.csv"): ["superseded", "accepted_with_issues"]},
    ),
    NightsCase(
        "going back to earlier bytes is a re-delivery too",
        [
            {("a", "initiatives_D1.csv"): rows("A1")},
            {("a", "initiatives_D1.csv"): rows("A2")},
            {("a", "initiatives_D1.csv"): rows("A1")},
        ],
        {("a", "A1"): V},
        {("a", "initiatives_D1.csv"): ["superseded", "superseded", "accepted"]},
    ),
    NightsCase(
        "a re-delivery of an older export brings an older version back",
        [
            {("a", "initiatives_D1.csv"): rows("A1")},
            {("a", "initiatives_D2.csv"): [("A1", {"status": "Trả lại"})]},
            {("a", "initiatives_D2.csv"): rows("A2")},
        ],
        {("a", "A1"): V, ("a", "A2"): V},
    ),
    NightsCase(
        "a quarantined file supersedes nothing",
        [{("a", "initiatives_D1.csv"): rows("A1")}, {("a", "initiatives_D1.csv"): b"no header"}],
        {("a", "A1"): V},
        {("a", "initiatives_D1.csv"): ["accepted", "quarantined"]},
    ),
    NightsCase(
        "going back from a quarantined file to the bytes that count is a duplicate",
        [
            {("a", "initiatives_D1.csv"): rows("A1")},
            {("a", "initiatives_D1.csv"): b"no header"},
            {("a", "initiatives_D1.csv"): rows("A1")},
        ],
        {("a", "A1"): V},
        {("a", "initiatives_D1.csv"): ["accepted", "quarantined", "duplicate"]},
    ),
    NightsCase(
        "the same bytes under another extension are a duplicate",
        [{("a", "initiatives_D1.csv"): rows("A1")}, {("a", "initiatives_D1.txt"): rows("A1")}],
        {("a", "A1"): V},
        {("a", "initiatives_D1.csv"): ["accepted"], ("a", "initiatives_D1.txt"): ["duplicate"]},
    ),
    NightsCase(
        "the same bytes for another date, part, mark or unit are none",
        [
            {
                ("a", "initiatives_D1.csv"): rows("A1"),
                ("a", "initiatives_D2.csv"): rows("A1"),
                ("a", "initiatives_D2_full.csv"): rows("A1"),
                ("a", "initiatives_D2_p01of02.csv"): rows("A1"),
            }
        ],
        {("a", "A1"): V},
        {
            ("a", name): ["accepted"]
            for name in (
                "initiatives_D1.csv",
                "initiatives_D2.csv",
                "initiatives_D2_full.csv",
                "initiatives_D2_p01of02.csv",
            )
        },
    ),
    NightsCase(
        "a duplicate counts when what it repeated is superseded",
        [
            {("a", "initiatives_D1.csv"): rows("A1")},
            {("a", "initiatives_D1.txt"): rows("A1")},
            {("a", "initiatives_D1.csv"): rows("A2")},
        ],
        {("a", "A1"): V, ("a", "A2"): V},
        {("a", "initiatives_D1.csv"): ["superseded", "accepted"], ("a", "initiatives_D1.txt"): ["accepted"]},
    ),
    NightsCase(
        "the order within a day: part, then file name, then line",
        [
            {
                ("a", "initiatives_D1_p02of02.csv"): [("A1", {}), ("A2", {"status": "Trả lại"})],
                ("a", "initiatives_D1_p01of02.csv"): [("A1", {"status": "Trả lại"}), ("A2", {})],
                ("a", "initiatives_D1.csv"): [
                    ("A1", {"status": "Rút"}),
                    ("A2", {"status": "Rút"}),
                    ("A3", {"status": "Rút"}),
                ],
                ("a", "initiatives_D1.txt"): [("A3", {"status": "Trả lại"}), ("A3", {})],
            }
        ],
        {("a", "A1"): V, ("a", "A2"): ("invalid", "V14"), ("a", "A3"): ("valid", "W08")},
    ),
    NightsCase(
        "a later export wins even when it arrives first",
        [{("a", "initiatives_D2.csv"): [("A1", {"status": "Trả lại"})]}, {("a", "initiatives_D1.csv"): rows("A1")}],
        {("a", "A1"): ("invalid", "V14")},
        as_of={"D1": {("a", "A1"): V}},
    ),
    NightsCase(
        "V09 looks at the export date of the version",
        [
            {
                ("a", "initiatives_D1.csv"): [
                    ("A1", {"recognised_on": "02/08/2023"}),
                    ("A2", {"submitted_on": "01/08/2023"}),
                    ("A3", {"submitted_on": "02/08/2023"}),
                    ("A4", {"applied_on": "01/08/2023", "recognised_on": "01/08/2023"}),
                    ("A5", {"applied_on": "02/08/2023", "recognised_on": ""}),
                ]
            },
            {("a", "initiatives_D2.csv"): [("A1", {"recognised_on": "02/08/2023"})]},
        ],
        {
            ("a", "A1"): V,
            ("a", "A2"): V,
            ("a", "A3"): ("invalid", "V09"),
            ("a", "A4"): V,
            ("a", "A5"): ("invalid", "V03 V09"),
        },
        as_of={
            "D1": {
                ("a", "A1"): ("invalid", "V09"),
                ("a", "A2"): V,
                ("a", "A3"): ("invalid", "V09"),
                ("a", "A4"): V,
                ("a", "A5"): ("invalid", "V03 V09"),
            }
        },
    ),
    NightsCase(
        "codes are compared trimmed and case-folded, and the last spelling shows",
        [
            {("a", "initiatives_D1.csv"): rows("sk-01ß")},
            {("a", "initiatives_D2.csv"): [(" SK-01SS", {"status": "Trả lại"})]},
        ],
        {("a", "SK-01SS"): ("invalid", "V14")},
    ),
    NightsCase(
        "thirty valid ones give a median: over a thousand times of it is implausible",
        [
            {
                ("a", "initiatives_D1.csv"): [
                    *tens("A", 28),
                    ("A29", {"benefit": "10.000"}),
                    ("A30", {"benefit": "10.001"}),
                    ("A31", {"benefit": "99.999", "member_group": "x"}),
                ],
                ("b", "initiatives_D1.csv"): [
                    *tens("B", 28),
                    ("B29", {"benefit": "10.001"}),
                    ("B30", {"benefit": "10 USD"}),
                ],
            }
        ],
        {
            **{("a", f"A{number}"): V for number in range(1, 30)},
            ("a", "A30"): ("valid", "W04"),
            ("a", "A31"): ("invalid", "V07 W04"),
            **{("b", f"B{number}"): V for number in range(1, 31)},
        },
    ),
]
