"""The reports of CONTRACT §5 in plain Python, over the deliveries of `ground`; nothing shared with the models."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from hashlib import md5
from itertools import groupby, pairwise
from statistics import median
from typing import Any
from uuid import UUID

from tests.oracle.reference import SEEDS, Reference
from tests.oracle.text import match_key
from tests.warehouse import plain
from tests.warehouse.ground import Delivery, Quota, Row, name_surrogate
from tests.warehouse.plain import Judged

REFERENCE = Reference.read(SEEDS)
FIRST_DAY = date(2021, 12, 15)
PROGRAMME_DAYS = (date(2022, 1, 8), date(2023, 9, 1))
Table = dict[Any, Any]


@dataclass(frozen=True)
class World:
    """What had arrived by a night, and the last day that it tells."""

    deliveries: list[Delivery]
    quotas: list[Quota]
    horizon: date

    def standing(self, day: date) -> dict[str, tuple[int, int, Fraction | None]]:
        """Each unit's submitted and valid initiatives as of a day, and its quota."""
        judged = plain.as_of(self.deliveries, day)
        submitted = Counter(one.unit for one in judged if one.verdict != "withdrawn")
        valid = Counter(one.unit for one in judged if one.verdict == "valid")
        phase = phase_of(day)
        return {unit: (submitted[unit], valid[unit], self.quota(unit, phase, day)) for unit in REFERENCE.units}

    def quota(self, unit: str, phase: str, day: date) -> Fraction | None:
        """The assigned quota of a unit: a delivered one, else the published one."""
        quota = plain.quota(self.quotas, unit, phase, day)
        if quota is None:
            published = REFERENCE.published_quotas.get((unit, phase, "assigned"))
            return None if published is None else Fraction(published)
        return Fraction(quota)


def phase_of(day: date) -> str:
    """The phase in force."""
    return "phase_1" if day <= date(2022, 5, 31) else "phase_2"


def cluster(unit: str) -> str:
    """The emulation cluster of a unit."""
    return REFERENCE.units[unit]["cluster_code"]


def everyone(_unit: str) -> str:
    """The group that all units are in."""
    return "all"


def ranks(valid: dict[str, int], quotas: dict[str, Fraction | None], group: Callable[[str], str]) -> dict[str, int]:
    """By completion, ties by valid count, then code; without a quota, last."""

    def order(unit: str) -> tuple[Any, ...]:
        quota = quotas[unit]
        return (not quota, -Fraction(valid[unit]) / quota if quota else 0, -valid[unit], unit)

    units = sorted(valid, key=lambda unit: (group(unit), order(unit)))
    return {unit: rank for _, members in groupby(units, group) for rank, unit in enumerate(members, start=1)}


def ranking(world: World, day: date, group: Callable[[str], str]) -> Table:
    """Unit to rank, submitted, valid and quota."""
    standing = world.standing(day)
    rank = ranks({u: s[1] for u, s in standing.items()}, {u: s[2] for u, s in standing.items()}, group)
    return {unit: (rank[unit], *told) for unit, told in standing.items()}


def provinces(world: World, day: date, province_now: dict[str, str]) -> Table:
    """Province now to units, submitted, valid and quota."""
    members = defaultdict(list)
    for unit, told in world.standing(day).items():
        members[province_now.get(REFERENCE.units[unit]["province_code_2004"], "none")].append(told)
    return {
        code: (
            len(told),
            sum(submitted for submitted, _, _ in told),
            sum(valid for _, valid, _ in told),
            None if any(quota is None for _, _, quota in told) else sum(quota or 0 for _, _, quota in told),
        )
        for code, told in members.items()
    }


def weekly(world: World) -> Table:
    """Unit and Monday to new, new valid, submitted and valid so far, quota, rank and places gained."""
    judged = [one for one in plain.as_of(world.deliveries, world.horizon) if one.row.submitted_on]
    mondays = {_monday(FIRST_DAY + timedelta(days=n)) for n in range((world.horizon - FIRST_DAY).days + 1)}
    mondays |= {_monday(one.row.submitted_on) for one in judged if one.row.submitted_on}
    told: Table = {}
    before: dict[str, int] = {}
    for monday in sorted(mondays):
        end = monday + timedelta(days=6)
        so_far = [one for one in judged if one.row.submitted_on and one.row.submitted_on <= end]
        of_week = [one for one in so_far if one.row.submitted_on and one.row.submitted_on >= monday]
        day = min(end, world.horizon)
        quotas = {u: world.quota(u, phase_of(day), day) if day >= FIRST_DAY else None for u in REFERENCE.units}
        valid = _per_unit(so_far, "valid")
        rank = ranks(valid, quotas, everyone)
        new, new_valid, submitted = _per_unit(of_week), _per_unit(of_week, "valid"), _per_unit(so_far)
        for unit in REFERENCE.units:
            gained = before[unit] - rank[unit] if before else None
            told[unit, monday] = (
                new[unit], new_valid[unit], submitted[unit], valid[unit], quotas[unit], rank[unit], gained
            )  # fmt: skip
        before = rank
    return told


