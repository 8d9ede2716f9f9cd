"""What each report must say: CONTRACT §5 over the states, with the query that reads the same from the marts."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import polars as pl

from tests.oracle.measures import phase_in_force
from tests.oracle.reference import SEEDS, read_list
from tests.programme.expected import MILLIONTHS, QUOTA, RATIO, Expected, expected, millionths, text
from tests.programme.reports_of_data import calendar, quality
from tests.programme.states import World
from tests.warehouse import plain_reports
from tests.warehouse.plain_reports import FIRST_DAY, REFERENCE, cluster, everyone, phase_of, ranks

KINDS = ("member_group", "solution_type", "content_category")
LISTS = {
    "member_group": REFERENCE.member_groups,
    "solution_type": REFERENCE.solution_types,
    "content_category": REFERENCE.content_categories,
}


def all_reports(world: World, days: list[date]) -> Iterator[Expected]:
    """Every report and the small facts behind them.

    Args:
        world: The programme up to the last day told.
        days: As of which those are compared that tell every day.
    """
    in_days = "as_of in (" + ", ".join(f"'{day}'" for day in days) + ")"
    yield overview(world, days)
    yield from rankings(world, days, in_days)
    yield progress(world, days, in_days)
    yield weekly(world)
    yield quarterly(world)
    yield mix(world)
    yield rewards_of_unions(world)
    yield calendar(world)
    yield quality(world)
    yield reconciliation(world, days)
    yield unions(world)


# Counts and completion -----------------------------------------------------------------------------------------------


def _benefits(world: World, day: date, where: pl.Expr | None = None) -> dict[str, int]:
    """Whole đồng of each method: only the sum is rounded."""
    valid = world.programme.standing(day).valid
    valid = valid if where is None else valid.filter(where)
    names = ["reported", "plausible", *(f"completed_{name}" for name in ("median", "low", "high"))]
    return {name: (int(valid[name].sum()) + 2) // 4 for name in names}


def overview(world: World, days: list[date]) -> Expected:
    rows = []
    for day in days:
        state = world.programme.standing(day)
        verdicts = Counter(dict(state.counts().iter_rows()))
        groups = dict(state.valid.group_by("member_group").agg(pl.len()).iter_rows())
        phase = phase_in_force(REFERENCE, day)
        rows.append(
            (
                day,
                sum(verdicts.values()) - verdicts["withdrawn"],
                *(verdicts[verdict] for verdict in ("valid", "invalid", "under_review", "withdrawn")),
                *(groups.get(group, 0) for group in ("public_sector", "enterprise_worker", "union_officer")),
                verdicts["valid"],
                phase.cumulative_quota,
                f"valid_over_cumulative_quota_of_{phase.code}",
                *_benefits(world, day).values(),
            )
        )
    return expected(
        "rpt_overview",
        """as_of
        submitted
        valid
        invalid
        under_review
        withdrawn
        valid_by_member_group ->> 'public_sector' as public_sector
        valid_by_member_group ->> 'enterprise_worker' as enterprise_worker
        valid_by_member_group ->> 'union_officer' as union_officer
        quota_numerator
        quota_denominator
        quota_basis
        benefit_reported_vnd
        benefit_plausible_vnd
        benefit_completed_vnd
        benefit_completed_low_vnd
        benefit_completed_high_vnd""",
        "d" + "i" * 10 + "t" + "i" * 5,
        1,
        rows,
    )


def rankings(world: World, days: list[date], in_days: str) -> Iterator[Expected]:
    """Units among all, within their cluster, and retold on the provinces of now."""
    everywhere, in_cluster, provinces = [], [], []
    merger = {row["old_code"]: row["new_code"] for row in read_list(SEEDS / "province_merger_2025.csv")}
    sizes = Counter(map(cluster, REFERENCE.units))
    for day in days:
        phase = phase_of(day)
        for unit, (rank, submitted, valid, quota) in plain_reports.ranking(world, day, everyone).items():
            told = (phase, submitted, valid, text(quota), millionths(valid, quota))
            everywhere.append((day, unit, rank, *told))
        for unit, (rank, submitted, valid, quota) in plain_reports.ranking(world, day, cluster).items():
            told = (phase, submitted, valid, text(quota), millionths(valid, quota))
            in_cluster.append((day, unit, rank, cluster(unit), sizes[cluster(unit)], *told))
        for code, (units, submitted, valid, quota) in plain_reports.provinces(world, day, merger).items():
            provinces.append((day, code, units, phase, submitted, valid, text(quota), millionths(valid, quota)))
    told_columns = f"phase_code\n submitted_count\n valid_count\n {QUOTA}\n {RATIO}"
    yield expected(
        "rpt_unit_ranking", f"as_of\n unit_code\n rank_no\n {told_columns}", "dtitiiti", 2, everywhere, in_days
    )
    yield expected(
        "rpt_cluster_ranking",
        f"as_of\n unit_code\n rank_no\n cluster_code\n units_in_cluster\n {told_columns}",
        "dtititiiti",
        2,
        in_cluster,
        in_days,
    )
    yield expected(
        "rpt_province_now", f"as_of\n province_code_now\n units\n {told_columns}", "dtitiiti", 2, provinces, in_days
    )


def progress(world: World, days: list[date], in_days: str) -> Expected:
    """Units, and the unions below them that ever had a quota, from the first day on which anything tells of them."""
    rows: list[tuple[Any, ...]] = []
    for day in days:
        phase = phase_of(day)
        for unit, (_, valid, quota) in world.standing(day).items():
            rows.append((unit, unit, day, phase, valid, text(quota), millionths(valid, quota)))
        rows += [(key.split("/")[0], key, day, phase, *told) for key, *told in _progress_below(world, day)]
    columns = f"unit_code\n union_key\n as_of\n phase_code\n valid_count\n {QUOTA}\n {RATIO}"
    return expected("fct_quota_progress", columns, "ttdtiti", 3, rows, in_days)


def _progress_below(world: World, day: date) -> Iterator[tuple[str, int, str | None, int | None]]:
    valid, quotas = world.programme.standing(day).of_unions, world.programme.quotas(phase_of(day), day)
    for key in sorted({line.union_key for line in _assigned_below(world)}):
        quota = quotas.get(key)
        count = valid.get(key, 0)
        yield key, count, text(quota), millionths(count, None if quota is None else Fraction(quota))


def _assigned_below(world: World) -> list[Any]:
    lines = world.programme.quota_lines
    return [line for line in lines if "/" in line.union_key and line.quota_type == "assigned"]


# Weeks and quarters --------------------------------------------------------------------------------------------------


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def weekly(world: World) -> Expected:
    """By the date of submission, under the verdict as of the report."""
    horizon = world.horizon
    counted = world.programme.standing(horizon).counts("unit_code", "submitted_on").drop_nulls("submitted_on")
    new: Counter[Any] = Counter()
    for unit, day, verdict, n in counted.iter_rows():
        if verdict != "withdrawn":
            new[unit, _monday(day), "submitted"] += n
        if verdict == "valid":
            new[unit, _monday(day), "valid"] += n
    mondays = {_monday(FIRST_DAY + timedelta(days=n)) for n in range((horizon - FIRST_DAY).days + 1)}
    mondays |= {_monday(day) for day in counted["submitted_on"]}
    rows: list[tuple[Any, ...]] = []
    submitted, valid = Counter[str](), Counter(dict.fromkeys(REFERENCE.units, 0))
    before: dict[str, tuple[int, int]] = {}
    for monday in sorted(mondays):
        for unit in REFERENCE.units:
            submitted[unit] += new[unit, monday, "submitted"]
            valid[unit] += new[unit, monday, "valid"]
        day = min(monday + timedelta(days=6), horizon)
        begun = day >= FIRST_DAY
        phase = phase_of(day) if begun else None
        quotas = {u: world.quota(u, phase_of(day), day) if begun else None for u in REFERENCE.units}
        rank, cluster_rank = ranks(valid, quotas, everyone), ranks(valid, quotas, cluster if begun else everyone)
        for unit, quota in quotas.items():
            now = rank[unit], cluster_rank[unit]
            gained = [was - is_now for was, is_now in zip(before[unit], now, strict=True)] if before else [None, None]
            rows.append(
                (
                    unit,
                    monday,
                    new[unit, monday, "submitted"],
                    new[unit, monday, "valid"],
                    submitted[unit],
                    valid[unit],
                    phase,
                    text(quota),
                    millionths(valid[unit], quota),
                    now[0],
                    gained[0],
                    now[1],
                    gained[1],
                )
            )
        before = {unit: (rank[unit], cluster_rank[unit]) for unit in REFERENCE.units}
    return expected(
        "rpt_weekly",
        f"""unit_code
        week_start
        new_count
        new_valid_count
        submitted_count
        valid_count
        phase_code
        {QUOTA}
        {RATIO}
        rank_no
        rank_change
        cluster_rank_no
        cluster_rank_change""",
        "tdiiiittiiiii",
        2,
        rows,
    )


def quarterly(world: World) -> Expected:
    """Most valid initiatives of the cluster, and above its own quota of the quarter."""
    horizon = world.horizon
    submitted = world.programme.standing(horizon).valid.group_by("unit_code", "submitted_on").agg(pl.len())
    firsts = [date(year, month, 1) for year in (2022, 2023) for month in (1, 4, 7, 10)]
    rows: list[tuple[Any, ...]] = []
    for first, after in pairwise(firsts):
        if first > horizon:
            continue
        valid: Counter[str] = Counter(dict.fromkeys(REFERENCE.units, 0))
        for unit, day, n in submitted.iter_rows():
            valid[unit] += n if first <= day < after else 0
        for unit in REFERENCE.units:
            quota = plain_reports.quarter_quota(world, unit, first, after)
            rank = 1 + sum(valid[other] > valid[unit] for other in REFERENCE.units if cluster(other) == cluster(unit))
            above = quota is not None and valid[unit] > quota
            rounded = None if quota is None else int(quota * MILLIONTHS + Fraction(1, 2))
            over = after <= horizon + timedelta(days=1)
            ratio = millionths(valid[unit], quota)
            rows.append((unit, first, over, valid[unit], rounded, ratio, rank, rank == 1, above, rank == 1 and above))
    return expected(
        "rpt_quarterly_recognition",
        f"""unit_code
        quarter_start
        is_over::integer as is_over
        valid_count
        (quarter_quota * {MILLIONTHS})::bigint as quarter_quota
        {RATIO}
        cluster_rank_no
        is_most_of_cluster::integer as is_most_of_cluster
        is_above_quota::integer as is_above_quota
        is_recognised::integer as is_recognised""",
        "tdiiiiiiii",
        2,
        rows,
    )


# Mix and rewards -----------------------------------------------------------------------------------------------------


def mix(world: World) -> Expected:
    valid = world.programme.standing(world.horizon).valid
    rows: list[tuple[Any, ...]] = []
    scopes = [("programme", "programme"), *(("unit", unit) for unit in REFERENCE.units)]
    for kind in KINDS:
        counted: Counter[Any] = Counter()
        for unit, code, n in valid.group_by("unit_code", kind).agg(pl.len()).iter_rows():
            for scope in (unit, "programme"):
                counted[scope, code or "unknown"] += n
                counted[scope] += n
        for scope, scope_code in scopes:
            for code in {*LISTS[kind].values(), "unknown"}:
                n, total = counted[scope_code, code], counted[scope_code]
                rows.append((scope, scope_code, kind, code, n, total, millionths(n, total)))
    columns = f"""scope
        scope_code
        category_kind
        category_code
        valid_count
        valid_total
        (share_ratio * {MILLIONTHS})::bigint as share"""
    return expected("rpt_category_mix", columns, "ttttiii", 4, rows)


def _levels(world: World) -> dict[str, str]:
    """Each union below a unit that an initiative (in any of its versions) or a quota names, with its level."""
    levels: dict[str, str] = {}
    for unit, upper, grassroots in world.programme.union_names:
        if grassroots:
            levels.setdefault(plain_reports.path(unit, upper, grassroots), "grassroots")
        if upper:
            levels[plain_reports.path(unit, upper)] = "upper_level"
    for line in world.programme.quota_lines:
        depth = line.union_key.count("/")
        levels.setdefault(line.union_key, "grassroots" if depth == 2 else "upper_level")
        if depth == 2:
            levels[line.union_key.rsplit("/", 1)[0]] = "upper_level"
    return {key: level for key, level in levels.items() if "/" in key}


def unions(world: World) -> Expected:
    rows = [(key, level, key.rsplit("/", 1)[0]) for key, level in _levels(world).items()]
    where = "union_level <> 'unit'"
    return expected("dim_union", "union_key\n union_level\n parent_union_key", "ttt", 1, rows, where)


def rewards_of_unions(world: World) -> Expected:
    """Of every level, that met or exceeded their assigned quota in a phase."""
    levels = _levels(world)
    rows: list[tuple[Any, ...]] = []
    for phase in REFERENCE.phases:
        day = min(world.horizon, phase.upload_to if phase is REFERENCE.phases[0] else world.horizon)
        if phase_of(day) != phase.code:
            continue
        standing = {unit: (valid, quota) for unit, (_, valid, quota) in world.standing(day).items()}
        below = {
            key: (n, None if quota is None else Fraction(quota)) for key, n, quota, _ in _progress_below(world, day)
        }
        met: dict[str, list[tuple[int, str, Fraction]]] = defaultdict(list)
        for key, (valid, quota) in (standing | below).items():
            if quota is not None and valid >= quota:
                met[levels.get(key, "unit")].append((-valid, key, quota))
        for level, candidates in met.items():
            for rank, (minus, key, quota) in enumerate(sorted(candidates), start=1):
                ratio = millionths(-minus, quota)
                rows.append((phase.code, key, level, rank, day, -minus, text(quota), ratio))
    columns = f"phase_code\n union_key\n union_level\n rank_no\n as_of\n valid_count\n {QUOTA}\n {RATIO}"
    return expected("rpt_reward_candidates", columns, "ttti" + "diti", 2, rows, "candidate_kind = 'union'")


def reconciliation(world: World, days: list[date]) -> Expected:
    """Each published figure beside ours, in the unit of the published one."""
    rows: list[tuple[Any, ...]] = []
    for figure in read_list(SEEDS / "published_figures.csv"):
        day, measure, scope = date.fromisoformat(figure["as_of"]), figure["measure"], figure["scope"]
        published = Decimal(figure["value"])
        if day not in days:
            rows.append((day, measure, scope, "none", None, None, None))
            continue
        for method, ours in _measured(world, day, measure.removesuffix("_at_least"), scope):
            said = Fraction(int(ours * MILLIONTHS + Fraction(1, 2)), MILLIONTHS)
            step = Fraction(1, 10 ** -int(published.as_tuple().exponent))
            in_decimals = int(said / step + Fraction(1, 2)) * step
            agrees = said >= published if measure.endswith("_at_least") else in_decimals == Fraction(published)
            difference = int((said - Fraction(published)) * MILLIONTHS)
            rows.append((day, measure, scope, method, int(said * MILLIONTHS), difference, int(agrees)))
    columns = f"""as_of
        measure
        scope
        method
        (warehouse_value * {MILLIONTHS})::bigint as warehouse_value
        (difference * {MILLIONTHS})::bigint as difference
        agrees::integer as agrees"""
    return expected("rpt_reconciliation", columns, "dtttiii", 4, rows)


def _measured(world: World, day: date, measure: str, scope: str) -> Iterator[tuple[str, Fraction]]:
    state = world.programme.standing(day)
    verdicts = Counter(dict(state.counts().iter_rows()))
    if measure == "submitted":
        yield "count", Fraction(sum(verdicts.values()) - verdicts["withdrawn"])
    elif measure == "valid":
        of_scope = state.valid if scope == "programme" else state.valid.filter(pl.col("member_group") == scope)
        yield "count", Fraction(of_scope.height)
    elif measure == "quota_completion":
        yield "ratio", Fraction(100 * verdicts["valid"], phase_in_force(REFERENCE, day).cumulative_quota)
    else:
        sums = _benefits(world, day)
        for method, name in (("reported",) * 2, ("plausible",) * 2, ("completed", "completed_median")):
            yield method, Fraction(sums[name], 10**9)
