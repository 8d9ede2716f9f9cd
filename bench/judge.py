"""`make bench-judge`: from landing to verdicts, beside SQL written by hand for the same (issue of validity).

python -m bench.judge [--rows 2400000] [--night 25000] [--runs 1]
"""

import argparse
import re
import shutil
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from bench.intake import FOLDER, Contender, empty_database, our_landing, our_load, ready
from bench.measure import Measured, report
from bench.programme import programme_inbox
from sangkien.contract.lists import benefit_units, codes_by_key, phases
from sangkien.contract.rules import rule_set
from sangkien.database import connect
from sangkien.intake.load import load_shard
from sangkien.local.postgres import EmbeddedPostgres
from sangkien.validity.expect import expect_rules
from sangkien.validity.judge import judge

BY_HAND = Path(__file__).with_name("judge_by_hand.sql")
LISTS = ("member_group", "solution_type", "content_category", "status")
NIGHT_OF = date(2024, 1, 1)  # after every export of the programme


def main() -> None:
    """Run the contenders in turn, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_400_000)
    parser.add_argument("--night", type=int, default=25_000)
    parser.add_argument("--runs", type=int, default=1)
    arguments = parser.parse_args()
    inbox = programme_inbox(FOLDER, arguments.rows)
    by_hand = Measured("SQL by hand: typing, flags, duplicates", [], 0)
    ours = Measured("sangkien: typing, judge", [], 0)
    scan, expectations = Measured("the flags scan alone", [], 0), Measured("Great Expectations, all row rules", [], 0)
    night = Measured(f"sangkien: a night of {arguments.night:,} rows, with its checks", [], 0)
    server = EmbeddedPostgres(FOLDER)
    server.start()
    try:
        for _ in range(arguments.runs):
            _from_scratch(server, inbox, ours, expectations)
            _by_hand(server.dsn("bench"), by_hand, scan)
            _a_night(server.dsn("bench"), inbox, arguments.night, night)
    finally:
        server.stop()
    facts = {"versions": arguments.rows}
    report("judge", by_hand.name, [by_hand, ours, night], facts)
    report("judge_expectations", scan.name, [scan, expectations], facts)
    print(f"the night: {night.median / ours.median:.1%} of from scratch")


def _from_scratch(server: EmbeddedPostgres, inbox: Path, ours: Measured, expectations: Measured) -> None:
    """Typing is what the load takes beyond landing; it leaves the warehouse loaded and judged."""
    landing, loading = (_seconds(contender, server, inbox) for contender in (our_landing, our_load))
    dsn = server.dsn("bench")
    judging = _timed(lambda: _judge(dsn, 1))
    ours.seconds.append(loading - landing + judging)
    ours.detail |= {"typing": f"{loading - landing:.1f} s", "judge": f"{judging:.1f} s"}
    expectations.seconds.append(_timed(lambda: _expect(dsn, 1)))


def _seconds(contender: Contender, server: EmbeddedPostgres, inbox: Path) -> float:
    return contender(empty_database(server), inbox)[0]


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _judge(dsn: str, publication: int) -> None:
    with connect(dsn) as connection:
        judge(connection, publication, rule_set())


def _expect(dsn: str, publication: int) -> None:
    wrong = [result for result in expect_rules(dsn, publication, publication - 1, rule_set()) if not result.passed]
    if wrong:
        raise ValueError(f"counts differ: {wrong}")


def _by_hand(dsn: str, by_hand: Measured, scan: Measured) -> None:
    """Each step of the SQL, committed, as a night would."""
    with connect(dsn, autocommit=True) as connection:
        connection.execute("drop schema if exists by_hand cascade")
        connection.execute("create schema by_hand")
        connection.execute("set datestyle to 'ISO, DMY'")
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
        steps = re.split(r"^-- step: (\w+)$", BY_HAND.read_text("utf-8"), flags=re.MULTILINE)[1:]
        seconds = {
            name: _timed(lambda text=text: connection.execute(text.encode()))  # type: ignore[misc]
            for name, text in zip(steps[::2], steps[1::2], strict=True)
        }
    by_hand.seconds.append(sum(seconds.values()))
    by_hand.detail |= {name: f"{value:.1f} s" for name, value in seconds.items()}
    scan.seconds.append(seconds["flags"])


def _a_night(dsn: str, inbox: Path, rows: int, night: Measured) -> None:
    """Files of the programme come again with a later date: each row is a new version of its initiative."""
    tonight = inbox.with_name(f"{inbox.name}-night")
    _write_night(inbox, tonight, rows)
    loader, shards = ready(dsn, tonight)
    began = time.perf_counter()
    read = sum(load_shard(shard, loader).rows_read for shard in shards)
    loaded = time.perf_counter()
    _judge(dsn, 2)
    judged = time.perf_counter()
    _expect(dsn, 2)
    night.seconds.append(time.perf_counter() - began)
    night.detail |= {
        "rows": read,
        "load": f"{loaded - began:.1f} s",
        "judge": f"{judged - loaded:.1f} s",
        "Great Expectations": f"{time.perf_counter() - judged:.1f} s",
    }


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
