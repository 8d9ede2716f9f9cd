"""When each unit delivers, and how large it is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from sangkien.simulate.draw import Stream, apportion, stream
from sangkien.simulate.programme import LARGEST, Programme, Unit
from sangkien.simulate.recipe import EVERYTHING_OCCURS_FROM

# The first and the last day of the phases (reference/phases.csv).
FIRST_SUBMISSION, LAST_SUBMISSION = date(2022, 1, 8).toordinal(), date(2023, 9, 1).toordinal()
FIRST_EXPORT = date(2022, 1, 14).toordinal()
DAYS_AFTER_MILESTONE = 3

# Of the units in the order of their size, those that deliver one full export (contract §1); the first in two parts.
FULL_RANKS = (42, 47, 52, 57, 62, 67)
_DELIVERY_SHARES = (28, 20, 52)  # of a unit's deliveries up to each milestone
_LEAST_DELIVERIES = (1, 1, 2)


@dataclass(frozen=True)
class Calendar:
    """The deliveries of one unit.

    Attributes:
        unit: The unit.
        rank: Its place in the order of size, 0 for the largest.
        dates: Export dates, ascending, as ordinals.
        periods: For each delivery, the milestone that it comes up to.
        shares: For each delivery, its weight.
        full_at: Which delivery is a full export.
    """

    unit: Unit
    rank: int
    dates: tuple[int, ...]
    periods: tuple[int, ...]
    shares: tuple[int, ...]
    full_at: int | None


def calendars(programme: Programme, rows: int, seed: int) -> list[Calendar]:
    """Draw the deliveries of every unit, in the order of their codes."""
    ranked = _ranked(programme.units, seed)
    made = [_calendar(programme, unit, rank, rows, seed) for rank, unit in enumerate(ranked)]
    return sorted(made, key=lambda calendar: calendar.unit.code)


def _ranked(units: Sequence[Unit], seed: int) -> list[Unit]:
    by_code = {unit.code: unit for unit in units}
    largest = [by_code[code] for code in LARGEST]
    others = [unit for unit in units if unit.code not in LARGEST]
    return largest + [others[i] for i in stream(seed, "ranks").permutation(len(others))]


def weight(rank: int) -> int:
    """Zipf-like: the largest has about a tenth of all, the smallest a fortieth of that."""
    return round(1_000_000 / math.pow(rank + 5, 1.3))


def _calendar(programme: Programme, unit: Unit, rank: int, rows: int, seed: int) -> Calendar:
    draws = stream(seed, unit.code, "calendar")
    wanted = (8 + 30 * math.sqrt(weight(rank) / weight(0))) * (rows / programme.full_size) ** 0.25
    counts = apportion(max(round(wanted) - sum(_LEAST_DELIVERIES), 0), _DELIVERY_SHARES)
    dates: list[int] = []
    periods: list[int] = []
    shares: list[int] = []
    opens = FIRST_EXPORT
    for period, milestone in enumerate(programme.milestones):
        closes = milestone.toordinal()
        days = _export_dates(opens, closes, int(counts[period]) + _LEAST_DELIVERIES[period], draws)
        gaps = [(day - before) * int(draws.integers(70, 130)) for before, day in pairwise([opens - 7, *days])]
        dates += days
        periods += [period] * len(days)
        shares += [int(share) for share in apportion(weight(rank) * 100, gaps)]
        opens = closes + DAYS_AFTER_MILESTONE
    is_full = rows >= EVERYTHING_OCCURS_FROM and rank in FULL_RANKS
    last = periods.index(len(programme.milestones) - 1)
    full_at = max(last + 1, len(dates) - 2) if is_full else None  # with a delivery of its period before it
    return Calendar(unit, rank, tuple(dates), tuple(periods), tuple(shares), full_at)


def _export_dates(opens: int, closes: int, count: int, draws: Stream) -> list[int]:
    """Days spread over a period, each late in its own stretch of it; half of the units deliver on the very last day."""
    length = closes - opens + 1
    days = []
    for i in range(count):
        start, end = opens + i * length // count, opens + (i + 1) * length // count - 1
        back = int(draws.integers(0, 7)) if i < count - 1 else int(draws.integers(0, 4)) * int(draws.integers(0, 2))
        days.append(max(start, end - back))
    return days