def quarterly(world: World) -> Table:
    """Unit and first day of the quarter to valid, quota of the quarter and whether it is recognised."""
    judged = plain.as_of(world.deliveries, world.horizon)
    told: Table = {}
    quarters = [date(year, month, 1) for year in (2022, 2023) for month in (1, 4, 7, 10)]
    for first, after in pairwise([*quarters[:7], date(2023, 10, 1)]):
        if first > world.horizon:
            continue
        of_quarter = [one for one in judged if one.row.submitted_on and first <= one.row.submitted_on < after]
        valid = _per_unit(of_quarter, "valid")
        for unit in REFERENCE.units:
            quota = quarter_quota(world, unit, first, after)
            most = max(valid[other] for other in REFERENCE.units if cluster(other) == cluster(unit))
            recognised = valid[unit] == most and quota is not None and valid[unit] > quota
            told[unit, first] = (valid[unit], quota, recognised)
    return told


def quarter_quota(world: World, unit: str, first: date, after: date) -> Fraction | None:
    """Day by day, each phase's own part of the quota over its days."""
    total, before = Fraction(0), Fraction(0)
    for phase in REFERENCE.phases:
        days = (phase.upload_to - phase.upload_from).days + 1
        within = sum(
            phase.upload_from <= first + timedelta(days=n) <= phase.upload_to for n in range((after - first).days)
        )
        quota = world.quota(unit, phase.code, world.horizon)
        if within and (quota is None or before is None):
            return None
        if quota is not None and before is not None:
            total += (quota - before) * within / days
        before = quota  # type: ignore[assignment]
    return total


def mix(world: World) -> Table:
    """Scope, kind and category to valid initiatives; those that there are."""
    told: Counter[Any] = Counter()
    for one in plain.as_of(world.deliveries, world.horizon):
        kinds = (
            ("member_group", one.row.group),
            ("solution_type", one.row.type),
            ("content_category", one.row.category),
        )
        for kind, code in kinds if one.verdict == "valid" else ():
            told["programme", kind, code or "unknown"] += 1
            told[one.unit, kind, code or "unknown"] += 1
    return dict(told)


def path(unit: str, *names: str | None) -> str:
    """The key of a union by the names on the way down."""
    own = match_key(REFERENCE.units[unit]["unit_name"])
    keys = [match_key(name) for name in names if name]
    return "/".join([unit, *(key for key in keys if key != own)])


def union_of(one: Judged | tuple[str, Row]) -> str:
    """The union that an initiative names."""
    unit, row = (one.unit, one.row) if isinstance(one, Judged) else one
    return path(unit, row.upper, row.grassroots)


def unions(world: World) -> dict[str, str]:
    """Each union below a unit that an initiative or a quota names, with its level."""
    levels: dict[str, str] = {}
    for delivery in world.deliveries:
        for row in delivery.rows if delivery.status != "quarantined" else ():
            if row.grassroots:
                levels.setdefault(path(delivery.unit, row.upper, row.grassroots), "grassroots")
            if row.upper:
                levels[path(delivery.unit, row.upper)] = "upper_level"
    for quota in world.quotas:
        if quota.union:
            key = path(quota.unit, quota.parent, quota.union)
            levels.setdefault(key, "grassroots" if key.count("/") == 2 else "upper_level")
            levels[path(quota.unit, quota.parent)] = "upper_level"
    return {key: level for key, level in levels.items() if "/" in key}


def union_progress(world: World, day: date) -> Table:
    """Union below a unit, with an assigned quota ever, to valid initiatives and quota as of a day."""
    valid = [union_of(one) for one in plain.as_of(world.deliveries, day) if one.verdict == "valid"]
    told: Table = {}
    for quota in world.quotas:
        if quota.union:
            key = path(quota.unit, quota.parent, quota.union)
            count = sum(union == key or union.startswith(key + "/") for union in valid)
            known = max(quota.export_date, quota.effective_from or quota.export_date) <= day
            mine = known and quota.phase == phase_of(day)
            told[key] = (count, quota.quota if mine else told.get(key, (0, None))[1])
    return told


