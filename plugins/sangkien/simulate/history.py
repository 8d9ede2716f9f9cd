"""What becomes of each initiative: its versions, in which deliveries they stand, and which verdict holds when."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from sangkien.simulate.draw import BoolArray, IntArray, Stream
from sangkien.simulate.faults import Benefit, Fault, Status, both, empty, value
from sangkien.simulate.plan import Batch
from sangkien.simulate.recipe import CLASS, CLASSES, INVALID_SHARES, UNDER_REVIEW_CLASS, VALID_CLASSES, State
from sangkien.simulate.table import Table


class Version(IntEnum):
    """How a version differs from what the initiative is in the end."""

    FINAL = 0
    REWORDED = 1
    AWAITING = 2
    UNRECOGNISED = 3
    RETURNED = 4
    WITHOUT_AMOUNT = 5
    WITHDRAWAL = 6
    REVISED = 7


VERSIONS: dict[Version, Fault] = {
    Version.REWORDED: value("revision", 1),
    Version.AWAITING: both(value("status", Status.UNDER_REVIEW), empty("recognised_on", "recognition_number")),
    Version.UNRECOGNISED: both(value("status", Status.SUBMITTED), empty("recognised_on", "recognition_number")),
    Version.RETURNED: value("status", Status.RETURNED),
    Version.WITHOUT_AMOUNT: value("benefit_kind", Benefit.MISSING),
    Version.WITHDRAWAL: value("status", Status.WITHDRAWN),
    Version.REVISED: value("revision", 2),
}
_DRAFT_STATES = {
    Version.AWAITING: State.UNDER_REVIEW,
    Version.UNRECOGNISED: State.INVALID,
    Version.RETURNED: State.INVALID,
}
_DRAFTS = (
    *[Version.REWORDED] * 8,
    *[Version.AWAITING] * 6,
    *[Version.UNRECOGNISED] * 3,
    Version.RETURNED,
    *[Version.WITHOUT_AMOUNT] * 2,
)
_MOST_DELIVERIES_TO_A_CORRECTION = 4
_OUTLIVED_PERCENT = 5

NEVER = -1
REJECTED = -1


@dataclass
class Fates:
    """What becomes of each initiative of a batch; parallel arrays.

    Attributes:
        kind: Its class (recipe.CLASSES).
        delivery: Which delivery brings it first.
        first: The Version brought then.
        first_state: The State from then on; REJECTED: none.
        turn: Which later delivery changes it; NEVER: none.
        turn_writes: Whether that delivery has a row of it.
        last_state: The State from the turn on.
        repeated: Whether its first delivery has an earlier row of it.
        prescribed: Whether its title and author are bound to those of another.
    """

    kind: IntArray
    delivery: IntArray
    first: IntArray
    first_state: IntArray
    turn: IntArray
    turn_writes: BoolArray
    last_state: IntArray
    repeated: BoolArray
    prescribed: BoolArray

    @property
    def last(self) -> IntArray:
        """The Version that the turn brings."""
        withdrawn = self.kind == CLASS["withdrawn"]
        return np.where(withdrawn, int(Version.WITHDRAWAL), int(Version.FINAL)).astype(np.int64)


def decide_fates(batch: Batch, draws: Stream) -> Fates:
    """Decide the fate of every initiative of a batch: first by delivery, then by class."""
    classes, deliveries = len(CLASSES), len(batch.dates)
    kind = np.repeat(np.tile(np.arange(classes), deliveries), batch.counts.ravel())
    delivery = np.repeat(np.arange(deliveries), batch.counts.sum(axis=1))
    states = np.array([_state(name) for name in CLASSES], dtype=np.int64)
    fates = Fates(
        kind=kind,
        delivery=delivery,
        first=np.zeros_like(kind),
        first_state=states[kind],
        turn=np.full_like(kind, NEVER),
        turn_writes=np.zeros(len(kind), dtype=np.bool_),
        last_state=states[kind],
        repeated=np.zeros(len(kind), dtype=np.bool_),
        prescribed=np.zeros(len(kind), dtype=np.bool_),
    )
    fates.prescribed[batch.twins.row] = True
    _withdraw(batch, fates, draws)
    _correct(batch, fates, draws)
    _repeat(batch, fates, draws)
    return fates


def _state(name: str) -> int:
    number = CLASS[name]
    if number in VALID_CLASSES:
        return State.VALID + number
    if number == UNDER_REVIEW_CLASS:
        return State.UNDER_REVIEW
    if name in INVALID_SHARES:
        return State.INVALID
    return State.VALID if name in ("withdrawn", "left_out") else REJECTED


def _withdraw(batch: Batch, fates: Fates, draws: Stream) -> None:
    """Withdraw within the same period: so they count as submitted as of no milestone."""
    periods = np.array(batch.periods)
    last_of_period = np.searchsorted(periods, periods, side="right") - 1
    rows = np.flatnonzero(fates.kind == CLASS["withdrawn"])
    ahead = last_of_period[fates.delivery[rows]] - fates.delivery[rows]
    at_once, later = rows[ahead == 0], rows[ahead > 0]
    fates.first[at_once] = Version.WITHDRAWAL
    fates.first_state[at_once] = State.WITHDRAWN
    fates.turn[later] = fates.delivery[later] + 1 + draws.integers(0, ahead[ahead > 0])
    fates.turn_writes[later] = True
    fates.last_state[rows] = State.WITHDRAWN
    left_out = fates.kind == CLASS["left_out"]
    if batch.full_at is not None:
        fates.turn[left_out] = batch.full_at
    fates.last_state[left_out] = State.WITHDRAWN


def _correct(batch: Batch, fates: Fates, draws: Stream) -> None:
    """Let a later delivery correct some; where that changes the verdict, it does so before the next milestone."""
    fixed = np.isin(fates.kind, [CLASS[name] for name in ("V09", "withdrawn", "left_out", "R01", "R02")])
    free = np.flatnonzero(~fixed & ~fates.prescribed & (fates.delivery < len(batch.dates) - 1))
    rows = np.sort(draws.permutation(free)[: batch.corrections])
    ahead = np.minimum(len(batch.dates) - 1 - fates.delivery[rows], _MOST_DELIVERIES_TO_A_CORRECTION)
    fates.turn[rows] = fates.delivery[rows] + 1 + draws.integers(0, ahead)
    fates.turn_writes[rows] = True
    periods = np.array(batch.periods)
    same_period = periods[fates.turn[rows]] == periods[fates.delivery[rows]]
    drafts = np.array(_DRAFTS, dtype=np.int64)[draws.integers(0, len(_DRAFTS), len(rows))]
    is_valid = np.isin(fates.kind[rows], VALID_CLASSES)
    fates.first[rows] = np.where(same_period & is_valid, drafts, int(Version.REWORDED))
    for draft, state in _DRAFT_STATES.items():
        fates.first_state[rows[fates.first[rows] == draft]] = state


def _repeat(batch: Batch, fates: Fates, draws: Stream) -> None:
    """Let some stand twice in the file of their only delivery."""
    free = np.flatnonzero(np.isin(fates.kind, VALID_CLASSES) & ~fates.prescribed & (fates.turn == NEVER))
    fates.repeated[draws.permutation(free)[: batch.repeats]] = True


def outlive(fates: Fates, draws: Stream) -> tuple[IntArray, IntArray]:
    """Choose withdrawn initiatives that were the first filers of a duplicate: it stands from their withdrawal on.

    Returns:
        The withdrawn ones, and for each the valid one that outlives it and is a duplicate (V12) in between.
    """
    withdrawn = np.flatnonzero((fates.kind == CLASS["withdrawn"]) & (fates.turn != NEVER))
    valid = np.isin(fates.kind, VALID_CLASSES) & ~fates.prescribed & (fates.turn == NEVER) & ~fates.repeated
    pairs = []
    for gone in draws.permutation(withdrawn)[: -(-len(withdrawn) * _OUTLIVED_PERCENT // 100)]:
        delivery = int(draws.integers(fates.delivery[gone], fates.turn[gone]))
        begin, end = np.searchsorted(fates.delivery, [delivery, delivery + 1])
        stays = np.flatnonzero(valid[begin:end])
        if len(stays):
            stay = int(begin) + int(stays[draws.integers(len(stays))])
            valid[stay] = False
            pairs.append((int(gone), stay))
    gone_rows, stay_rows = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    fates.prescribed[gone_rows] = fates.prescribed[stay_rows] = True
    fates.turn[stay_rows] = fates.turn[gone_rows]
    fates.last_state[stay_rows] = fates.first_state[stay_rows]
    fates.first_state[stay_rows] = State.INVALID
    return gone_rows, stay_rows


def file_rows(batch: Batch, fates: Fates, delivery: int) -> tuple[IntArray, IntArray]:
    """The rows of one delivery: which initiative, and which Version; of two of one initiative the later is second."""
    new = np.flatnonzero(fates.delivery == delivery)
    turned = np.flatnonzero((fates.turn == delivery) & fates.turn_writes)
    repeated = new[fates.repeated[new]]
    standing = np.zeros(0, dtype=np.int64)
    if delivery == batch.full_at:
        gone = (fates.last_state == State.WITHDRAWN) & (
            ((fates.turn != NEVER) & (fates.turn <= delivery)) | (fates.first_state == State.WITHDRAWN)
        )
        standing = np.flatnonzero((fates.delivery < delivery) & (fates.first_state != REJECTED) & ~gone)
    rows = np.concatenate([repeated, standing, turned, new])
    versions = np.concatenate(
        [
            np.full_like(repeated, Version.REWORDED),
            np.full_like(standing, Version.FINAL),
            fates.last[turned],
            fates.first[new],
        ]
    )
    return rows, versions


def apply_versions(table: Table, versions: IntArray, draws: Stream) -> None:
    """Make each row of the table what its Version holds."""
    for version, change in VERSIONS.items():
        change(table, np.flatnonzero(versions == version), draws)
