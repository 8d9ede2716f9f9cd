"""Replay: quarantined deliveries are read again from the raw store, once the cause was mended (contract §1)."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from sangkien.database import Connection, connect, lock
from sangkien.intake.delivery import Delivery, deliveries, next_delivery_no, rewrite
from sangkien.intake.discover import UNKNOWN_UNIT, Place, place_of
from sangkien.intake.load import Loader, bring_to_status
from sangkien.intake.raw_store import kept_file

log = logging.getLogger(__name__)

# The last delivery of its name, since what came after an earlier one replaced it; what has no bytes was no file.
_QUARANTINED = (
    "where d.status = 'quarantined' and d.sha256 <> '' and %(reason)s in ('', d.reason_code)"
    " and %(unit_code)s in ('', d.unit_code) and %(delivery_no)s in (0, d.delivery_no)"
    " and d.arrived_on between %(since)s and %(until)s and not exists ("
    "select from ops.delivery as later where later.unit_code = d.unit_code and later.file_name = d.file_name"
    " and later.delivery_no > d.delivery_no) order by d.unit_code, d.delivery_no"
)


@dataclass(frozen=True)
class Replayed:
    """What became of a delivery that was read again."""

    before: Delivery
    after: Delivery


def replay(
    loader: Loader, unit_code: str = "", reason: str = "", *, since: date = date.min, until: date = date.max
) -> Iterator[Replayed]:
    """Read quarantined deliveries again; each in its own transaction, safe to be killed and repeated.

    Args:
        loader: What loading needs to know. The day of arrival of a delivery stays what it was.
        unit_code: Only those of this unit; empty: all.
        reason: Only those quarantined for this reason (its code in intake/reasons.yml); empty: all.
        since: Only those that arrived on this day or later.
        until: Only those that arrived on this day or earlier.
    """
    with connect(loader.dsn) as connection:
        waiting = {"unit_code": unit_code, "reason": reason, "delivery_no": 0, "since": since, "until": until}
        for before in deliveries(connection, _QUARANTINED, waiting):
            after = _read_again(connection, before, loader)
            connection.commit()
            if after is not None:
                yield Replayed(before, after)


def _read_again(connection: Connection, before: Delivery, loader: Loader) -> Delivery | None:
    """Bring a delivery to its status of now; none if it is no longer, or cannot be, replayed."""
    home = before.unit_code
    place = place_of(before.file_name if home == UNKNOWN_UNIT else f"{home}/{before.file_name}")
    for unit_code in sorted({home, place.unit_code}):
        lock(connection, f"sangkien:load:{unit_code}")
    # Under the lock: another run may have replayed it, or taken a later delivery of its name.
    arrived = {"since": before.arrived_on, "until": before.arrived_on}
    still = {"unit_code": home, "reason": before.reason_code, "delivery_no": before.delivery_no, **arrived}
    if not deliveries(connection, _QUARANTINED, still):
        return None
    copy = kept_file(loader.raw_store, before.sha256)
    if not copy.exists():
        log.error("the raw store has no %s any more: a delivery of %s stays quarantined", before.sha256, home)
        return None
    after = replace(before, status="accepted", reason_code=None, reason_values={}, run_id=loader.run_id)
    if place.unit_code != home and not _move(connection, after, place):
        return None
    bring_to_status(connection, after, place.trouble, copy, loader)
    rewrite(connection, after)
    connection.execute(  # what the last receipt said may be true no more, though the status is the same
        "update ops.delivery set receipt_status = null where unit_code = %s and delivery_no = %s",
        [after.unit_code, after.delivery_no],
    )
    return after


def _move(connection: Connection, delivery: Delivery, place: Place) -> bool:
    """The folder is a unit's by now: the delivery becomes the unit's own, unless that has one of its name already."""
    taken = connection.execute(
        "select from ops.delivery where unit_code = %s and file_name = %s limit 1", [place.unit_code, place.file_name]
    ).fetchone()
    if taken is not None:
        return False
    key = [delivery.unit_code, delivery.delivery_no]
    delivery.unit_code, delivery.file_name = place.unit_code, place.file_name
    delivery.delivery_no = next_delivery_no(connection, place.unit_code)
    for table in ("delivery", "inbox_file"):
        connection.execute(
            f"update ops.{table} set unit_code = %s, delivery_no = %s where unit_code = %s and delivery_no = %s",  # noqa: S608
            [delivery.unit_code, delivery.delivery_no, *key],
        )
    return True