def rewards(world: World) -> Table:
    """Phase and union to rank within its level and valid initiatives."""
    levels = unions(world)
    told: Table = {}
    for phase, end in (("phase_1", date(2022, 5, 31)), ("phase_2", world.horizon)):
        if phase == "phase_2" and phase_of(world.horizon) == "phase_1":
            continue
        day = min(end, world.horizon)
        met = [(u, "unit", valid) for u, (_, valid, q) in world.standing(day).items() if q is not None and valid >= q]
        met += [
            (key, levels[key], count)
            for key, (count, quota) in union_progress(world, day).items()
            if quota is not None and count >= quota
        ]
        for level in {level for _, level, _ in met}:
            ranked = sorted((-count, key) for key, of, count in met if of == level)
            told |= {(phase, key): (rank, -minus) for rank, (minus, key) in enumerate(ranked, start=1)}
    return told


def authors(world: World) -> Table:
    """Phase and author to union, valid initiatives submitted in the phase and their plausible benefit."""
    valid = [one for one in plain.as_of(world.deliveries, world.horizon) if one.verdict == "valid"]
    limit = plain.limits(valid)
    told: Table = defaultdict(lambda: [0, Fraction(0)])
    for one in valid:
        day = one.row.submitted_on
        phases = [phase.code for phase in REFERENCE.phases if day and phase.upload_from <= day <= phase.upload_to]
        if not phases or one.row.author is None:
            continue
        mine = told[phases[0], union_of(one), name_surrogate(one.row)]
        mine[0] += 1
        if one.row.vnd is not None and 0 <= one.row.vnd <= limit[one.unit]:
            mine[1] += Fraction(one.row.vnd)
    candidates = {key: measured for key, measured in told.items() if measured[0] >= 3}
    of_union = Counter((phase, union) for phase, union, _ in candidates)
    return {
        (phase, UUID(md5(f"{union}/{name}".encode(), usedforsecurity=False).hexdigest())): (
            union if of_union[phase, union] >= 5 else union.split("/")[0],
            count,
            amount,
        )
        for (phase, union, name), (count, amount) in candidates.items()
    }


def calendar(world: World) -> Table:
    """Unit and day to the state of its deliveries."""
    told: Table = {}
    for unit in REFERENCE.units:
        mine = [delivery for delivery in world.deliveries if delivery.unit == unit]
        exports = sorted({delivery.export_date for delivery in mine if delivery.status == "accepted"})
        bad = {delivery.export_date for delivery in mine if delivery.status == "quarantined"}
        gaps = [(later - earlier).days for earlier, later in pairwise(exports)]
        patience = max(7, 2 * median(gaps)) if gaps else 14
        for n in range((world.horizon - FIRST_DAY).days + 1):
            day = FIRST_DAY + timedelta(days=n)
            past = [export for export in exports if export <= day]
            told[unit, day] = _state(day, past, bad, patience)
    return told


def _state(day: date, past: list[date], bad: set[date], patience: float) -> str:
    if day in past:
        return "delivered"
    if day in bad:
        return "quarantined"
    first, last = PROGRAMME_DAYS
    if not first <= day <= last:
        return "not_expected"
    if not past:
        return "missing" if (day - first).days > 7 else "not_due"
    return "late" if (day - past[-1]).days > patience else "not_due"


def quality(world: World) -> Table:
    """Unit, Monday of the export and rule to how many break it, and of how many; those that something breaks."""
    judged = plain.as_of(world.deliveries, world.horizon)
    limit = plain.limits(judged)
    checked: Counter[Any] = Counter((one.unit, _monday(one.export_date)) for one in judged)
    fired: Counter[Any] = Counter()
    for one in judged:
        wild = one.row.vnd is not None and one.row.vnd > limit[one.unit]
        for rule in (*one.rules, *(["W04"] if wild else [])):
            fired[one.unit, _monday(one.export_date), rule] += 1
    return {key: (times, checked[key[:2]]) for key, times in fired.items()}


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _per_unit(judged: Iterable[Judged], verdict: str | None = None) -> dict[str, int]:
    count = Counter(
        one.unit for one in judged if one.verdict == verdict or (not verdict and one.verdict != "withdrawn")
    )
    return {unit: count[unit] for unit in REFERENCE.units}
