"""Explain: the story of one initiative: its versions with file and line, what fired and why, and what was published."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import dropwhile, groupby
from typing import Any

import polars as pl
from psycopg.rows import dict_row

from sangkien.contract.text import clean, code_key
from sangkien.database import Connection, connect
from sangkien.validity import rule_sets
from sangkien.validity.issues import stored_issues

_ROWS = """
select d.delivery_no, d.file_name, d.export_date, d.arrived_on, d.status, r.line_number, r.rejected_by, l.title,
    l.benefit
from (
    select unit_code, delivery_no, line_number, null as rejected_by from staging.initiative
    where unit_code = %(unit_code)s and code_key = %(code_key)s
    union all
    select unit_code, delivery_no, line_number, rule_code from landing.rejected_row
    where unit_code = %(unit_code)s and code_key = %(code_key)s
) as r
inner join ops.delivery as d using (unit_code, delivery_no)
left join landing.initiative as l using (unit_code, delivery_no, line_number)
order by d.export_date, not d.is_full, d.part_no, d.file_name collate "C", d.delivery_no, r.line_number
"""
_STRETCHES = """
select s.as_of_from, s.as_of_to, s.verdict as verdict_but_for_duplicates, s.left_out, s.rule_codes, d.file_name,
    s.line_number
from intermediate.initiative_stretch as s
inner join ops.delivery as d using (unit_code, delivery_no)
where s.unit_code = %(unit_code)s and s.code_key = %(code_key)s
order by s.as_of_from
"""
_DUPLICATES = """
select as_of_from, as_of_to, rule_codes, first_unit_code, first_code_key
from intermediate.duplicate_stretch
where unit_code = %(unit_code)s and code_key = %(code_key)s and cardinality(rule_codes) > 0
order by as_of_from
"""
_PUBLISHED = """
select p.publication_id, p.published_at, p.rule_set, v.verdict, v.rule_codes, v.file_name, v.line_number
from ops.publication as p
left join warehouse.fct_initiative_version as v
    on
        v.unit_code = %(unit_code)s and v.code_key = %(code_key)s and v.as_of_to = date '9999-12-31'
        and v.published_from <= p.publication_id and v.published_to > p.publication_id
where p.state = 'published'
order by p.publication_id
"""
_SAID = ("rule_set", "verdict", "rule_codes", "file_name", "line_number")


@dataclass(frozen=True)
class Story:
    """What is known of one initiative.

    Attributes:
        rows: Its rows in the order in which they count, each with the file it came in and the issues of its cells.
        stretches: Which row stood when, by export date, with its verdict but for what hangs on others (V12, V13, W04).
        duplicates: When it was a duplicate, and of whom.
        rule_set: The rule set of rows and stretches: the one in force, or that of a candidate that waits.
        published: The verdict at each publication, from the first one that said so to the last; those that say the same
            are told once.
    """

    unit_code: str
    initiative_code: str
    rule_set: str
    rows: list[dict[str, Any]]
    stretches: list[dict[str, Any]]
    duplicates: list[dict[str, Any]]
    published: list[dict[str, Any]]


def explain(dsn: str, unit_code: str, initiative_code: str) -> Story | None:
    """Tell the story of an initiative; none if no row bears its code.

    Args:
        dsn: The warehouse.
        unit_code: Whose it is.
        initiative_code: Its code, as any of its rows writes it.
    """
    key = code_key(clean(pl.Series([initiative_code])))[0]
    which = {"unit_code": unit_code, "code_key": key}
    with connect(dsn) as connection:
        rows = _rows(connection, _ROWS, which)
        if not rows:
            return None
        rules = rule_sets.standing(connection)
        for row in rows:
            issues = stored_issues(connection, "initiatives", unit_code, row["delivery_no"], rules, key)
            row["issues"] = issues.filter(pl.col("line_number") == row["line_number"]).drop("line_number").to_dicts()
        stretches, duplicates = (_rows(connection, query, which) for query in (_STRETCHES, _DUPLICATES))
        published = _rows(connection, _PUBLISHED, which) if _is_built(connection) else []
    return Story(unit_code, initiative_code, rules.version, rows, stretches, duplicates, list(_told_once(published)))


def _told_once(published: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Publications one after the other that say the same, as one; from the first that knows the initiative on."""
    known = dropwhile(lambda publication: publication["verdict"] is None, published)
    for said, group in groupby(known, lambda publication: {name: publication[name] for name in _SAID}):
        same = list(group)
        yield {
            "from_publication": same[0]["publication_id"],
            "to_publication": same[-1]["publication_id"],
            "published_at": same[0]["published_at"],
            **said,
        }


def _is_built(connection: Connection) -> bool:
    row = connection.execute("select to_regclass('warehouse.fct_initiative_version') is not null").fetchone()
    return row is not None and bool(row[0])


def _rows(connection: Connection, query: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query.encode(), values).fetchall()
