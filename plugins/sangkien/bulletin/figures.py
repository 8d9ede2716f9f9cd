"""What the bulletin tells: rows of `marts`, all of one publication, by few queries."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Any

from psycopg import IsolationLevel
from psycopg.rows import dict_row

from sangkien.database import connect
from sangkien.warehouse.overview import NothingPublishedError

Row = dict[str, Any]

LISTED_DELIVERIES = 8

# Each once for the whole site. `as_of`: the last day that the publication tells.
QUERIES = {
    "overview": "select * from marts.rpt_overview order by as_of",
    "benefit": "select * from marts.fct_benefit_total where scope in ('programme', 'unit')",
    "weekly": "select * from marts.rpt_weekly where week_start <= %(as_of)s order by week_start, unit_code",
    "standing": """
        select
            r.*, c.rank_no as cluster_rank_no, c.units_in_cluster, c.cluster_evidence,
            u.unit_kind_vi, u.unit_kind_en, u.province_code_2004
        from marts.rpt_unit_ranking as r
        inner join marts.rpt_cluster_ranking as c on r.unit_code = c.unit_code and c.as_of = %(as_of)s
        inner join marts.dim_unit as u on r.unit_code = u.unit_code and u.is_current
        where r.as_of = %(as_of)s
        order by r.rank_no
    """,
    "verdict": """
        select unit_code, verdict, sum(initiatives)::integer as initiatives
        from marts.fct_submission group by unit_code, verdict
    """,
    "quality": """
        select
            unit_code, rule_code, sum(fired_count)::integer as fired_count, sum(checked_count)::integer as checked_count
        from marts.rpt_data_quality group by unit_code, rule_code
        order by unit_code, sum(fired_count) desc, rule_code
    """,
    # Of a week, what matters most: that something came, or that nothing which came could be read.
    "calendar": """
        select
            unit_code, date_trunc('week', calendar_day)::date as week_start,
            case
                when bool_or(state = 'delivered') then 'delivered'
                when bool_or(state = 'quarantined') then 'quarantined'
                else (array_agg(state order by calendar_day desc))[1]
            end as state
        from marts.rpt_delivery_calendar group by 1, 2 order by 1, 2
    """,
    "calendar_now": "select * from marts.rpt_delivery_calendar where calendar_day = %(as_of)s",
    "delivery": """
        select * from (
            select d.*, row_number() over (
                partition by unit_code order by export_date desc nulls first, file_name desc, sha256, occurrence_no
            ) as place
            from marts.fct_delivery as d
        ) as placed where place <= %(listed_deliveries)s order by unit_code, place
    """,
    "mix": "select * from marts.rpt_category_mix order by scope_code, category_kind, valid_count desc, category_code",
    "province_now": "select * from marts.rpt_province_now where as_of = %(as_of)s",
    "recognition": """
        select * from marts.rpt_quarterly_recognition
        where is_recognised and is_over order by quarter_start desc, cluster_code
    """,
    "reconciliation": "select * from marts.rpt_reconciliation where agrees is not null order by as_of, measure, method",
    "cluster": "select * from marts.dim_cluster",
    "phase": "select * from marts.dim_phase order by upload_from",
    "rule": "select * from marts.dim_rule",
}


@dataclass(frozen=True)
class Figures:
    """The rows of a publication that the bulletin tells, by the names of QUERIES."""

    publication: int
    as_of: date
    rows: dict[str, list[Row]]

    @property
    def headline(self) -> Row:
        """The programme's figures as of the last day told."""
        return self.rows["overview"][-1]

    @cached_property
    def weeks_of_unit(self) -> dict[str, list[Row]]:
        """Each unit's weeks, from the programme's first to its last, or to the one that is told last."""
        first, last = self.rows["phase"][0]["upload_from"], self.rows["phase"][-1]["upload_to"]
        weeks = [row for row in self.rows["weekly"] if row["week_end"] >= first and row["week_start"] <= last]
        return _grouped(weeks, "unit_code")

    @cached_property
    def last_week(self) -> dict[str, Row]:
        """Each unit's row in the week of the last day told."""
        return {row["unit_code"]: row for row in self.rows["weekly"]}

    @cached_property
    def programme_weeks(self) -> list[Row]:
        """The weeks of all units together."""
        summed = ("new_count", "new_valid_count", "submitted_count", "valid_count")
        rows = sorted((row for weeks in self.weeks_of_unit.values() for row in weeks), key=lambda r: r["week_start"])
        told = []
        for week_start, of_units in groupby(rows, key=lambda row: row["week_start"]):
            units = list(of_units)
            sums = {name: sum(row[name] for row in units) for name in summed}
            told.append({"week_start": week_start, "week_end": units[0]["week_end"], **sums})
        return told

    def by_unit(self, name: str) -> dict[str, list[Row]]:
        """The rows of one query by unit."""
        return _grouped(self.rows[name], "unit_code")

    def pace(self, unit_code: str | None) -> list[Row]:
        """The quota's pace: nothing on the first day, the quota of each phase on its last; straight in between.

        What a phase adds is spread evenly over its days (contract §5); phases without a known quota are passed over.

        Args:
            unit_code: The unit; none: the programme, against the cumulative quotas of its phases.
        """
        of_unit = {row["phase_code"]: row["quota"] for row in self.weeks_of_unit[unit_code]} if unit_code else {}
        points: list[Row] = []
        for phase in self.rows["phase"]:
            quota = of_unit.get(phase["phase_code"]) if unit_code else phase["cumulative_quota"]
            if quota is not None:
                points = points or [{"day": self.rows["phase"][0]["upload_from"], "quota": 0}]
                points.append({"day": phase["upload_to"], "quota": int(quota)})
        return points


def _grouped(rows: list[Row], key: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[key]].append(row)
    return groups


def read_figures(dsn: str, publication: int | None = None) -> Figures:
    """Read a publication.

    Args:
        dsn: The warehouse.
        publication: Which one; none: the one that readers see.

    Raises:
        NothingPublishedError: There is no such publication.
    """
    with connect(dsn, shown_publication=publication) as connection, connection.cursor(row_factory=dict_row) as cursor:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ  # all of one moment
        is_there = cursor.execute("select to_regclass('marts.rpt_overview') is not null as it").fetchone()
        told = (
            is_there
            and is_there["it"]
            and cursor.execute(
                "select ops.shown_publication() as publication, max(as_of) as as_of from marts.rpt_overview"
            ).fetchone()
        )
        if not told or told["publication"] is None or told["as_of"] is None:
            raise NothingPublishedError("nothing is published yet: run `sangkien refresh`")
        said = {"as_of": told["as_of"], "listed_deliveries": LISTED_DELIVERIES}
        rows = {name: cursor.execute(query, said).fetchall() for name, query in QUERIES.items()}
    return Figures(told["publication"], told["as_of"], rows)
