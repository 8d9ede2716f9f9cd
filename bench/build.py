"""`make bench-build`: the marts from judged versions, beside hand-written `create table as`; a night; twelve questions.

python -m bench.build [--rows 2400000] [--runs 1]

By hand: bench/by_hand/ has the statements for each table that grows with the initiatives; the small ones and the views
are the models' own SQL, run as it is. No stamps, no indexes, no comments; it runs second, on a warm cache.
"""

import argparse
import re
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from bench.intake import FOLDER, PROCESSES, loader_of
from bench.measure import Measured, in_processes, report
from bench.questions import bench_questions
from sangkien.contract.rules import rule_set
from sangkien.database import connect, migrate
from sangkien.intake.discover import deal, discover
from sangkien.intake.load import load_shard
from sangkien.local.postgres import EmbeddedPostgres
from sangkien.simulate.run import simulate
from sangkien.validity.judge import judge
from sangkien.warehouse import publish
from sangkien.warehouse.build import BuildPlan, build, run_dbt

BY_HAND = Path(__file__).parent / "by_hand"
# In the order in which they need each other.
GROWING = (
    "fct_initiative_version", "dim_union_name", "dim_field_name", "fct_verdict_change", "fct_submission",
    "fct_rule_count", "fct_union_change", "fct_author_phase", "fct_benefit_amount", "fct_benefit_donor",
    "fct_benefit_total", "rpt_overview",
)  # fmt: skip
HISTORY, NIGHT = date(2023, 9, 1), date(2023, 9, 5)
NIGHT_ROWS = 25_000


