"""What the warehouse must show of a simulation, known from its making: the figures as of any day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sangkien.simulate.draw import IntArray
from sangkien.simulate.faults import Benefit
from sangkien.simulate.history import NEVER, REJECTED, Version
from sangkien.simulate.plan import Batch
from sangkien.simulate.population import Population
from sangkien.simulate.recipe import VALID_CLASSES, State

_REPORTED = State.VALID + len(VALID_CLASSES)
_PLAUSIBLE = _REPORTED + 1


Changes = Mapping[int, IntArray]
"""By export date (an ordinal), how the figures change: State by State, then reported and plausible benefit."""


@dataclass(frozen=True)
class Figures:
    """The figures as of a day (contract §5).

    Attributes:
        submitted: Initiatives that are not withdrawn.
        valid: Valid ones.
        invalid: Invalid ones.
        under_review: Those under review.
        withdrawn: Withdrawn ones.
        by_member_group: Valid ones of each member group, by its code.
        reported_vnd: Benefit of the valid ones in đồng, every non-negative amount as delivered.
        plausible_vnd: The same with the implausible (W04) held out.
    """

    submitted: int
    valid: int
    invalid: int
    under_review: int
    withdrawn: int
    by_member_group: Mapping[str, int]
    reported_vnd: int
    plausible_vnd: int


@dataclass(frozen=True)
class Timeline:
    """How the figures change.

    Attributes:
        changes: By export date.
        groups: Codes of the member groups.
    """

    changes: Changes
    groups: Sequence[str]

    def figures(self, day: date) -> Figures:
        """The figures as of a day: deliveries with an export date up to it count."""
        totals = sum((change for on, change in self.changes.items() if on <= day.toordinal()), _nothing())
        valid = [int(n) for n in totals[State.VALID : _REPORTED]]
        invalid, under_review = int(totals[State.INVALID]), int(totals[State.UNDER_REVIEW])
        return Figures(
            submitted=sum(valid) + invalid + under_review,
            valid=sum(valid),
            invalid=invalid,
            under_review=under_review,
            withdrawn=int(totals[State.WITHDRAWN]),
            by_member_group=dict(zip(self.groups, valid, strict=True)),
            reported_vnd=int(totals[_REPORTED]),
            plausible_vnd=int(totals[_PLAUSIBLE]),
        )


def _nothing() -> IntArray:
    return np.zeros(_PLAUSIBLE + 1, dtype=np.int64)


def changes_of(batch: Batch, population: Population) -> Changes:
    """How the figures change with the deliveries of a batch."""
    fates, table = population.fates, population.table
    dates = np.array(batch.dates, dtype=np.int64)
    exists = np.flatnonzero(fates.first_state != REJECTED)
    turned = np.flatnonzero(fates.turn != NEVER)
    plausible = np.where(table["benefit_kind"] == Benefit.AMOUNT, table["amount"], 0)
    implausible = np.isin(table["benefit_kind"], (Benefit.HUGE, Benefit.LARGE))
    reported = np.where(implausible, table["amount"], plausible)
    had_amount = fates.first != Version.WITHOUT_AMOUNT

    changes = np.zeros((len(dates), _PLAUSIBLE + 1), dtype=np.int64)
    steps = (
        (exists, fates.delivery, fates.first_state, 1, had_amount),
        (turned, fates.turn, fates.first_state, -1, had_amount),
        (turned, fates.turn, fates.last_state, 1, np.ones_like(had_amount)),
    )
    for rows, delivery, state, sign, has_amount in steps:
        np.add.at(changes, (delivery[rows], state[rows]), sign)
        counted = rows[(state[rows] >= State.VALID) & has_amount[rows]]
        np.add.at(changes, (delivery[counted], _REPORTED), sign * reported[counted])
        np.add.at(changes, (delivery[counted], _PLAUSIBLE), sign * plausible[counted])
    return {int(day): change for day, change in zip(dates, changes, strict=True)}


def added(parts: Iterable[Changes]) -> Changes:
    """Changes added up."""
    changes: dict[int, IntArray] = {}
    for part in parts:
        for day, change in part.items():
            changes[day] = changes.get(day, _nothing()) + change
    return changes
