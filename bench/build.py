"""`make bench-build`: the marts from judged versions, beside hand-written `create table as`; a night; twelve questions.

python -m bench.build [--rows N] [--runs 1]
"""

import re
from datetime import date
from pathlib import Path
from typing import Any

import dbt.cli.main  # noqa: F401 - before anything is timed: tasks are forked from a process that has it (decision 12)
import psycopg
from psycopg import sql

from bench.database import FOLDER, bench_server, drop_database
from bench.handwritten import create_marts, marts_statements, same_counts
from bench.intake import PROCESSES, loader_of
from bench.measure import Measured, in_processes, report
from bench.programme import HISTORY, NIGHT
from bench.questions import bench_questions
from bench.sizes import arguments_of, night_rows
from sangkien.contract.rules import rule_set
from sangkien.database import connect, migrate
from sangkien.intake.discover import deal, discover
from sangkien.intake.load import load_shard
from sangkien.local.postgres import EmbeddedPostgres
from sangkien.simulate.run import simulate
from sangkien.validity.judge import judge
from sangkien.warehouse import publish
from sangkien.warehouse.build import build


def main() -> None:
    """Build, compare, build a night, ask, and report."""
    parser = arguments_of(__doc__)
    parser.add_argument("--forget", action="store_true", help="drop the judged database, which makes later runs short")
    arguments = parser.parse_args()
    inbox = _inbox(arguments.rows)
    by_hand, ours, night = (Measured(name) for name in ("by hand", "sangkien, from scratch", "sangkien, a night"))
    with bench_server() as server:
        for _ in range(arguments.runs):
            dsn = _judged(server, inbox, arguments.rows)
            _time(ours, _build, dsn, 1)
            _publish(dsn, 1)
            _time(by_hand, create_marts, dsn, marts_statements(dsn, 1, HISTORY), HISTORY)
            facts = same_counts(dsn)
            _take(dsn, inbox, NIGHT, 2)
            _time(night, _build, dsn, 2)
        report("build", by_hand.name, [by_hand, ours, night], {"initiatives": arguments.rows, **facts})
        print(f"  a night is {night.median / ours.median:.1%} of a build from scratch")
        # Building the candidate again is a night's work again.
        bench_questions(dsn, HISTORY, lambda: _build(dsn, 2), {"initiatives": arguments.rows})
        if arguments.forget:
            for name in ("bench", _kept(arguments.rows)):
                drop_database(server, name)


def _time(contender: Measured, work: Any, *arguments: Any) -> None:
    seconds, rss, _ = in_processes(work, [arguments])
    contender.add(seconds, rss)


# what is built from --------------------------------------------------------------------------------------------------


def _inbox(rows: int) -> Path:
    """The programme and one night more, made once."""
    night = night_rows(rows)
    inbox, making = FOLDER / f"simulated-{rows}-night-{night}", FOLDER / "making"
    if not inbox.exists():
        print(f"simulating {rows:,} initiatives (once) ...", flush=True)
        simulate(making, rows, seed=1, night=NIGHT, night_rows=night)
        making.rename(inbox)
    return inbox


def _kept(rows: int) -> str:
    return f"judged_{rows}"


def _judged(server: EmbeddedPostgres, inbox: Path, rows: int) -> str:
    """A fresh copy of a database in which the programme is loaded and judged, but not built; that one is made once."""
    kept = _kept(rows)
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


if __name__ == "__main__":
    main()