def main() -> None:
    """Build, compare, build a night, ask, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_400_000)
    parser.add_argument("--runs", type=int, default=1)
    arguments = parser.parse_args()
    inbox = _inbox(arguments.rows)
    server = EmbeddedPostgres(FOLDER)
    server.start()
    by_hand, ours, night = (
        Measured(name, [], 0) for name in ("by hand", "sangkien, from scratch", "sangkien, a night")
    )
    try:
        for _ in range(arguments.runs):
            dsn = _judged(server, inbox, arguments.rows)
            _time(ours, _build, dsn, 1)
            _publish(dsn, 1)
            _time(by_hand, _create_tables, dsn, _statements(dsn))
            facts = _compare(dsn)
            _take(dsn, inbox, NIGHT, 2)
            _time(night, _build, dsn, 2)
        report("build", by_hand.name, [by_hand, ours, night], facts)
        print(f"  a night is {night.median / ours.median:.1%} of a build from scratch")
        # Building the candidate again is a night's work again.
        bench_questions(dsn, HISTORY, lambda: _build(dsn, 2))
    finally:
        server.stop()


def _time(contender: Measured, work: Any, *arguments: Any) -> None:
    seconds, rss, _ = in_processes(work, [arguments])
    contender.seconds.append(seconds)
    print(f"  {contender.name}: {seconds:.1f} s", flush=True)
    contender.peak_rss_mib = max(contender.peak_rss_mib, rss)


# what is built from --------------------------------------------------------------------------------------------------


def _inbox(rows: int) -> Path:
    """The programme and one night more, made once."""
    inbox, making = FOLDER / f"simulated-{rows}-night", FOLDER / "making"
    if not inbox.exists():
        print(f"simulating {rows:,} initiatives (once) ...", flush=True)
        simulate(making, rows, seed=1, night=NIGHT, night_rows=NIGHT_ROWS)
        making.rename(inbox)
    return inbox


def _judged(server: EmbeddedPostgres, inbox: Path, rows: int) -> str:
    """A fresh copy of a database in which the programme is loaded and judged, but not built; that one is made once."""
    kept = f"judged_{rows}"
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        connection.execute("drop database if exists bench with (force)")
        if connection.execute("select from pg_database where datname = %s", [kept]).fetchone() is None:
            print("loading and judging (once) ...", flush=True)
            connection.execute("create database bench")
            migrate(server.dsn("bench"))
            _take(server.dsn("bench"), inbox, HISTORY, 1)
            connection.execute(sql.SQL("alter database bench rename to {}").format(sql.Identifier(kept)))
        connection.execute(sql.SQL("create database bench template {}").format(sql.Identifier(kept)))
        connection.execute("checkpoint")
    migrate(server.dsn("bench"))  # the one that is kept may be older than the code
    return server.dsn("bench")


def _take(dsn: str, inbox: Path, day: date, publication: int) -> None:
    """Load what was exported up to a day, and judge it for a candidate."""
    loader = loader_of(dsn, inbox)
    with connect(dsn) as connection:
        found = discover(connection, loader.inbox)
    candidates = [one for one in found if re.findall(r"\d{4}-\d\d-\d\d", one.path.rsplit("/", 1)[-1])[0] <= str(day)]
    in_processes(load_shard, [(shard, loader) for shard in deal(candidates, PROCESSES)])
    rules = rule_set()
    with connect(dsn) as connection:
        candidate = publish.open_candidate(connection, "bench", day, rules.version)
        if candidate.publication_id != publication:
            raise ValueError(candidate)
        judge(connection, publication, rules)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("vacuum analyze")


def _publish(dsn: str, publication: int) -> None:
    with connect(dsn) as connection:
        connection.execute("update ops.publication set state = 'built' where publication_id = %s", [publication])
        publish.publish(connection, publication)


# contenders ----------------------------------------------------------------------------------------------------------


def _build(dsn: str, publication: int) -> None:
    """The build stage as the night runs it."""
    build(
        dsn,
        publication,
        base_publication=publication - 1,
        horizon=HISTORY,
        rule_parameters=rule_set().parameters,
        work_folder=FOLDER / "dbt",
    )


def _create_tables(dsn: str, statements: list[tuple[str, bytes]]) -> None:
    """The same tables, one statement after the other."""
    with psycopg.connect(dsn, autocommit=True, options="-c work_mem=256MB -c jit=off") as connection:
        connection.execute("create schema by_hand")
        connection.execute("set search_path to by_hand")
        connection.execute(
            sql.SQL(
                "create table overview_day as select upload_to as as_of from reference.phases"
                " union select as_of from reference.published_figures union select {day}"
            ).format(day=HISTORY)
        )
        connection.execute("delete from overview_day where as_of > %s", [HISTORY])
        for name, statement in statements:
            connection.execute(statement)
            if name in GROWING:
                connection.execute(sql.SQL("analyze {}").format(sql.Identifier(name)))


def _statements(dsn: str) -> list[tuple[str, bytes]]:
    """Name and SQL of each table and view, each after what it needs."""
    plan = BuildPlan(1, 0, HISTORY)
    compiled = run_dbt(
        dsn,
        ["compile"],
        plan,
        rule_parameters=rule_set().parameters,
        work_folder=FOLDER / "dbt",
    )
    statements = []
    for node in (result.node for result in compiled):
        if node.resource_type != "model" or not node.path.startswith("marts/"):
            continue
        if node.name in GROWING:
            statements.append((node.name, (BY_HAND / f"{node.name}.sql").read_bytes()))
        else:
            kind = "view" if node.config.materialized == "standing_view" else "table"
            body = re.sub(r'"?bench"?\."marts"\.', "by_hand.", node.compiled_code)
            statements.append((node.name, f"create {kind} by_hand.{node.name} as {body}".encode()))
    return statements


def _compare(dsn: str) -> dict[str, Any]:
    """How many rows the tables have: ours, which must be as many as by hand."""
    facts = {}
    with psycopg.connect(dsn) as connection:
        for name in GROWING:
            count = sql.SQL("select count(*) from {}")
            ours, hand = (
                (connection.execute(count.format(sql.Identifier(schema, name))).fetchone() or (0,))[0]
                for schema in ("marts", "by_hand")
            )
            if ours != hand:
                raise ValueError(f"{name}: {ours} rows, by hand {hand}")
            facts[name] = ours
    return facts


if __name__ == "__main__":
    main()
