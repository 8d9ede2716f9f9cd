"""The gate's results as pages that a person opens without internet: one for each time it ran, and an index.

They are made from the rows of `ops.gate_result`, which keep the history. No page names a person: checks say unit, file
and line.
"""

from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from psycopg.rows import dict_row
from upath import UPath

from sangkien.contract.rules import RuleSet
from sangkien.database import Connection, connect
from sangkien.storage import write_whole
from sangkien.validity.expect import gate_checks

_RUNS = """
select
    g.publication_id, g.attempt, g.run_id, p.rule_set, p.horizon, min(g.checked_at) as checked_at, count(*) as checks,
    count(*) filter (where not g.passed and g.severity = 'critical') as objections,
    count(*) filter (where not g.passed and g.severity <> 'critical') as warnings
from ops.gate_result as g inner join ops.publication as p using (publication_id)
group by g.publication_id, g.attempt, g.run_id, p.rule_set, p.horizon
order by g.publication_id desc, g.attempt desc
"""
_RESULTS = """
select suite, check_id, severity, passed, observed from ops.gate_result
where publication_id = %(publication_id)s and attempt = %(attempt)s
order by passed, severity = 'critical' desc, suite, check_id
"""
_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1b1b1b }}
table {{ border-collapse: collapse; margin: .5rem 0 1.5rem }}
th, td {{ border: 1px solid #ccc; padding: .25rem .6rem; text-align: left; vertical-align: top }}
th {{ background: #f3f3f3 }}
.bad {{ color: #a40000; font-weight: 600 }} .warned {{ color: #8a5a00; font-weight: 600 }} .good {{ color: #106010 }}
</style></head><body><h1>{title}</h1>
"""
Row = dict[str, Any]


def write_pages(dsn: str, folder: UPath, publication: int, rules: RuleSet) -> UPath:
    """Write the page of the gate's last run over a publication, and the index of all runs.

    Args:
        dsn: The warehouse.
        folder: Where to.
        publication: Whose gate ran.
        rules: The rule set that it was judged under.

    Returns:
        The page.
    """
    with connect(dsn) as connection:
        runs = _rows(connection, _RUNS)
        run = next(row for row in runs if row["publication_id"] == publication)
        results = _rows(connection, _RESULTS, **run)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder, "index.html", "".join(_index(runs)).encode())
    return write_whole(folder, _file_name(run), "".join(_page(run, results, rules)).encode())


def _rows(connection: Connection, query: str, **values: Any) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query.encode(), values or None).fetchall()


def _file_name(run: Row) -> str:
    return f"publication-{run['publication_id']:05}-{run['attempt']:02}.html"


def _index(runs: list[Row]) -> Iterator[str]:
    yield _HEAD.format(title="What the gate said")
    yield _table(
        ("publication", "checked at", "rule set", "tells until", "run", "checks", "result"),
        (
            (
                f'<a href="{_file_name(run)}">{run["publication_id"]} ({run["attempt"]})</a>',
                f"{run['checked_at']:%Y-%m-%d %H:%M}",
                *(escape(str(run[name])) for name in ("rule_set", "horizon", "run_id", "checks")),
                _verdict(run),
            )
            for run in runs
        ),
    )
    yield "</body></html>\n"


def _page(run: Row, results: list[Row], rules: RuleSet) -> Iterator[str]:
    descriptions = {check.check_id: check.description for check in gate_checks()}
    descriptions |= {code: f"{rule.message_vi} · {rule.message_en}" for code, rule in rules.rules.items()}
    yield _HEAD.format(title=f"The gate over publication {run['publication_id']}")
    yield f"<p>{_verdict(run)}. Run {escape(str(run['run_id']))}, {run['checked_at']:%Y-%m-%d %H:%M}, rule set"
    yield f" {escape(run['rule_set'])}, telling until {run['horizon']}. <a href='index.html'>All runs</a></p>\n"
    for result in results:
        rows = result["observed"].get("rows", [])
        if rows:
            yield f"<h2>{escape(result['check_id'])}</h2><p>{escape(descriptions.get(result['check_id'], ''))}"
            yield " The first rows that speak against it:</p>\n"
            yield _table(map(escape, rows[0]), ((escape(str(value)) for value in row.values()) for row in rows))
    yield "<h2>All checks</h2>\n"
    yield _table(
        ("check", "what it expects, or which rule it counts", "suite", "severity", "result", "observed"),
        (
            (
                escape(result["check_id"]),
                escape(descriptions.get(result["check_id"], "")),
                escape(result["suite"]),
                result["severity"],
                '<span class="good">passed</span>' if result["passed"] else '<span class="bad">failed</span>',
                escape(_observed(result["observed"])),
            )
            for result in results
        ),
    )
    yield "</body></html>\n"


def _verdict(run: Row) -> str:
    if run["objections"]:
        return f'<span class="bad">refused by {run["objections"]} checks</span>'
    if run["warnings"]:
        return f'<span class="warned">passed, with {run["warnings"]} warnings</span>'
    return '<span class="good">passed</span>'


def _observed(observed: Row) -> str:
    if "judged" in observed:
        return f"{observed['observed']} rows break it, {observed['judged']} were judged to"
    return str(observed.get("error") or observed.get("observed") or "")


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of cells that are HTML already."""
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>\n" for row in rows)
    return f"<table><tr>{''.join(f'<th>{cell}</th>' for cell in head)}</tr>\n{lines}</table>\n"
