"""Replay: quarantined deliveries are read again from the raw store, once the cause was mended (contract §1)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sangkien.database import Connection, connect, lock
from sangkien.intake.discover import UNKNOWN_UNIT, place_of
from sangkien.intake.load import Delivery, Loader, bring_to_status, deliveries, next_delivery_no, rewrite
from sangkien.intake.raw_store import kept_file

# The last delivery of its name, since what came after an earlier one replaced it; what has no bytes was no file.
_QUARANTINED = (
    "where d.status = 'quarantined' and d.sha256 <> '' and %(reason)s in ('', d.reason_code)"
    " and %(unit_code)s in ('', d.unit_code) and not exists (select from ops.delivery as later"
    " where later.unit_code = d.unit_code and later.file_name = d.file_name and later.delivery_no > d.delivery_no)"
    " order by d.unit_code, d.delivery_no"
)


@dataclass(frozen=True)
class Replayed:
    """What became of a delivery that was read again."""

    before: Delivery
    after: Delivery


def replay(loader: Loader, unit_code: str = "", reason: str = "") -> Iterator[Replayed]:
    """Read quarantined deliveries again; each in its own transaction, safe to be killed and repeated.

    Args:
        loader: What loading needs to know. The day of arrival of a delivery stays what it was.
        unit_code: Only those of this unit; empty: all.
        reason: Only those quarantined for this reason (its code in intake/reasons.yml); empty: all.
    """
    with connect(loader.dsn) as connection:
        found = deliveries(connection, _QUARANTINED, {"unit_code": unit_code, "reason": reason})
        for before in found:
            after = _read_again(connection, before, loader)
            connection.commit()
            yield Replayed(before, after)


def _read_again(connection: Connection, before: Delivery, loader: Loader) -> Delivery:
    home = before.unit_code
    path = before.file_name if home == UNKNOWN_UNIT else f"{home}/{before.file_name}"
    place = place_of(path)
    lock(connection, f"sangkien:load:{place.unit_code}")
    after = replace(before, status="accepted", reason_code=None, reason_values={}, run_id=loader.run_id)
    if place.unit_code != home:
        _move(connection, after, place.unit_code, place.file_name)
    bring_to_status(connection, after, place.trouble, kept_file(loader.raw_store, after.sha256), loader)
    rewrite(connection, after)
    return after


def _move(connection: Connection, delivery: Delivery, unit_code: str, file_name: str) -> None:
    """The folder is a unit's by now: the delivery becomes the unit's own."""
    key = [delivery.unit_code, delivery.delivery_no]
    delivery.unit_code, delivery.file_name = unit_code, file_name
    delivery.delivery_no = next_delivery_no(connection, unit_code)
    moved = [unit_code, delivery.delivery_no]
    for table in ("delivery", "inbox_file"):
        connection.execute(
            f"update ops.{table} set unit_code = %s, delivery_no = %s where unit_code = %s and delivery_no = %s",  # noqa: S608
            [*moved, *key],
        )
