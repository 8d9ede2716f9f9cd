"""The initiatives of a batch as numbers: who, what, when, how much, and what is wrong with each."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from sangkien.simulate.draw import IntArray, Stream, stream
from sangkien.simulate.faults import FAULTS as MAKE
from sangkien.simulate.faults import NO, Status
from sangkien.simulate.history import Fates, decide_fates, outlive
from sangkien.simulate.money import set_amounts
from sangkien.simulate.plan import Batch, UnitPlan
from sangkien.simulate.recipe import APPLIED_FROM, CLASS, CLASSES, FAULTS, VALID_CLASSES, State
from sangkien.simulate.schedule import FIRST_SUBMISSION, LAST_SUBMISSION
from sangkien.simulate.style import Style
from sangkien.simulate.table import NULL, Table

_GROUP_PERCENT = (47, 36, 17)
_LATE_PERCENT = 3
_NAMESAKES_PER_MILLE = 4
_PEOPLE_PER_CENT_INITIATIVES = 55
_PEOPLE_PER_WORKPLACE = 20
_BIRTHS = date(1962, 1, 1).toordinal(), date(2002, 12, 31).toordinal()

# Fields that a unit may leave empty, and how often in a hundred.
_OFTEN_EMPTY = {
    "author_birth": 3,
    "author_gender": 2,
    "member_card": 8,
    "job_title": 3,
    "grassroots_union": 2,
    "field": 6,
    "description": 2,
    "recognition_level": 4,
}
# Numbers drawn for each initiative on its own, below a bound.
_DRAWS = {
    "solution_type": 5,
    "content_category": 5,
    "field": 16,
    "problem": 64,  # three in four descriptions have none
    "remedy": 16,
    "result": 16,
    "level": 7,
    "decision": 4000,
    "minute": 1440,
    "coauthors": 100,
    "spelling": 1 << 20,
}


@dataclass(frozen=True)
class Population:
    """The initiatives of a batch: what becomes of them, and what they are in the end."""

    fates: Fates
    table: Table


def populate(plan: UnitPlan, batch: Batch, style: Style) -> Population:
    """Make the initiatives of a batch.

    Args:
        plan: The unit's plan.
        batch: Which of its batches.
        style: How the unit writes: amounts are whole in what it writes them in.
    """

    def draws(label: str) -> Stream:
        return stream(plan.seed, plan.unit.code, batch.label, label)

    fates = decide_fates(batch, draws("fates"))
    count = len(fates.kind)
    export = np.array(batch.dates, dtype=np.int64)[fates.delivery]
    table = Table({"code": _codes(fates, draws("codes"))})
    table["export"], table["judged_on"] = export, _judged_on(batch, fates, export)
    table["title"] = batch.first_title + np.arange(count)
    table["title_variant"] = np.zeros(count, dtype=np.int64)
    table["group"] = _groups(fates, draws("groups"))
    _set_people(table, draws("people"))
    _set_submission(batch, fates, table, draws("submission"))
    _bind(batch, fates, table, draws("outlive"))
    # Those that are withdrawn later are valid until then, of any group.
    fates.first_state[fates.first_state == State.VALID] += table["group"][fates.first_state == State.VALID]
    _add_namesakes(fates, table, draws("namesakes"))
    _set_other_dates(table, draws("dates"))
    _set_lists(table, draws("lists"))
    _leave_empty(table, draws("empty"))
    _make_faults(batch, fates, table, draws("faults"))
    set_amounts(batch, fates, table, style, draws("amounts"))
    return Population(fates, table)


def _codes(fates: Fates, draws: Stream) -> IntArray:
    """Numbers that rise from delivery to delivery and tell nothing of the class."""
    shuffled = np.lexsort((draws.permutation(len(fates.kind)), fates.delivery))
    codes = np.empty_like(shuffled)
    codes[shuffled] = np.arange(1, len(shuffled) + 1)
    return codes.astype(np.int64)


def _judged_on(batch: Batch, fates: Fates, export: IntArray) -> IntArray:
    """The export date of the last version: where a full export repeats the initiative, its date."""
    if batch.full_at is None:
        return export
    return np.where(fates.delivery <= batch.full_at, batch.dates[batch.full_at], export)


def _groups(fates: Fates, draws: Stream) -> IntArray:
    drawn = np.searchsorted(np.cumsum(_GROUP_PERCENT), draws.integers(0, 100, len(fates.kind)), side="right")
    return np.where(np.isin(fates.kind, VALID_CLASSES), fates.kind, drawn).astype(np.int64)


def _set_people(table: Table, draws: Stream) -> None:
    """Authors, of whom some file often; what belongs to a person is the same on each of their initiatives."""
    count = len(table)
    people = max(1, count * _PEOPLE_PER_CENT_INITIATIVES // 100)
    rank = draws.integers(0, people, count)
    person = (rank * draws.integers(0, people, count) // people) * 3 + table["group"]
    table["name"] = draws.integers(0, 1 << 30, people * 3)[person]
    table["card"] = draws.permutation(people * 3)[person]
    table["author_birth"] = draws.integers(*_BIRTHS, people * 3)[person]
    table["job"] = draws.integers(0, 1 << 20, people * 3)[person]
    table["workplace"] = draws.integers(0, max(1, people * 3 // _PEOPLE_PER_WORKPLACE), people * 3)[person]


def _set_submission(batch: Batch, fates: Fates, table: Table, draws: Stream) -> None:
    """Most are filed between the delivery before and their own, some long before."""
    count = len(table)
    opens = np.array([batch.opens, *[day + 1 for day in batch.dates[:-1]]], dtype=np.int64)
    closes = np.minimum(np.array(batch.dates, dtype=np.int64), LAST_SUBMISSION)
    days = np.maximum(closes - opens + 1, 1)[fates.delivery]
    late = draws.integers(0, 100, count) < _LATE_PERCENT
    back = np.where(late, draws.integers(0, 60, count), draws.integers(0, 1 << 30, count) % days)
    table["submitted_on"] = np.maximum(closes[fates.delivery] - back, FIRST_SUBMISSION)


def _bind(batch: Batch, fates: Fates, table: Table, draws: Stream) -> None:
    """Bind the duplicates to their first filers."""
    twins = batch.twins
    table["title"][twins.row] = twins.title
    table["title_variant"][twins.row] = twins.variant
    table["name"][twins.row] = twins.name
    table["group"][twins.row] = twins.group
    table["submitted_on"][twins.row] = twins.day
    later, first = twins.row[twins.code_after >= 0], twins.code_after[twins.code_after >= 0]
    codes = table["code"][later], table["code"][first]
    table["code"][later], table["code"][first] = np.maximum(*codes), np.minimum(*codes)

    gone, stays = outlive(fates, draws)
    table["group"][gone] = table["group"][stays]
    for column in ("title", "name"):
        table[column][stays] = table[column][gone]
    table["submitted_on"][gone] = table["export"][gone] - 1
    table["submitted_on"][stays] = table["export"][stays]


def _add_namesakes(fates: Fates, table: Table, draws: Stream) -> None:
    """Titles that two authors share: no duplicates, since the author differs."""
    chosen = np.flatnonzero(draws.integers(0, 1000, len(table)) < _NAMESAKES_PER_MILLE)
    chosen = chosen[(chosen > 0) & np.isin(fates.kind[chosen], VALID_CLASSES) & ~fates.prescribed[chosen]]
    before = chosen - 1
    fit = (fates.kind[before] == fates.kind[chosen]) & ~fates.prescribed[before] & ~np.isin(before, chosen)
    chosen, before = chosen[fit], before[fit]
    table["title"][chosen] = table["title"][before]
    table["name"][chosen] = table["name"][before] + 2


def _set_other_dates(table: Table, draws: Stream) -> None:
    """Applied before submission, recognised between the two."""
    count = len(table)
    submitted = table["submitted_on"]
    table["applied_on"] = np.maximum(submitted - draws.integers(5, 200, count), APPLIED_FROM)
    table["recognised_on"] = table["applied_on"] + draws.integers(0, 1 << 30, count) % (
        submitted - table["applied_on"] + 1
    )


def _set_lists(table: Table, draws: Stream) -> None:
    count = len(table)
    for name, bound in _DRAWS.items():
        table[name] = draws.integers(0, bound, count)
    for name, per_cent in (("solution_type", 3), ("content_category", 2)):
        table[name][draws.integers(0, 100, count) < per_cent] = NULL
    status = np.array([Status.ACCEPTED] * 16 + [Status.SUBMITTED] * 3 + [NULL], dtype=np.int64)
    table["status"] = status[draws.integers(0, len(status), count)]
    for name in ("against_public_order", "under_ip_protection"):
        table[name] = np.where(draws.integers(0, 100, count) < 70, NO, NULL)
    for name in ("revision", "beyond"):
        table[name] = np.zeros(count, dtype=np.int64)


def _leave_empty(table: Table, draws: Stream) -> None:
    for name, per_cent in _OFTEN_EMPTY.items():
        table.mark(name, np.flatnonzero(draws.integers(0, 100, len(table)) < per_cent), NULL)


def _make_faults(batch: Batch, fates: Fates, table: Table, draws: Stream) -> None:
    table["benefit_kind"] = np.zeros(len(table), dtype=np.int64)
    for name in CLASSES:
        if name in MAKE:
            MAKE[name](table, np.flatnonzero(fates.kind == CLASS[name]), draws)
    periods = np.array(batch.periods)[fates.delivery]
    for period, counts in enumerate(batch.faults):
        rows = draws.permutation(np.flatnonzero(np.isin(fates.kind, VALID_CLASSES) & (periods == period)))
        for name, some in zip(FAULTS, np.split(rows, np.cumsum(counts)), strict=False):
            MAKE[name](table, some, draws)
    returned = draws.permutation(np.flatnonzero(fates.kind == CLASS["V14"]))
    MAKE["huge"](table, returned[: batch.implausible], draws)
