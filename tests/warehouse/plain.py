"""The measures of CONTRACT §5 in plain Python, over the deliveries of `ground`; nothing shared with the models."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from tests.warehouse.ground import UNITS, Delivery, Quota, Row

LIMIT = Decimal(10**11)


@dataclass(frozen=True)
class Judged:
    """The version of an initiative that stands, its verdict, and the rules that fired but W04."""

    unit: str
    row: Row
    verdict: str
    export_date: date
    rules: tuple[str, ...]


def as_of(deliveries: Iterable[Delivery], day: date) -> list[Judged]:
    """The initiatives as of a day."""
    latest: dict[tuple[str, str], tuple[date, Row]] = {}
    for delivery in deliveries:
        for row in delivery.rows:
            key = (delivery.unit, row.code)
            if delivery.status == "quarantined" or delivery.export_date > day:
                continue
            if key not in latest or latest[key][0] < delivery.export_date:
                latest[key] = (delivery.export_date, row)
    filed = defaultdict(list)
    for (unit, code), (_, row) in latest.items():
        if row.title and row.verdict == "valid":
            filed[row.title].append((row.submitted_on, unit, code.lower(), code))
    doubled = {}
    for filing in map(sorted, filed.values()):
        for place, (_, unit, _, code) in enumerate(filing[1:], start=1):
            earlier = {other for _, other, _, _ in filing[:place]}
            fired = [rule for rule, fires in (("V12", unit in earlier), ("V13", earlier != {unit})) if fires]
            doubled[unit, code] = tuple(fired)
    return [
        Judged(
            unit,
            row,
            "invalid" if (unit, code) in doubled else row.verdict,
            export_date,
            (*row.rules, *doubled.get((unit, code), ())),
        )
        for (unit, code), (export_date, row) in latest.items()
    ]


def counts(judged: Iterable[Judged]) -> Counter[str]:
    """How many initiatives stand under each verdict."""
    return Counter(one.verdict for one in judged)


def quartile(amounts: list[Decimal], quarter: int) -> Decimal:
    """By linear interpolation."""
    steps = Decimal((len(amounts) - 1) * quarter) / 4
    below = int(steps)
    ordered = sorted(amounts)
    above = ordered[min(below + 1, len(ordered) - 1)]
    return ordered[below] + (above - ordered[below]) * (steps - below)


def benefits(judged: Iterable[Judged]) -> dict[str, int]:
    """The sums of the three methods, with the range of the third."""
    valid = [one for one in judged if one.verdict == "valid"]
    limit = limits(valid)
    amounts = [one for one in valid if one.row.vnd is not None and one.row.vnd >= 0]
    plausible = [one for one in amounts if (one.row.vnd or 0) <= limit[one.unit]]
    sums = {
        "reported": sum((one.row.vnd or Decimal(0) for one in amounts), Decimal(0)),
        "plausible": sum((one.row.vnd or Decimal(0) for one in plausible), Decimal(0)),
    }
    for name, quarter in (("completed", 2), ("completed_low", 1), ("completed_high", 3)):
        imputed = [
            _imputed(one, plausible, quarter)
            for one in valid
            if one.row.vnd is None and one.row.usd is None and one.row.computable is not False
        ]
        sums[name] = sums["plausible"] + sum(imputed)
    return {name: int(amount.quantize(Decimal(1), ROUND_HALF_UP)) for name, amount in sums.items()}


def limits(judged: Iterable[Judged]) -> dict[str, Decimal]:
    """Above what W04 fires in each unit."""
    amounts = defaultdict(list)
    for one in judged:
        if one.verdict == "valid" and one.row.vnd is not None:
            amounts[one.unit].append(one.row.vnd)
    return {u: min(LIMIT, 1000 * quartile(amounts[u], 2)) if len(amounts[u]) >= 30 else LIMIT for u in UNITS}


def _imputed(one: Judged, plausible: list[Judged], quarter: int) -> Decimal:
    for width in (3, 2, 1):
        donors = [other.row.vnd or Decimal(0) for other in plausible if _cell(other)[:width] == _cell(one)[:width]]
        if len(donors) >= 5 or (width == 1 and donors):
            return quartile(donors, quarter)
    return Decimal(0)


def _cell(one: Judged) -> tuple[str | None, ...]:
    return UNITS[one.unit], one.row.group, one.row.type


def quota(quotas: Iterable[Quota], unit: str, phase: str, day: date) -> int | None:
    """The delivered quota of a unit in force on a day."""
    known = [
        (one.effective_from or one.export_date, one.export_date, one.quota)
        for one in quotas
        if (one.unit, one.phase, one.union) == (unit, phase, None)
        and max(one.effective_from or one.export_date, one.export_date) <= day
    ]
    return max(known)[-1] if known else None
