"""From the rows of the deliveries that count to one judged initiative each (CONTRACT §3 and §4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from tests.oracle.deliveries import Delivery, complete_fulls
from tests.oracle.rules import Row
from tests.oracle.text import code_key, match_key

IMPLAUSIBLE_VND = 100 * 10**9
IMPLAUSIBLE_TIMES_MEDIAN = 1000
MEDIAN_NEEDS = 30


@dataclass
class Initiative:
    """The current version of an initiative, and how it is judged."""

    unit_code: str
    code_key: str
    row: Row
    delivery: Delivery
    left_out: bool = False
    rules: set[str] = field(default_factory=set)

    @property
    def withdrawn(self) -> bool:
        return self.left_out or self.row.status == "withdrawn"

    @property
    def verdict(self) -> str:
        """§4: withdrawn, else invalid (any V), else under_review (any P), else valid."""
        if self.withdrawn:
            return "withdrawn"
        if any(rule.startswith("V") for rule in self.rules):
            return "invalid"
        if any(rule.startswith("P") for rule in self.rules):
            return "under_review"
        return "valid"


def current_initiatives(counting: list[Delivery]) -> dict[tuple[str, str], Initiative]:
    """Every initiative of these deliveries, judged."""
    initiatives = _last_rows(counting)
    for full in complete_fulls(counting):
        for initiative in initiatives.values():
            assert initiative.delivery.name is not None
            before = initiative.delivery.name.export_date < full.export_date
            if initiative.unit_code == full.unit_code and before and initiative.code_key not in full.codes:
                initiative.left_out = True
    _find_duplicates(initiatives.values())
    _find_implausible_benefits(initiatives.values())
    return initiatives


def _last_rows(counting: list[Delivery]) -> dict[tuple[str, str], Initiative]:
    """§3: the last row by the order of §1 (export date, full before delta, part, file name), then line."""
    in_full = {id(member) for full in complete_fulls(counting) for member in full.members}

    def order(delivery: Delivery) -> tuple[date, int, int, str]:
        assert delivery.name is not None
        # An incomplete full counts as a delta, here too.
        delta = 0 if id(delivery) in in_full else 1
        return (delivery.name.export_date, delta, delivery.name.part, delivery.file_name)

    last: dict[tuple[str, str], Initiative] = {}
    for delivery in sorted(counting, key=order):
        if delivery.table is None:
            continue
        for row in sorted(delivery.table.rows, key=lambda one: one.line):
            key = (delivery.unit_code, code_key(row.initiative_code))
            last[key] = Initiative(*key, row, delivery, rules=set(row.rules))
    return last


def _find_duplicates(initiatives: Iterable[Initiative]) -> None:
    """§4: V12 and V13. Candidates are not withdrawn and break none of V01 to V11 and V14."""
    sets: dict[tuple[str, str], list[Initiative]] = {}
    for initiative in initiatives:
        if initiative.withdrawn or any(rule.startswith("V") for rule in initiative.rules):
            continue
        same = (match_key(initiative.row.text("title") or ""), match_key(initiative.row.text("author_name") or ""))
        sets.setdefault(same, []).append(initiative)
    for members in sets.values():
        members.sort(key=lambda one: (one.row.day("submitted_on") or date.max, one.unit_code, one.code_key))
        for position, initiative in enumerate(members):
            earlier_units = {earlier.unit_code for earlier in members[:position]}
            if initiative.unit_code in earlier_units:
                initiative.rules.add("V12")
            if earlier_units - {initiative.unit_code}:
                initiative.rules.add("V13")


def _find_implausible_benefits(initiatives: Iterable[Initiative]) -> None:
    """§4: W04, over 100 tỷ đồng or over 1,000 times the median of the unit's valid initiatives with an amount."""
    amounts: dict[str, list[int]] = {}
    everything = list(initiatives)
    for initiative in everything:
        vnd = initiative.row.benefit.vnd
        if initiative.verdict == "valid" and vnd is not None:
            amounts.setdefault(initiative.unit_code, []).append(vnd)
    for initiative in everything:
        vnd = initiative.row.benefit.vnd
        if vnd is None:
            continue
        donors = amounts.get(initiative.unit_code, [])
        over_median = len(donors) >= MEDIAN_NEEDS and vnd > IMPLAUSIBLE_TIMES_MEDIAN * percentile(
            donors, Fraction(1, 2)
        )
        if vnd > IMPLAUSIBLE_VND or over_median:
            initiative.rules.add("W04")


def percentile(values: list[int], share: Fraction) -> Fraction:
    """`percentile_cont`: linear between the two values around the place; of an even count the median is the mean."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
