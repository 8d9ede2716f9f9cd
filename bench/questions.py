"""The twelve questions of a dashboard (bench/questions/), asked by four readers at once, idle and during a refresh."""

import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import psycopg
from psycopg import sql

from bench.measure import keep

QUESTIONS = {file.stem: file.read_text() for file in sorted((Path(__file__).parent / "questions").glob("*.sql"))}
READERS = 4
ROUNDS = 25
LIMIT_MS = 100

Times = dict[str, list[float]]

# What may be asked for: initiatives drawn at random, so that large units and unions are asked for more often.
_SUBJECTS = """
select i.unit_code as unit, i.union_key as union, i.initiative_code as code, u.cluster_code as cluster
from marts.fct_initiative as i
inner join marts.dim_unit as u on i.unit_code = u.unit_code and u.is_current
where i.union_key like '%/%'
order by md5(i.unit_code || i.code_key)
limit 2000
"""


def bench_questions(dsn: str, day: date, refresh: Callable[[], None], facts: dict[str, int]) -> None:
    """Ask, and report the 95th percentile of each question's time in milliseconds.

    Args:
        dsn: The warehouse, published.
        day: The day that is asked for.
        refresh: What is a refresh's work, and publishes nothing.
        facts: What is asked about.
    """
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(_SUBJECTS).fetchall()
    subjects = [dict(zip(("unit", "union", "code", "cluster"), row, strict=True), day=day) for row in rows]
    idle = _asked(dsn, subjects, lambda turn: turn < ROUNDS)
    busy = _asked_while(dsn, subjects, refresh)
    print(f"\nquestions: {READERS} readers at once, 95th percentile in ms (limit {LIMIT_MS})")
    told = {}
    for name in QUESTIONS:
        told[name] = {"idle": _percentile(idle[name]), "during a refresh": _percentile(busy[name])}
        over = " <- over" if max(told[name].values()) > LIMIT_MS else ""
        print(f"  {name:28} {told[name]['idle']:8.1f} {told[name]['during a refresh']:8.1f}{over}")
    print(f"  asked {len(idle['01_overview'])} and {len(busy['01_overview'])} times each")
    keep("questions", {"facts": facts, "questions": told})


def _percentile(milliseconds: list[float]) -> float:
    return statistics.quantiles(milliseconds, n=20)[18]


def _asked_while(dsn: str, subjects: list[dict[str, Any]], refresh: Callable[[], None]) -> Times:
    """Ask until the refresh, in a process of its own, has ended."""
    refreshing = get_context("fork").Process(target=refresh)
    refreshing.start()
    try:
        return _asked(dsn, subjects, lambda _: refreshing.is_alive())
    finally:
        refreshing.join()


def _asked(dsn: str, subjects: list[dict[str, Any]], goes_on: Callable[[int], bool]) -> Times:
    """Every reader asks all questions, turn after turn, each of another subject."""

    def read(seed: int) -> Times:
        random, times, turn = Random(seed), defaultdict[str, list[float]](list), 0  # noqa: S311
        with psycopg.connect(dsn, autocommit=True) as connection:
            while goes_on(turn):
                for name in random.sample(list(QUESTIONS), len(QUESTIONS)):
                    question = sql.SQL(QUESTIONS[name]).format(**random.choice(subjects))
                    began = time.perf_counter()
                    connection.execute(question).fetchall()
                    times[name].append(1000 * (time.perf_counter() - began))
                turn += 1
        return times

    asked = defaultdict[str, list[float]](list)
    with ThreadPoolExecutor(READERS) as pool:
        for times in pool.map(read, range(READERS)):
            for name, milliseconds in times.items():
                asked[name] += milliseconds
    return asked
