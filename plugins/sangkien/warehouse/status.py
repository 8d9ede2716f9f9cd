"""Status: what the last night did, what readers see now, which units are late, and what needs a person."""

from dataclasses import dataclass
from typing import Any

from psycopg.rows import dict_row
from rich.table import Table

from sangkien.contract.lists import unit_names
from sangkien.database import Connection, connect
from sangkien.warehouse.publish import UnknownPublicationError

_LAST_RUN = """
select run_id, as_of, started_at, finished_at, coalesce(outcome, 'running, or killed') as outcome
from ops.run
where kind = 'refresh' or kind = 'rejudge' and outcome is distinct from 'nothing_new'
order by started_at desc limit 1
"""
_FAILED_STAGES = """
select stage, shard, attempt, detail ->> 'error' as error
from ops.stage_outcome where run_id = %(run_id)s and outcome = 'failed' order by started_at
"""
_GATE_PAGE = """
select detail ->> 'page' as page from ops.stage_outcome
where run_id = %(run_id)s and stage = 'gate' and outcome = 'done' order by attempt desc limit 1
"""
_PUBLICATIONS = """
select
    publication_id, state, horizon, rule_set, published_at, approved_because, refused_because, official_as, pruned_at,
    summary,
    rule_set <> (
        select rule_set from ops.publication where state = 'published' order by publication_id desc limit 1
    ) and state in ('built', 'refused') and refused_because is null as waits,
    publication_id = (select publication_id from ops.current_publication) as is_current
from ops.publication order by publication_id desc limit %(most)s
"""
_REFUSALS = """
select distinct on (suite, check_id) suite, check_id, observed
from ops.gate_result
where publication_id = %(publication_id)s and severity = 'critical'
order by suite, check_id, attempt desc
"""
_DELIVERIES = (
    "select status, count(*) as files, sum(rows_read) as rows_read from ops.delivery group by status order by status"
)
_QUARANTINED = """
select unit_code, delivery_no, file_name, reason_code from ops.delivery as d
where status = 'quarantined' and not exists (
    select from ops.delivery as n
    where n.unit_code = d.unit_code and n.file_name = d.file_name and n.delivery_no > d.delivery_no
)
order by unit_code, file_name
"""
# Late: no export for more than twice the unit's own usual gap, and for more than a week, until the programme ended.
_LATE = """
with gap as (
    select
        unit_code, export_date,
        export_date - lag(export_date) over (partition by unit_code order by export_date) as days
    from (select distinct unit_code, export_date from ops.delivery where counts and dataset = 'initiatives') as export
), rhythm as (
    select unit_code, max(export_date) as last_export,
        percentile_cont(0.5) within group (order by days) as usual_days
    from gap group by unit_code
), day as (select max(horizon) as today from ops.publication)
select unit_code, last_export, usual_days, today - last_export as days_since
from rhythm cross join day
where today - last_export > greatest(7, 2 * coalesce(usual_days, 7))
order by days_since desc, unit_code
"""
MOST_LISTED = 20


@dataclass(frozen=True)
class Status:
    """The rows that the tables below are made of."""

    run: dict[str, Any] | None
    failed_stages: list[dict[str, Any]]
    gate_page: str | None
    publications: list[dict[str, Any]]
    refusals: list[dict[str, Any]]
    deliveries: list[dict[str, Any]]
    quarantined: list[dict[str, Any]]
    late: list[dict[str, Any]]
    silent: list[str]

    def tables(self) -> list[Table | str]:
        """What a person reads."""
        if self.run is None:
            return ["Nothing has run yet: `sangkien refresh`."]
        parts: list[Table | str] = [
            f"Last run: {self.run['run_id']} as of {self.run['as_of']}: {self.run['outcome']}",
            *(f"  stage {s['stage']} {s['shard']} (attempt {s['attempt']}): {s['error']}" for s in self.failed_stages),
            *([f"What its gate found: {self.gate_page}"] if self.gate_page else []),
            _publications(self.publications),
        ]
        if self.refusals:
            newest = self.publications[0]["publication_id"]
            parts.append(f"The gate refused publication {newest}; readers still see the old one. Why:")
            parts += [f"  {r['check_id']} ({r['suite']}): {r['observed']}" for r in self.refusals]
            parts.append(f'If it is right all the same: sangkien approve {newest} --because "..."')
        elif self.publications[0]["waits"]:
            parts.append(
                f"Publication {self.publications[0]['publication_id']} was judged under another rule set and waits for"
                " a person: `sangkien difference`, then `sangkien approve` or `refuse`."
            )
        parts.append(_table("Deliveries", self.deliveries))
        if self.quarantined:
            parts.append(_table("Quarantined, and not sent again yet", self.quarantined))
        if self.late:
            parts.append(_table("Late against their own rhythm", self.late))
        if self.silent:
            parts.append(f"Never delivered: {', '.join(self.silent)}")
        return parts


