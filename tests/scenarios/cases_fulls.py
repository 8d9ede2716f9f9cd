"""Full exports: what they withdraw, and when they are complete (CONTRACT §1)."""

from __future__ import annotations

from tests.scenarios.nights_case import GONE, NO_ROWS, NightsCase, V, rows

FULL_CASES = [
    NightsCase(
        "a full withdraws what it leaves out, from its date on",
        [{("a", "initiatives_D1.csv"): rows("A1", "A2")}, {("a", "initiatives_D3_full.csv"): rows("A1")}],
        {("a", "A1"): V, ("a", "A2"): GONE},
        as_of={"D2": {("a", "A1"): V, ("a", "A2"): V}, "D3": {("a", "A1"): V, ("a", "A2"): GONE}},
    ),
    NightsCase(
        "what comes back after the full counts again",
        [
            {("a", "initiatives_D1.csv"): rows("A1", "A2")},
            {("a", "initiatives_D2_full.csv"): rows("A1")},
            {("a", "initiatives_D3.csv"): rows("A2")},
        ],
        {("a", "A1"): V, ("a", "A2"): V},
        as_of={"D2": {("a", "A1"): V, ("a", "A2"): GONE}},
    ),
    NightsCase(
        "a late delta from before the full is left out too",
        [{("a", "initiatives_D2_full.csv"): rows("A1")}, {("a", "initiatives_D1.csv"): rows("A1", "A2")}],
        {("a", "A1"): V, ("a", "A2"): GONE},
    ),
    NightsCase(
        "a delta of the same day is not left out, and wins over the full",
        [
            {("a", "initiatives_D1.csv"): rows("A1", "A2", "A3")},
            {
                ("a", "initiatives_D2_full.csv"): rows("A1", "A2"),
                ("a", "initiatives_D2.csv"): [("A3", {}), ("A2", {"status": "Trả lại"})],
            },
        ],
        {("a", "A1"): V, ("a", "A2"): ("invalid", "V14"), ("a", "A3"): V},
    ),
    NightsCase(
        "an incomplete full is a delta",
        [
            {("a", "initiatives_D1.csv"): rows("A1", "A2", "A3")},
            {("a", "initiatives_D2_full_p01of02.csv"): [("A1", {"status": "Trả lại"})]},
        ],
        {("a", "A1"): ("invalid", "V14"), ("a", "A2"): V, ("a", "A3"): V},
    ),
    NightsCase(
        "a full is complete with its last part",
        [
            {("a", "initiatives_D1.csv"): rows("A1", "A2", "A3")},
            {("a", "initiatives_D2_full_p02of02.csv"): rows("A2")},
            {("a", "initiatives_D2_full_p01of02.xlsx"): rows("A1")},
        ],
        {("a", "A1"): V, ("a", "A2"): V, ("a", "A3"): GONE},
    ),
    NightsCase(
        "parts of different counts do not make a full",
        [
            {("a", "initiatives_D1.csv"): rows("A1", "A2", "A3")},
            {
                ("a", "initiatives_D2_full_p01of03.csv"): rows("A1"),
                ("a", "initiatives_D2_full_p02of02.csv"): rows("A2"),
            },
        ],
        {("a", "A1"): V, ("a", "A2"): V, ("a", "A3"): V},
    ),
    NightsCase(
        "a part without rows is a part",
        [
            {("a", "initiatives_D1.csv"): rows("A1", "A2")},
            {("a", "initiatives_D2_full_p01of02.csv"): rows("A1"), ("a", "initiatives_D2_full_p02of02.csv"): NO_ROWS},
        ],
        {("a", "A1"): V, ("a", "A2"): GONE},
    ),
    NightsCase(
        "parts that all have no row are no full",
        [
            {("a", "initiatives_D1.csv"): rows("A1")},
            {("a", "initiatives_D2_full_p01of02.csv"): NO_ROWS, ("a", "initiatives_D2_full_p02of02.csv"): NO_ROWS},
        ],
        {("a", "A1"): V},
    ),
    NightsCase(
        "a quarantined part leaves the full incomplete until it is re-delivered",
        [
            {("a", "initiatives_D1.csv"): rows("A1", "A2", "A3")},
            {
                ("a", "initiatives_D2_full_p01of02.csv"): rows("A1"),
                ("a", "initiatives_D2_full_p02of02.csv"): b"no header",
            },
            {("a", "initiatives_D2_full_p02of02.csv"): rows("A2")},
        ],
        {("a", "A1"): V, ("a", "A2"): V, ("a", "A3"): GONE},
        {("a", "initiatives_D2_full_p02of02.csv"): ["quarantined", "accepted"]},
    ),
    NightsCase(
        "a rejected row keeps its initiative",
        [
            {("a", "initiatives_D1.csv"): rows("A1", "A2", "A3")},
            {("a", "initiatives_D2_full.csv"): [("A1", {}), (" a2 ", {"title": "x" * (2**20 + 1)})]},
        ],
        {("a", "A1"): V, ("a", "A2"): V, ("a", "A3"): GONE},
        {("a", "initiatives_D2_full.csv"): ["accepted_with_issues"]},
    ),
    NightsCase(
        "a full is of its own unit only",
        [
            {("a", "initiatives_D1.csv"): rows("A1"), ("b", "initiatives_D1.csv"): rows("A1", "A2")},
            {("a", "initiatives_D2_full.csv"): rows("A2")},
        ],
        {("a", "A1"): GONE, ("a", "A2"): V, ("b", "A1"): V, ("b", "A2"): V},
    ),
    NightsCase(
        "two fulls of one day do not withdraw each other's initiatives",
        [
            {("a", "initiatives_D1.csv"): rows("A1", "A2", "A3")},
            {("a", "initiatives_D2_full.csv"): rows("A1"), ("a", "initiatives_D2_full.xlsx"): rows("A2")},
        ],
        {("a", "A1"): V, ("a", "A2"): V, ("a", "A3"): GONE},
    ),
    NightsCase(
        "a re-delivered full leaves out what the earlier one had",
        [
            {("a", "initiatives_D1.csv"): rows("A1", "A2")},
            {("a", "initiatives_D2_full.csv"): rows("A1", "A2")},
            {("a", "initiatives_D2_full.csv"): rows("A1")},
        ],
        {("a", "A1"): V, ("a", "A2"): GONE},
        {("a", "initiatives_D2_full.csv"): ["superseded", "accepted"]},
    ),
]
