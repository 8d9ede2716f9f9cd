"""The plan: how many initiatives of what fate each delivery of each unit brings, so that the totals are exact.

Everything that must add up over the units is decided here, in whole numbers. After it, each unit can be made alone.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from sangkien.simulate import recipe
from sangkien.simulate.draw import IntArray, apportion, stream
from sangkien.simulate.programme import Programme, Unit
from sangkien.simulate.recipe import CLASS, CLASSES, FAULTS, VALID_CLASSES
from sangkien.simulate.schedule import FIRST_SUBMISSION, Calendar, calendars
from sangkien.simulate.twins import Deliveries, Twins, assign_twins

_LARGE_ONLY_IN_RANKS = 20  # amounts that are implausible by the unit's median need a unit with many amounts


@dataclass(frozen=True)
class Batch:
    """Initiatives that one unit first delivers on some dates.

    Attributes:
        label: Names the batch among those of the unit.
        opens: Ordinal of the first day of submission.
        dates: Export dates, ascending, as ordinals.
        periods: For each delivery, the milestone that it comes up to.
        counts: Initiatives of each delivery and class.
        first_title: Number of the first initiative's title.
        faults: Valid initiatives of each period with each fault.
        mean_amounts: Mean benefit in đồng of the valid initiatives of each period.
        implausible: Invalid initiatives with an implausible amount.
        corrections: Initiatives that a later delivery corrects.
        repeats: Initiatives that stand twice in one file.
        full_at: Which delivery is a full export.
        twins: Initiatives with a prescribed title and author.
    """

    label: str
    opens: int
    dates: tuple[int, ...]
    periods: tuple[int, ...]
    counts: IntArray
    first_title: int
    faults: IntArray
    mean_amounts: tuple[int, ...]
    implausible: int
    corrections: int
    repeats: int
    full_at: int | None
    twins: Twins


@dataclass(frozen=True)
class Night:
    """What one unit delivers on one more night: a batch of new initiatives, and corrections of earlier ones."""

    batch: Batch
    corrections: int

    @property
    def rows(self) -> int:
        """Rows in all."""
        return int(self.batch.counts.sum()) + self.corrections


@dataclass(frozen=True)
class UnitPlan:
    """What one unit delivers."""

    seed: int
    unit: Unit
    rank: int
    programme: Batch
    night: Night | None


def make_plan(programme: Programme, rows: int, seed: int) -> list[UnitPlan]:
    """Plan the deliveries of the programme.

    Args:
        programme: What was published.
        rows: Initiatives submitted at the end.
        seed: The simulation's seed.

    Returns:
        A plan for each unit, in the order of their codes.
    """
    timetable = calendars(programme, rows, seed)
    deliveries = Deliveries(
        unit=np.repeat(np.arange(len(timetable)), [len(calendar.dates) for calendar in timetable]),
        day=np.array([day for calendar in timetable for day in calendar.dates], dtype=np.int64),
        counts=_class_counts(programme, timetable, rows, seed),
    )
    sizes = np.bincount(deliveries.unit, deliveries.counts.sum(axis=1), minlength=len(timetable)).astype(np.int64)
    first_titles = [int(start) for start in np.cumsum(sizes) - sizes]
    twins = assign_twins(deliveries, first_titles, stream(seed, "twins"))

    valid = _valid_by_period(timetable, deliveries)
    faults = _fault_counts(valid, timetable, rows, programme.full_size)
    means = _mean_amounts(valid, faults, rows, programme.full_size)
    partial = np.array([calendar.full_at is None for calendar in timetable])
    submitted = np.bincount(deliveries.unit, deliveries.counts[:, : CLASS["withdrawn"]].sum(axis=1)).astype(np.int64)
    returned = np.bincount(deliveries.unit, deliveries.counts[:, CLASS["V14"]]).astype(np.int64)
    settled = int(faults[:, :, FAULTS.index("huge") :].sum())
    implausible = max(recipe.at_least_one(recipe.IMPLAUSIBLE_PER_MILLION, rows) - settled, 0)
    implausibles = apportion(min(implausible, int(returned.sum())), returned)
    corrections = apportion(recipe.at_least_one(recipe.CORRECTIONS_PER_MILLION, rows), submitted * partial)
    repeats = apportion(recipe.at_least_one(recipe.REPEATS_PER_MILLION, rows), submitted * partial)
    return [
        UnitPlan(seed, calendar.unit, calendar.rank, night=None, programme=Batch(
            label="programme",
            opens=FIRST_SUBMISSION,
            dates=calendar.dates,
            periods=calendar.periods,
            counts=deliveries.counts[deliveries.unit == i],
            first_title=first_titles[i],
            faults=faults[i],
            mean_amounts=means,
            implausible=int(implausibles[i]),
            corrections=int(corrections[i]),
            repeats=int(repeats[i]),
            full_at=calendar.full_at,
            twins=twins[i],
        ))
        for i, calendar in enumerate(timetable)
    ]  # fmt: skip


def _class_counts(programme: Programme, timetable: list[Calendar], rows: int, seed: int) -> IntArray:
    """Initiatives of each class in each delivery: exact in the whole and, for the submitted, up to each milestone."""
    draws = stream(seed, "classes")
    periods = np.array([period for calendar in timetable for period in calendar.periods])
    shares = np.array([share for calendar in timetable for share in calendar.shares], dtype=np.int64)
    partial = np.array([calendar.full_at is None for calendar in timetable for _ in calendar.dates])
    left_out = np.array(
        [
            calendar.full_at is not None and i < calendar.full_at and calendar.periods[calendar.full_at] == period
            for calendar in timetable
            for i, period in enumerate(calendar.periods)
        ]
    )
    allowed = {"withdrawn": partial, "left_out": left_out}
    open_places = np.diff([0, *programme.submitted_at(rows)])
    everything = open_places.copy()
    counts = np.zeros((len(shares), len(CLASSES)), dtype=np.int64)
    for name, total in zip(CLASSES, recipe.class_totals(rows, programme.valid_at(rows)), strict=True):
        weights = shares * allowed.get(name, True)
        if CLASS[name] not in VALID_CLASSES:
            weights = weights * draws.integers(50, 150, len(weights)) // 100
        if name not in recipe.EXTRA_PER_MILLION:
            by_period = apportion(int(total), open_places)
            open_places -= by_period
        else:
            used = np.array([weights[periods == period].any() for period in range(len(everything))])
            by_period = apportion(int(total), everything * used)
        for period, part in enumerate(by_period):
            counts[:, CLASS[name]] += apportion(int(part), weights * (periods == period))
    return counts


def _valid_by_period(timetable: list[Calendar], deliveries: Deliveries) -> IntArray:
    """Valid initiatives of each unit and period."""
    periods = np.array([period for calendar in timetable for period in calendar.periods])
    valid = np.zeros((len(timetable), int(periods.max()) + 1), dtype=np.int64)
    np.add.at(valid, (deliveries.unit, periods), deliveries.valid())
    return valid


def _fault_counts(valid: IntArray, timetable: list[Calendar], rows: int, full_size: int) -> IntArray:
    """Valid initiatives of each unit and period with each fault; none has two."""
    free = valid.copy()
    counts = np.zeros((*valid.shape, len(FAULTS)), dtype=np.int64)
    ranks = np.array([calendar.rank for calendar in timetable])
    for i, (name, total) in enumerate(recipe.fault_totals(rows, full_size).items()):
        places = free * (ranks < _LARGE_ONLY_IN_RANKS)[:, None] if name == "large" else free
        counts[:, :, i] = apportion(total, places.ravel()).reshape(valid.shape)
        free -= counts[:, :, i]
    return counts


def _mean_amounts(valid: IntArray, faults: IntArray, rows: int, full_size: int) -> tuple[int, ...]:
    """Mean benefit of each period that gives the published totals, in proportion."""
    no_amount = [FAULTS.index(name) for name in recipe.NO_AMOUNT_IN_VND]
    amounts = (valid - faults[:, :, no_amount].sum(axis=2)).sum(axis=0)
    first = recipe.BENEFIT_AT_FIRST_MILESTONE * rows // full_size // max(int(amounts[0]), 1)
    rest = recipe.BENEFIT_IN_ALL - recipe.BENEFIT_AT_FIRST_MILESTONE
    return (first, *[rest * rows // full_size // max(int(amounts[1:].sum()), 1)] * (len(amounts) - 1))


def add_night(plans: list[UnitPlan], night: date, rows: int) -> list[UnitPlan]:
    """Plan one more night: deltas of so many rows in all, four in five of them new initiatives.

    Args:
        plans: The plans of the programme.
        night: The export date. Units whose full export is yet to come deliver nothing: it would leave the new ones out.
        rows: Rows in all.
    """
    day = night.toordinal()
    sizes = [
        0 if plan.programme.full_at is not None and day <= plan.programme.dates[plan.programme.full_at]
        else int(plan.programme.counts.sum())
        for plan in plans
    ]  # fmt: skip
    totals = apportion(rows, sizes)
    corrections = apportion(rows * recipe.NIGHT_CORRECTIONS_PER_MILLION // recipe.MILLION, totals)
    new = totals - corrections
    counts = np.zeros((len(plans), len(CLASSES)), dtype=np.int64)
    open_places = new.copy()
    shares = apportion(int(new.sum()), list(recipe.NIGHT_SHARES.values()))
    for name, total in zip(recipe.NIGHT_SHARES, shares, strict=True):
        counts[:, CLASS[name]] = apportion(int(total), open_places)
        open_places -= counts[:, CLASS[name]]
    first_titles = np.cumsum(totals) - totals  # with room for more new ones, should fewer stand to be corrected
    return [
        UnitPlan(plan.seed, plan.unit, plan.rank, plan.programme, Night(
            batch=Batch(
                label=f"night-{night}",
                opens=max(FIRST_SUBMISSION, min(day, recipe.APPLIED_TO) - 7),
                dates=(day,),
                periods=(0,),
                counts=counts[i : i + 1],
                first_title=int(first_titles[i]),
                faults=np.zeros((1, len(FAULTS)), dtype=np.int64),
                mean_amounts=plan.programme.mean_amounts[-1:],
                implausible=0,
                corrections=0,
                repeats=0,
                full_at=None,
                twins=Twins(*np.zeros((7, 0), dtype=np.int64)),
            ),
            corrections=int(corrections[i]),
        ))
        for i, plan in enumerate(plans)
    ]  # fmt: skip