def read_status(dsn: str) -> Status:
    """Read the status of the warehouse."""
    with connect(dsn) as connection:
        runs = _rows(connection, _LAST_RUN) if _is_there(connection) else []
        if not runs:
            return Status(None, [], None, [], [], [], [], [], [])
        publications = _rows(connection, _PUBLICATIONS, most=5)
        refusals = []
        if publications and publications[0]["state"] == "refused" and not publications[0]["refused_because"]:
            refusals = _rows(connection, _REFUSALS, publication_id=publications[0]["publication_id"])
            refused_by = publications[0]["summary"].get("refused_by", [])
            refusals = [row for row in refusals if row["check_id"] in refused_by]
        heard = {
            row["unit_code"] for row in _rows(connection, "select distinct unit_code from ops.delivery where counts")
        }
        return Status(
            run=runs[0],
            failed_stages=_rows(connection, _FAILED_STAGES, run_id=runs[0]["run_id"]),
            gate_page=next((row["page"] for row in _rows(connection, _GATE_PAGE, run_id=runs[0]["run_id"])), None),
            publications=publications,
            refusals=refusals,
            deliveries=_rows(connection, _DELIVERIES),
            quarantined=_rows(connection, _QUARANTINED),
            late=_rows(connection, _LATE),
            silent=sorted(set(unit_names()) - heard),
        )


def publications_table(dsn: str) -> Table:
    """The publications, the newest first."""
    with connect(dsn) as connection:
        return _publications(_rows(connection, _PUBLICATIONS, most=100))


def changes_table(dsn: str, publication: int) -> Table:
    """What a publication changed, mart by mart, as it was recorded when it was built.

    Raises:
        UnknownPublicationError: There is none, or it was never built to the end.
    """
    query = "select summary -> 'changes' as changes from ops.publication where publication_id = %(publication)s"
    with connect(dsn) as connection:
        rows = _rows(connection, query, publication=publication)
    if not rows or rows[0]["changes"] is None:
        raise UnknownPublicationError(f"publication {publication} was never built")
    table = Table("mart", "rows came", "rows went", title=f"What publication {publication} changed")
    for mart, counts in sorted(rows[0]["changes"].items()):
        table.add_row(mart, f"{counts['came']:,}", f"{counts['went']:,}")
    return table


def _is_there(connection: Connection) -> bool:
    row = connection.execute("select to_regclass('ops.run') is not null").fetchone()
    return row is not None and bool(row[0])


def _rows(connection: Connection, query: str, **values: Any) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, values).fetchall()


def _publications(rows: list[dict[str, Any]]) -> Table:
    headings = ("publication", "state", "tells until", "versions came", "went", "rule set", "published at", "remarks")
    table = Table(*headings, title="Publications")
    for row in rows:
        versions = row["summary"].get("changes", {}).get("fct_initiative_version", {})
        table.add_row(
            str(row["publication_id"]),
            "current" if row["is_current"] else "pruned" if row["pruned_at"] else row["state"],
            str(row["horizon"]),
            *(f"{versions.get(side, 0):,}" for side in ("came", "went")),
            row["rule_set"],
            f"{row['published_at']:%Y-%m-%d %H:%M}" if row["published_at"] else "",
            "; ".join(_remarks(row)),
        )
    return table


def _remarks(row: dict[str, Any]) -> list[str]:
    said = {
        "official": row["official_as"],
        "approved": row["approved_because"],
        "not wanted": row["refused_because"],
        "refused by": ", ".join(row["summary"].get("refused_by", [])),
        "warnings": ", ".join(row["summary"].get("warnings", [])),
    }
    return [f"{what}: {text}" for what, text in said.items() if text]


def _table(title: str, rows: list[dict[str, Any]]) -> Table:
    more = len(rows) - MOST_LISTED
    table = Table(*(rows[0] if rows else ()), title=title, caption=f"and {more} more" if more > 0 else None)
    for row in rows[:MOST_LISTED]:
        table.add_row(*(str(value) for value in row.values()))
    return table
