"""`make bench-judge`: from landing to verdicts, beside SQL written by hand for the same (issue of validity).

python -m bench.judge [--rows N] [--runs 1]
"""

import shutil
import time
from datetime import date
from pathlib import Path

from bench.database import FOLDER, bench_server, empty_database
from bench.handwritten import judge_everything, timed
from bench.intake import Contender, our_landing, our_load, ready
from bench.measure import Measured, report
from bench.programme import programme_inbox
from bench.sizes import arguments_of, night_rows
from sangkien.contract.rules import rule_set
from sangkien.database import connect
from sangkien.intake.load import load_shard
from sangkien.local.postgres import EmbeddedPostgres
from sangkien.validity.expect import expect_rules
from sangkien.validity.judge import judge

NIGHT_OF = date(2024, 1, 1)  # after every export of the programme


def main() -> None:
    """Run the contenders in turn, and report."""
    arguments = arguments_of(__doc__).parse_args()
    night_size = night_rows(arguments.rows)
    inbox = programme_inbox(FOLDER, arguments.rows)
    by_hand = Measured("SQL by hand: typing, flags, duplicates")
    ours = Measured("sangkien: typing, judge")
    scan, expectations = Measured("the flags scan alone"), Measured("Great Expectations, all row rules")
    night = Measured("sangkien: a night, with its checks")
    with bench_server() as server:
        for _ in range(arguments.runs):
            _from_scratch(server, inbox, ours, expectations)
            _by_hand(server.dsn("bench"), by_hand, scan)
            _a_night(server.dsn("bench"), inbox, night_size, night)
    facts = {"initiatives": arguments.rows}
    report("judge", by_hand.name, [by_hand, ours, night], facts)
    report("judge_expectations", scan.name, [scan, expectations], facts)
    print(f"the night: {night.median / ours.median:.1%} of from scratch")


def _from_scratch(server: EmbeddedPostgres, inbox: Path, ours: Measured, expectations: Measured) -> None:
    """Typing is what the load takes beyond landing; it leaves the warehouse loaded and judged."""
    landing, loading = (_seconds(contender, server, inbox) for contender in (our_landing, our_load))
    dsn = server.dsn("bench")
    judging = timed(lambda: _judge(dsn, 1))
    detail = {"typing": f"{loading - landing:.1f} s", "judge": f"{judging:.1f} s"}
    ours.add(loading - landing + judging, detail=detail)
    expectations.add(timed(lambda: _expect(dsn, 1)))


def _seconds(contender: Contender, server: EmbeddedPostgres, inbox: Path) -> float:
    return contender(empty_database(server), inbox)[0]


def _judge(dsn: str, publication: int) -> None:
    with connect(dsn) as connection:
        judge(connection, publication, rule_set())


def _expect(dsn: str, publication: int) -> None:
    wrong = [result for result in expect_rules(dsn, publication, publication - 1, rule_set()) if not result.passed]
    if wrong:
        raise ValueError(f"counts differ: {wrong}")


def _by_hand(dsn: str, by_hand: Measured, scan: Measured) -> None:
    seconds = judge_everything(dsn)
    by_hand.add(sum(seconds.values()), detail={name: f"{value:.1f} s" for name, value in seconds.items()})
    scan.add(seconds["flags"])


def _a_night(dsn: str, inbox: Path, rows: int, night: Measured) -> None:
    """Files of the programme come again with a later date: each row is a new version of its initiative.

    A night comes a day after what it builds on: by then autovacuum has been there.
    """
    with connect(dsn, autocommit=True) as connection:
        connection.execute("vacuum analyze landing.initiative, staging.initiative")
        connection.execute("vacuum analyze intermediate.initiative_stretch, intermediate.duplicate_stretch")
    tonight = inbox.with_name(f"{inbox.name}-night")
    _write_night(inbox, tonight, rows)
    loader, shards = ready(dsn, tonight)
    began = time.perf_counter()
    read = sum(load_shard(shard, loader).rows_read for shard in shards)
    loaded = time.perf_counter()
    _judge(dsn, 2)
    judged = time.perf_counter()
    _expect(dsn, 2)
    checked = time.perf_counter()
    detail = {
        "rows": read,
        "load": f"{loaded - began:.1f} s",
        "judge": f"{judged - loaded:.1f} s",
        "Great Expectations": f"{checked - judged:.1f} s",
    }
    night.add(checked - began, detail=detail)


def _write_night(inbox: Path, tonight: Path, rows: int) -> None:
    shutil.rmtree(tonight, ignore_errors=True)
    written = 0
    for file in sorted(inbox.glob("*/initiatives_*.csv"), key=lambda f: (f.name[::-1], f.parent.name)):
        if written >= rows or (tonight / file.parent.name).exists():
            continue
        copy = tonight / file.parent.name / f"initiatives_{NIGHT_OF}.csv"
        copy.parent.mkdir(parents=True)
        data = file.read_bytes()
        copy.write_bytes(data)
        written += data.count(b"\n") - 1


if __name__ == "__main__":
    main()
