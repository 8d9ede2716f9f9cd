"""`make bench-refresh`: from files to publication, and a night, beside the same by hand and the stack of others.

python -m bench.refresh [--rows N] [--runs 1] [--no-stack]

In one run, on the same files: ours (`sangkien refresh`), the sum of the steps that a good engineer would write by hand
(bench/intake.py: bare COPY; bench/handwritten.py: the rest), and dlt, Great Expectations, dbt (bench/stack.py), with
dlt's best settings and with its defaults. Then a night on that history, and one in which nothing arrived.
"""

import shutil
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from bench.database import FOLDER, bench_server, drop_database, empty_database
from bench.handwritten import create_marts, judge_everything, judge_night, marts_statements, same_counts
from bench.installation import Installation
from bench.intake import bare_copy, copy_more
from bench.measure import Measured, in_processes, report
from bench.peer import peer_python, peer_versions
from bench.programme import HISTORY, NIGHT, deliver, night_inbox, programme_inbox
from bench.sizes import arguments_of, night_rows
from bench.stack import Stack
from sangkien.local.postgres import EmbeddedPostgres

DATABASES = ("bench", "bench_copy", "bench_stack", "bench_defaults")
FOLDERS = ("inbox", "home", "stack-best", "stack-defaults")
OURS, HAND = "sangkien", "by hand"
BEST, DEFAULTS = "dlt (best settings), Great Expectations, dbt", "dlt (defaults), Great Expectations, dbt"
EMPTY = ", nothing arrived"


@dataclass
class Files:
    """The deliveries of the programme, and of one night more."""

    history: Path
    night: Path
    inbox: Path = FOLDER / "inbox"

    def begin(self) -> Path:
        """The inbox, holding the history alone."""
        shutil.rmtree(self.inbox, ignore_errors=True)
        deliver(self.history, self.inbox)
        return self.inbox


@dataclass
class Contenders:
    """What was measured: whole refreshes, and nights."""

    whole: dict[str, Measured] = field(default_factory=dict)
    night: dict[str, Measured] = field(default_factory=dict)


def main() -> None:
    """Run everything in turn, and report."""
    parser = arguments_of(__doc__)
    parser.add_argument("--no-stack", action="store_true", help="without dlt, Great Expectations and dbt")
    arguments = parser.parse_args()
    rows, stack = arguments.rows, not arguments.no_stack
    of_night = night_rows(rows)
    files = Files(programme_inbox(FOLDER, rows), night_inbox(FOLDER, rows, NIGHT, of_night))
    whole = {name: Measured(name) for name in (HAND, OURS, *((BEST, DEFAULTS) if stack else ()))}
    night = {name: Measured(name) for name in (HAND, OURS, OURS + EMPTY, *((BEST, BEST + EMPTY) if stack else ()))}
    if stack:
        peer_python("stack")
    with bench_server() as server:
        try:
            for run in range(arguments.runs):
                print(f"run {run + 1} of {arguments.runs}: {rows:,} initiatives, a night of {of_night:,}", flush=True)
                facts = _run(server, files, Contenders(whole, night), stack=stack)
        finally:
            clear(server)
    peers = peer_versions() if stack else None
    report("refresh", HAND, list(whole.values()), {"initiatives": rows, **facts}, peers)
    report("night", HAND, list(night.values()), {"initiatives": rows, "rows of the night": of_night}, peers)


def _run(server: EmbeddedPostgres, files: Files, contenders: Contenders, *, stack: bool) -> dict[str, int]:
    inbox = files.begin()
    ours = new_installation(server, inbox)
    copied = empty_database(server, "bench_copy")
    theirs = Stack(empty_database(server, "bench_stack"), inbox)

    ours.refresh(contenders.whole[OURS], HISTORY)
    copy = bare_copy(copied, files.history)[0]
    _add_by_hand(contenders.whole[HAND], ours.dsn, copy, judge_everything(ours.dsn))
    facts = {"rows of marts": sum(same_counts(ours.dsn).values())}
    if stack:
        theirs.first(contenders.whole[BEST])
        Stack(empty_database(server, "bench_defaults"), inbox, "defaults").first(contenders.whole[DEFAULTS])
        drop_database(server, "bench_defaults")

    deliver(files.night, inbox)
    ours.refresh(contenders.night[OURS], NIGHT)
    copy = copy_more(copied, files.night)[0]
    _add_by_hand(contenders.night[HAND], ours.dsn, copy, judge_night(ours.dsn, NIGHT))
    same_counts(ours.dsn)
    if stack:
        theirs.night(contenders.night[BEST])
    ours.refresh(contenders.night[OURS + EMPTY], NIGHT + timedelta(days=1))
    if stack:
        theirs.night(contenders.night[BEST + EMPTY])
    return facts


def clear(server: EmbeddedPostgres) -> None:
    """Give the disk back that a whole refresh and its peers have taken; the files that they read stay."""
    for name in DATABASES:
        drop_database(server, name)
    for name in FOLDERS:
        shutil.rmtree(FOLDER / name, ignore_errors=True)


def new_installation(server: EmbeddedPostgres, inbox: Path) -> Installation:
    """An installation of ours that has seen nothing yet."""
    home = FOLDER / "home"
    shutil.rmtree(home, ignore_errors=True)
    return Installation(empty_database(server), home, inbox)


def _add_by_hand(measured: Measured, dsn: str, copy: float, verdicts: dict[str, float]) -> None:
    """The steps by hand: COPY, verdicts, marts as ours are published now."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "select publication_id, horizon from ops.publication"
            " where publication_id = (select publication_id from ops.current_publication)"
        ).fetchone()
    if row is None:
        raise ValueError("nothing is published")
    publication, horizon = row
    statements = marts_statements(dsn, publication, horizon)
    marts, rss, _ = in_processes(create_marts, [(dsn, statements, horizon)])
    steps: dict[str, Any] = {"COPY": copy, **verdicts, "marts": marts}
    measured.add(sum(steps.values()), rss, {"steps": {name: round(seconds, 2) for name, seconds in steps.items()}})


if __name__ == "__main__":
    main()
