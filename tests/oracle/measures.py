"""The measures of CONTRACT §5 over judged initiatives: counts, quota completion, benefit estimates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tests.oracle.deliveries import Delivery
from tests.oracle.reference import Phase, Reference
from tests.oracle.rules import is_computable
from tests.oracle.text import match_key
from tests.oracle.versions import Initiative, percentile

METHODS = ("reported", "plausible", "completed", "completed_low", "completed_high")
DONORS_NEEDED = 5


def phase_in_force(reference: Reference, as_of: date) -> Phase:
    """Phase I up to its last day, phase II after it."""
    first, last = reference.phases[0], reference.phases[-1]
    return first if as_of <= first.upload_to else last


def assigned_quota(
    counting: list[Delivery], reference: Reference, unit_code: str, phase_code: str, as_of: date
) -> Decimal | None:
    """The unit's own quota of type `assigned` in force: the latest effective_from, then the latest export."""
    own_names = {"", match_key(reference.units[unit_code]["unit_name"])}
    best: tuple[tuple[object, ...], Decimal] | None = None
    for delivery in counting:
        if delivery.unit_code != unit_code or delivery.name is None or delivery.table is None:
            continue
        name = delivery.name
        for row in delivery.table.quotas:
            effective = row.effective_from or name.export_date
            mine = (row.phase, row.quota_type) == (phase_code, "assigned") and match_key(row.union) in own_names
            if mine and effective <= as_of and row.quota is not None:
                order = (effective, name.export_date, 0 if name.full else 1, name.part, delivery.file_name, row.line)
                if best is None or order > best[0]:
                    best = order, row.quota
    if best is not None:
        return best[1]
    return reference.published_quotas.get((unit_code, phase_code, "assigned"))


def counts(initiatives: Iterable[Initiative]) -> dict[str, int]:
    """Submitted (everything but withdrawn) and the four verdicts."""
    verdicts = Counter(initiative.verdict for initiative in initiatives)
    result = {verdict: verdicts[verdict] for verdict in ("valid", "invalid", "under_review", "withdrawn")}
    return {"submitted": sum(verdicts.values()) - verdicts["withdrawn"], **result}


@dataclass(frozen=True)
class Estimate:
    """The benefit of one valid initiative in đồng under each method; None where the method leaves it out."""

    initiative: Initiative
    reported: int | None
    plausible: int | None
    completed: Fraction | int | None
    completed_low: Fraction | int | None
    completed_high: Fraction | int | None


def estimates(initiatives: Iterable[Initiative], reference: Reference) -> list[Estimate]:
    """§5: three methods side by side, for valid initiatives only."""
    valid = [initiative for initiative in initiatives if initiative.verdict == "valid"]
    donors: dict[tuple[str | None, ...], list[int]] = {}
    for initiative in valid:
        amount = _plausible(initiative)
        if amount is not None:
            for width in (3, 2, 1):
                donors.setdefault(_cell(initiative, reference)[:width], []).append(amount)
    result = []
    for initiative in valid:
        vnd, plausible = initiative.row.benefit.vnd, _plausible(initiative)
        reported = vnd if vnd is not None and vnd >= 0 else None
        completed: tuple[Fraction | int | None, ...] = (plausible, plausible, plausible)
        if initiative.row.benefit.amount is None and is_computable(initiative.row):
            completed = _imputed(_cell(initiative, reference), donors)
        result.append(Estimate(initiative, reported, plausible, *completed))
    return result


def _plausible(initiative: Initiative) -> int | None:
    vnd = initiative.row.benefit.vnd
    return vnd if vnd is not None and vnd >= 0 and "W04" not in initiative.rules else None


def _cell(initiative: Initiative, reference: Reference) -> tuple[str | None, ...]:
    unit_kind = reference.units[initiative.unit_code]["unit_kind"]
    return (unit_kind, initiative.row.member_group, initiative.row.solution_type)


def _imputed(
    cell: tuple[str | None, ...], donors: dict[tuple[str | None, ...], list[int]]
) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
    """Median, first and third quartile of the narrowest cell with 5 donors; the unit kind is used as it is."""
    for width in (3, 2, 1):
        amounts = donors.get(cell[:width], [])
        if len(amounts) >= DONORS_NEEDED or (width == 1 and amounts):
            median, low, high = (percentile(amounts, Fraction(quarter, 4)) for quarter in (2, 1, 3))
            return median, low, high
    return None, None, None


def _whole(amount: Fraction) -> int:
    """Whole đồng, half away from zero (amounts here are not negative)."""
    return int(amount + Fraction(1, 2))


def totals(all_estimates: Iterable[Estimate]) -> dict[str, int]:
    """The sum of each method; only the sum is rounded."""
    sums = dict.fromkeys(METHODS, Fraction(0))
    for estimate in all_estimates:
        for method in METHODS:
            sums[method] += getattr(estimate, method) or 0
    return {method: _whole(amount) for method, amount in sums.items()}
