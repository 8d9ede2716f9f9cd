"""How much of what: the shares of each fate and of each fault. To simulate more of something, change a number here."""

from datetime import date
from enum import IntEnum

import numpy as np

from sangkien.simulate.draw import IntArray, apportion, proportion

MILLION = 1_000_000


class State(IntEnum):
    """The verdict of a version; a valid one of group g is VALID + g."""

    WITHDRAWN = 0
    INVALID = 1
    UNDER_REVIEW = 2
    VALID = 3


# The fate of an initiative. Those of the first four kinds make up the submitted ones; the rest comes on top.
VALID_CLASSES = (0, 1, 2)
UNDER_REVIEW_CLASS = 3
INVALID_SHARES = {
    "V01": 70,
    "V02": 95,
    "V03": 160,
    "V04": 12,
    "V05": 18,
    "V06": 80,
    "V07": 60,
    "V08": 55,
    "V09": 40,
    "V10": 60,
    "V11": 30,
    "V12": 120,
    "V13": 50,
    "V14": 150,
}
EXTRA_PER_MILLION = {"withdrawn": 11_000, "left_out": 200, "R01": 600, "R02": 400}
CLASSES = ("valid_0", "valid_1", "valid_2", "under_review", *INVALID_SHARES, *EXTRA_PER_MILLION)
CLASS = {name: number for number, name in enumerate(CLASSES)}
UNDER_REVIEW_PER_MILLION = 20_000

# Faults of valid initiatives that leave them valid, at most one each; from `not_computable` on they bear on the amount.
FAULT_PER_MILLION = {
    "W01": 10_000,
    "W06": 4_000,
    "W07": 8_000,
    "not_computable": 130_000,
    "missing": 35_000,
    "usd": 4_000,
    "unreadable": 4_000,
    "unknown_unit": 800,
    "negative": 2_000,
}
# Implausible amounts on valid initiatives, over the limit and over 1,000 times the median: as many as the sums bear.
FAULTS = (*FAULT_PER_MILLION, "huge", "large")
NO_AMOUNT_IN_VND = FAULTS[3:]

CORRECTIONS_PER_MILLION = 44_000
REPEATS_PER_MILLION = 3_000
IMPLAUSIBLE_PER_MILLION = 50

# Below this size a rare thing need not occur; from it on, each occurs at least once.
EVERYTHING_OCCURS_FROM = 2_000

# Benefit of the valid initiatives in đồng at full size, without the implausible: up to the first milestone, and in all.
BENEFIT_AT_FIRST_MILESTONE = 10_250 * 10**9
BENEFIT_IN_ALL = 33_450 * 10**9
# What the valid initiatives with an implausible amount may add to that, of each of the two kinds.
HUGE_BENEFIT, HUGE_IN_ALL = 120 * 10**9, 480 * 10**9
LARGE_BENEFIT, LARGE_IN_ALL = 30 * 10**9, 450 * 10**9

# The bounds of the contract (§4) that dates are drawn within or, for the faults, beyond.
APPLIED_FROM, APPLIED_TO = date(2021, 9, 1).toordinal(), date(2023, 9, 1).toordinal()

NIGHT_CORRECTIONS_PER_MILLION = 200_000
NIGHT_SHARES = {
    "valid_0": 400,
    "valid_1": 310,
    "valid_2": 140,
    "under_review": 70,
    "V01": 10,
    "V02": 15,
    "V03": 25,
    "V07": 10,
    "V10": 10,
    "V14": 10,
}


def at_least_one(per_million: int, rows: int) -> int:
    """That share of the rows; at least one once everything is to occur."""
    return max(proportion(per_million, rows, MILLION), int(rows >= EVERYTHING_OCCURS_FROM))


def class_totals(rows: int, valid: IntArray) -> IntArray:
    """How many initiatives of each class a simulation of a size has.

    Args:
        rows: Submitted initiatives.
        valid: Valid ones of each member group.
    """
    under_review = at_least_one(UNDER_REVIEW_PER_MILLION, rows)
    invalid = rows - int(valid.sum()) - under_review
    totals = [*valid, under_review, *apportion(invalid, list(INVALID_SHARES.values()))]
    for name, per_million in EXTRA_PER_MILLION.items():
        enough = name != "left_out" or rows >= EVERYTHING_OCCURS_FROM
        totals.append(at_least_one(per_million, rows) if enough else 0)
    return np.array(totals, dtype=np.int64)


def fault_totals(rows: int, full_size: int) -> dict[str, int]:
    """How many valid initiatives have each fault, for a simulation of a size."""
    totals = {name: at_least_one(per_million, rows) for name, per_million in FAULT_PER_MILLION.items()}
    totals["huge"] = HUGE_IN_ALL * rows // full_size // HUGE_BENEFIT
    totals["large"] = LARGE_IN_ALL * rows // full_size // LARGE_BENEFIT
    return totals
