"""What a good engineer would write by hand for the same work: SQL for the verdicts, and for the marts.

It starts from what ours has left: the landed rows, and for the marts staging and the stretches. Verdicts:
bench/judge_by_hand.sql. Marts: bench/by_hand/ has the statements for each table that grows with the initiatives; the
small ones and the views are the models' own SQL, run as it is. No stamps, no indexes, no comments; it runs after ours,
on a warm cache.
"""

import re
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from bench.database import FOLDER
from sangkien.contract.lists import benefit_units, codes_by_key, phases
from sangkien.contract.rules import rule_set
from sangkien.database import Connection, connect
from sangkien.warehouse.build import BuildPlan, run_dbt

VERDICTS = Path(__file__).with_name("judge_by_hand.sql")
MARTS = Path(__file__).parent / "by_hand"
LISTS = ("member_group", "solution_type", "content_category", "status")
# In the order in which they need each other.
GROWING = (
    "fct_initiative_version", "dim_union_name", "dim_field_name", "fct_verdict_change", "fct_submission",
    "fct_rule_count", "fct_union_change", "fct_author_phase", "fct_benefit_amount", "fct_benefit_donor",
    "fct_benefit_total", "rpt_overview",
)  # fmt: skip


def timed(work: Callable[[], object]) -> float:
    """How many seconds a work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


# verdicts ------------------------------------------------------------------------------------------------------------


def judge_everything(dsn: str) -> dict[str, float]:
    """Type, flag and look for duplicates in all that has landed; the seconds of each step, each committed."""
    with connect(dsn, autocommit=True) as connection:
        connection.execute("set datestyle to 'ISO, DMY'")
        _prepare(connection)
        connection.execute("create view by_hand.arrived as select * from landing.initiative")
        return {name: timed(lambda text=text: _run(connection, text)) for name, text in _steps().items()}  # type: ignore[misc]


def judge_night(dsn: str, night: date) -> dict[str, float]:
    """Type a night's rows, and flag and look for duplicates in the history with them; the seconds of each step.

    What such a night must do before, without time: the rows that arrived lie apart, and yesterday's tables are gone.
    """
    with connect(dsn, autocommit=True) as connection:
        connection.execute("set datestyle to 'ISO, DMY'")
        connection.execute("drop view if exists by_hand.arrived")
        connection.execute("drop table if exists by_hand.arrived, by_hand.flagged, by_hand.verdict")
        connection.execute(
            sql.SQL(
                "create table by_hand.arrived as select i.* from landing.initiative as i"
                " inner join ops.delivery as d on i.unit_code = d.unit_code and i.delivery_no = d.delivery_no"
                " where d.export_date = {}"
            ).format(night)
        )
        connection.execute("analyze by_hand.arrived")
        steps = _steps()
        steps["typing"] = steps["typing"].replace("create table by_hand.typed as", "insert into by_hand.typed")
        return {name: timed(lambda text=text: _run(connection, text)) for name, text in steps.items()}  # type: ignore[misc]


def _steps() -> dict[str, str]:
    parts = re.split(r"^-- step: (\w+)$", VERDICTS.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _run(connection: Connection, text: str) -> None:
    connection.execute(text.encode())


def _prepare(connection: Connection) -> None:
    """Its schema and the lists that it looks values up in."""
    connection.execute("drop schema if exists by_hand cascade")
    connection.execute("create schema by_hand")
    connection.execute("create table by_hand.list (kind text, key text, code text)")
    connection.cursor().executemany(
        "insert into by_hand.list values (%s, %s, %s)",
        [(kind, key, code) for kind in LISTS for key, code in codes_by_key(kind).items()],
    )
    connection.execute("create table by_hand.unit (key text, vnd numeric)")
    connection.cursor().executemany(
        "insert into by_hand.unit values (%s, %s)", [(key, unit.vnd) for key, unit in benefit_units().items()]
    )
    connection.execute("create table by_hand.phase (upload_from date, upload_to date)")
    connection.cursor().executemany(
        "insert into by_hand.phase values (%s, %s)", [(p.upload_from, p.upload_to) for p in phases()]
    )


# marts ---------------------------------------------------------------------------------------------------------------


def create_marts(dsn: str, statements: list[tuple[str, bytes]], horizon: date) -> None:
    """The same tables, one statement after the other, where `marts_statements` has cleared the ground."""
    with psycopg.connect(dsn, autocommit=True, options="-c work_mem=256MB -c jit=off") as connection:
        connection.execute("set search_path to marts_by_hand")
        connection.execute(
            sql.SQL(
                "create table overview_day as select upload_to as as_of from reference.phases"
                " union select as_of from reference.published_figures union select {day}"
            ).format(day=horizon)
        )
        connection.execute("delete from overview_day where as_of > %s", [horizon])
        for name, statement in statements:
            connection.execute(statement)
            if name in GROWING:
                connection.execute(sql.SQL("analyze {}").format(sql.Identifier(name)))


def marts_statements(dsn: str, publication: int, horizon: date) -> list[tuple[str, bytes]]:
    """Name and SQL of each table and view, each after what it needs; those of an earlier time are gone."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("drop schema if exists marts_by_hand cascade")
        connection.execute("create schema marts_by_hand")
    compiled = run_dbt(
        dsn,
        ["compile"],
        BuildPlan(publication, 0, horizon),
        rule_parameters=rule_set().parameters,
        work_folder=FOLDER / "dbt",
    )
    statements = []
    for node in (result.node for result in compiled):
        if node.resource_type != "model" or not node.path.startswith("marts/"):
            continue
        if node.name in GROWING:
            statements.append((node.name, (MARTS / f"{node.name}.sql").read_bytes()))
        else:
            kind = "view" if node.config.materialized == "standing_view" else "table"
            body = re.sub(r'"?\w+"?\."marts"\.', "marts_by_hand.", node.compiled_code)
            statements.append((node.name, f"create {kind} marts_by_hand.{node.name} as {body}".encode()))
    return statements


def same_counts(dsn: str) -> dict[str, Any]:
    """How many rows the tables have: ours, which must be as many as by hand.

    Raises:
        ValueError: They are not.
    """
    facts = {}
    with psycopg.connect(dsn) as connection:
        for name in GROWING:
            count = sql.SQL("select count(*) from {}")
            ours, hand = (
                (connection.execute(count.format(sql.Identifier(schema, name))).fetchone() or (0,))[0]
                for schema in ("marts", "marts_by_hand")
            )
            if ours != hand:
                raise ValueError(f"{name}: {ours} rows, by hand {hand}")
            facts[name] = ours
    return facts
