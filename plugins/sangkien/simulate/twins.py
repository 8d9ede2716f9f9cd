"""Duplicates on purpose: which initiatives share title and author with an earlier one (contract §4, V12 and V13).

The first filer is a valid initiative, filed on the day before its export. The later one is delivered no earlier and is
filed on the day of its own export, or on the same day as the first, where unit or code decide. So it is invalid from
the day of its delivery on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sangkien.simulate.draw import IntArray, Stream
from sangkien.simulate.recipe import CLASS, VALID_CLASSES

TITLE_VARIANTS = 4
_FIRST_FILERS_PERCENT = 30  # of the valid initiatives of a delivery, at most
_TIE_PERCENT = 15
_TRIPLE_PERCENT = 15
_NAMES = 1 << 30


@dataclass(frozen=True)
class Twins:
    """Initiatives of one unit whose title, author and day of submission are prescribed; parallel arrays.

    Attributes:
        row: Number of the initiative in its unit.
        title: Number of its title.
        name: Number of its author's name.
        group: Number of its member group.
        day: Day of submission, an ordinal.
        variant: How its title is spelt; 0: plainly.
        code_after: The initiative of the same unit whose code must be smaller; -1: none.
    """

    row: IntArray
    title: IntArray
    name: IntArray
    group: IntArray
    day: IntArray
    variant: IntArray
    code_after: IntArray


@dataclass(frozen=True)
class Deliveries:
    """All deliveries of all units: parallel arrays in the order of unit, then day; `counts` has a column a class."""

    unit: IntArray
    day: IntArray
    counts: IntArray

    def valid(self) -> IntArray:
        """Valid initiatives of each delivery."""
        valid: IntArray = self.counts[:, VALID_CLASSES].sum(axis=1)
        return valid

    def starts(self) -> IntArray:
        """Number, within its unit, of the first initiative of each delivery and class."""
        flat = self.counts.ravel()
        starts = (np.cumsum(flat) - flat).reshape(self.counts.shape)
        offsets: IntArray = starts - starts[np.searchsorted(self.unit, self.unit), :1]
        return offsets


@dataclass(frozen=True)
class _Pair:
    """A later filer, in a delivery, and its first filer: the n-th that another delivery (or the same) lends."""

    rule: str
    later: int
    first: int
    nth: int
    joins: bool = False


def assign_twins(deliveries: Deliveries, first_titles: Sequence[int], draws: Stream) -> list[Twins]:
    """Find a first filer for every later one, and prescribe both, for each unit.

    Where no delivery before can lend a first filer (in small simulations), the later one becomes V14 in the counts.

    Args:
        deliveries: Every delivery; its counts are changed where said.
        first_titles: For each unit, the number of its first initiative's title.
        draws: The stream to draw from.
    """
    capacity = -(-deliveries.valid() * _FIRST_FILERS_PERCENT // 100)
    used = np.zeros_like(capacity)
    across = _pairs_across(deliveries, capacity, used, draws)
    within = _pairs_within(deliveries, capacity, used, across, draws)
    return _prescribe(deliveries, capacity, first_titles, across + within, draws)


def _pairs_across(deliveries: Deliveries, capacity: IntArray, used: IntArray, draws: Stream) -> list[_Pair]:
    """V13: the first filer is of another unit, exported on an earlier day, or the same by a unit that stands before."""
    order = np.lexsort((deliveries.unit, deliveries.day))
    pairs = []
    for place, later in enumerate(order):
        before = order[:place]
        free = np.where(deliveries.unit[before] == deliveries.unit[later], 0, (capacity - used)[before])
        pairs += _take("V13", deliveries, int(later), before, free, used, draws)
    return pairs


def _pairs_within(
    deliveries: Deliveries, capacity: IntArray, used: IntArray, across: Sequence[_Pair], draws: Stream
) -> list[_Pair]:
    """V12: the first filer is of the same unit; some join a pair of V13 instead, so that both rules fire."""
    by_unit: dict[int, list[_Pair]] = {}
    for pair in across:
        by_unit.setdefault(int(deliveries.unit[pair.later]), []).append(pair)
    pairs = []
    for later, unit in enumerate(deliveries.unit):
        joinable = [pair for pair in by_unit.get(int(unit), []) if pair.later <= later]
        joining = int(draws.binomial(deliveries.counts[later, CLASS["V12"]], _TRIPLE_PERCENT / 100)) if joinable else 0
        for choice in draws.integers(0, max(len(joinable), 1), joining):
            pairs.append(_Pair("V12", later, joinable[choice].first, joinable[choice].nth, joins=True))
        before = np.arange(np.searchsorted(deliveries.unit, unit), later + 1)
        pairs += _take("V12", deliveries, later, before, (capacity - used)[before], used, draws, joining)
    return pairs


def _take(
    rule: str,
    deliveries: Deliveries,
    later: int,
    lenders: IntArray,
    free: IntArray,
    used: IntArray,
    draws: Stream,
    settled: int = 0,
) -> list[_Pair]:
    """Pair the later filers of one delivery (but those settled) with first filers that the lenders have free."""
    wanted = int(deliveries.counts[later, CLASS[rule]]) - settled
    cumulated = np.cumsum(free)
    lent = int(cumulated[-1]) if len(cumulated) else 0
    slots = np.unique(draws.integers(0, lent, wanted)) if lent else np.zeros(0, dtype=np.int64)
    deliveries.counts[later, CLASS[rule]] -= wanted - len(slots)
    deliveries.counts[later, CLASS["V14"]] += wanted - len(slots)
    pairs = []
    for first in lenders[np.searchsorted(cumulated, slots, side="right")]:
        pairs.append(_Pair(rule, later, int(first), int(used[first])))
        used[first] += 1
    return pairs


def _prescribe(
    deliveries: Deliveries, capacity: IntArray, first_titles: Sequence[int], pairs: Sequence[_Pair], draws: Stream
) -> list[Twins]:
    """The pairs as prescriptions for the initiatives of each unit."""
    starts, valid = deliveries.starts(), deliveries.valid()
    next_row = {rule: starts[:, CLASS[rule]].copy() for rule in ("V12", "V13")}
    prescribed: list[list[tuple[int, ...]]] = [[] for _ in first_titles]
    names: dict[tuple[int, int], int] = {}
    for pair in pairs:
        unit, first_unit = int(deliveries.unit[pair.later]), int(deliveries.unit[pair.first])
        first_row = int(starts[pair.first, 0]) + pair.nth * int(valid[pair.first] // capacity[pair.first])
        group = int(np.searchsorted(starts[pair.first, VALID_CLASSES], first_row, side="right")) - 1
        title, first_day = first_titles[first_unit] + first_row, int(deliveries.day[pair.first]) - 1
        if not pair.joins:
            name = names[pair.first, pair.nth] = int(draws.integers(_NAMES))
            prescribed[first_unit].append((first_row, title, name, group, first_day, 0, -1))
        tie = not pair.joins and first_unit <= unit and draws.integers(100) < _TIE_PERCENT
        row = int(next_row[pair.rule][pair.later])
        next_row[pair.rule][pair.later] += 1
        day = first_day if tie else int(deliveries.day[pair.later])
        variant = int(draws.integers(TITLE_VARIANTS))
        after = first_row if tie and first_unit == unit else -1
        prescribed[unit].append((row, title, names[pair.first, pair.nth], group, day, variant, after))
    return [Twins(*np.array(rows, dtype=np.int64).reshape(-1, 7).T) for rows in prescribed]
