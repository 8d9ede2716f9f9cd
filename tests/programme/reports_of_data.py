"""What the reports on deliveries and on the quality of the data must say: CONTRACT §5 over the states."""

from collections import Counter, defaultdict
from datetime import date
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Any

import polars as pl

from tests.programme.expected import MILLIONTHS, Expected, expected, millionths, text
from tests.programme.states import World
from tests.warehouse import plain_reports

_FILED = ("accepted", "quarantined", "duplicate", "superseded")


def calendar(world: World) -> Expected:
    """The state of each day, and the exports behind it."""
    filed: dict[tuple[str, date], Counter[str]] = defaultdict(Counter)
    exports: dict[str, set[date]] = defaultdict(set)
    for delivery, status in zip(world.programme.seen, world.programme.statuses, strict=True):
        name, table = delivery.name, delivery.table
        if name is None or name.dataset != "initiatives":
            continue
        counts = filed[delivery.unit_code, name.export_date]
        counts["accepted" if status == "accepted_with_issues" else status] += 1
        if status.startswith("accepted") and table is not None:
            counts["rows"] += table.rows_read - table.rows_rejected
            counts["rejected"] += table.rows_rejected
            exports[delivery.unit_code].add(name.export_date)
    rows: list[tuple[Any, ...]] = []
    for (unit, day), state in plain_reports.calendar(world).items():
        last = max((export for export in exports[unit] if export <= day), default=None)
        gaps = [(later - earlier).days for earlier, later in pairwise(sorted(exports[unit]))]
        told = [filed.get((unit, day), Counter())[kind] for kind in (*_FILED, "rows", "rejected")]
        since = None if last is None else (day - last).days
        usual = Fraction(median(gaps)) if gaps else None
        patience = max(Fraction(7), 2 * (Fraction(7) if usual is None else usual))
        rows.append((unit, day, state, *told, last, since, text(usual), text(patience)))
    return expected(
        "rpt_delivery_calendar",
        """unit_code
        calendar_day
        state
        files_accepted
        files_quarantined
        files_duplicate
        files_superseded
        rows_accepted
        rows_rejected
        last_export_on
        days_since_export
        trim_scale(usual_gap_days)::text as usual_gap_days
        trim_scale(late_after_days)::text as late_after_days""",
        "tdt" + "i" * 6 + "ditt",
        2,
        rows,
    )


def quality(world: World) -> Expected:
    """How many current versions, of those exported in the week, break a rule: a row for each that one breaks."""
    initiatives = world.programme.standing(world.horizon).initiatives
    by_week = initiatives.with_columns(week=pl.col("export_date").dt.truncate("1w"))
    checked = {(u, w): n for u, w, n in by_week.group_by("unit_code", "week").agg(pl.len()).iter_rows()}
    fired = by_week.explode("rules").drop_nulls("rules").group_by("unit_code", "week", "rules").agg(pl.len())
    rows = [
        (unit, week, rule, n, checked[unit, week], millionths(n, checked[unit, week]))
        for unit, week, rule, n in fired.iter_rows()
    ]
    columns = f"""unit_code
        week_start
        rule_code
        fired_count
        checked_count
        (fired_ratio * {MILLIONTHS})::bigint as fired"""
    return expected("rpt_data_quality", columns, "tdtiii", 3, rows, "fired_count > 0")
