"""Which deliveries count (CONTRACT §1): seen files, re-deliveries, duplicates, complete fulls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tests.oracle.delivery_name import DeliveryName
from tests.oracle.table import Table

QUIET_RULES = {"P01", "V12", "V13", "W04"}
"""Rules that do not make a delivery `accepted_with_issues`."""

ACCEPTED, WITH_ISSUES, QUARANTINED = "accepted", "accepted_with_issues", "quarantined"
DUPLICATE, SUPERSEDED = "duplicate", "superseded"


@dataclass
class Delivery:
    """One file as it was seen once. `reason` is set when it is quarantined, `table` otherwise."""

    unit_code: str
    file_name: str
    sha256: str
    name: DeliveryName | None
    reason: str | None = None
    table: Table | None = None
    repeats_live: bool = False  # the name's own counting bytes came again (after a quarantined file of that name)

    @property
    def content(self) -> tuple[object, ...]:
        """What two deliveries have in common when one is a duplicate of the other."""
        assert self.name is not None
        name = self.name
        return (self.unit_code, name.dataset, name.export_date, name.full, name.part, name.parts, self.sha256)


def statuses(seen: list[Delivery]) -> list[str]:
    """The status of every delivery, in the order of `seen` (of one name: the order of arrival).

    A later delivery of a name supersedes the earlier ones. Of those left that are the same bytes for the same
    dataset, export date, full mark and part, the first by file name counts and the others are duplicates:
    the contract lets arrival decide only between deliveries of one and the same name.
    """
    live: dict[tuple[str, str], Delivery] = {}
    for delivery in seen:
        if delivery.reason is None and not delivery.repeats_live:
            live[delivery.unit_code, delivery.file_name] = delivery
    first: dict[tuple[object, ...], Delivery] = {}
    for delivery in sorted(live.values(), key=lambda one: one.file_name):
        first.setdefault(delivery.content, delivery)
    return [_status(delivery, live, first) for delivery in seen]


def _status(
    delivery: Delivery, live: dict[tuple[str, str], Delivery], first: dict[tuple[object, ...], Delivery]
) -> str:
    if delivery.reason is not None:
        return QUARANTINED
    if delivery.repeats_live:
        return DUPLICATE
    if live[delivery.unit_code, delivery.file_name] is not delivery:
        return SUPERSEDED
    if first[delivery.content] is not delivery:
        return DUPLICATE
    assert delivery.table is not None
    return WITH_ISSUES if delivery.table.rules - QUIET_RULES else ACCEPTED


@dataclass
class Full:
    """A complete full export: what the unit had on that date, as code keys (rejected rows included)."""

    unit_code: str
    export_date: date
    codes: set[str]
    members: list[Delivery]


def complete_fulls(counting: list[Delivery]) -> list[Full]:
    """§1: a file without parts, or all of 1 to MM of one MM; all parts together must have a row."""
    groups: dict[tuple[object, ...], list[Delivery]] = {}
    for delivery in counting:
        name = delivery.name
        if name is not None and name.full and name.dataset == "initiatives":
            own_name = delivery.file_name if name.part == 0 else ""
            groups.setdefault((delivery.unit_code, name.export_date, name.parts, own_name), []).append(delivery)
    fulls = []
    for members in groups.values():
        name = members[0].name
        tables = [member.table for member in members if member.table is not None]
        assert name is not None
        parts = {member.name.part for member in members if member.name is not None}
        if parts == (set(range(1, name.parts + 1)) or {0}) and any(table.rows_read for table in tables):
            codes = {code for table in tables for code in table.codes}
            fulls.append(Full(members[0].unit_code, name.export_date, codes, members))
    return fulls
