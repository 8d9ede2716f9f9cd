"""Delivers files to a warehouse through the real stages, watched: a file may neither stop, delay nor swell the load."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from sangkien import pipeline
from sangkien.intake.discover import Candidate
from sangkien.settings import Settings

ARRIVED_ON = date(2023, 12, 31)
MOST_SECONDS = 10
"""In which any file must have come to its end."""
_CHUNK = 25
_START_SECONDS = 10
# An allocation beyond it fails, before the machine that runs the tests does. A real load stays far below.
_MOST_ADDRESSES = 5 * 2**30

Row = dict[str, Any]


@dataclass
class Intake:
    """Loads what stands in an inbox.

    Attributes:
        dsn: The warehouse.
        folder: Of the installation.
        lost: Files (by their path in the inbox) at which the loading process died or hung, with what was seen.
        peak_bytes: The most memory that the loading process has had.
    """

    dsn: str
    folder: Path
    lost: dict[str, str] = field(default_factory=dict)
    peak_bytes: int = 0
    _pool: ProcessPoolExecutor | None = None

    def __post_init__(self) -> None:
        settings = Settings(dsn=self.dsn, home=self.folder / "home", inbox=self.inbox, outbox=self.folder / "outbox")
        self.night = pipeline.Night("corpus", ARRIVED_ON, self.dsn, settings)
        self.inbox.mkdir(exist_ok=True)
        pipeline.begin(self.night)

    @property
    def inbox(self) -> Path:
        """The folder that files are delivered into."""
        return self.folder / "inbox"

    def close(self) -> None:
        """End the loading process."""
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)
            for process in (self._pool._processes or {}).values():
                process.kill()
            self._pool = None

    def load(self, on_progress: Callable[[int], None] = lambda _: None) -> None:
        """Load all that is new; files at which the process dies or hangs are noted in `lost` and passed over."""
        waiting = [file for shard in pipeline.find_files(self.night) for file in shard if file.path not in self.lost]
        while waiting:
            chunk = waiting[:_CHUNK]
            trouble = self._try(chunk)
            taken = {row["path"] for row in self.query("select path from ops.inbox_file")}
            left = [file for file in chunk if file.path not in taken]
            if left:
                self.lost[left[0].path] = trouble or "no row of ops.inbox_file"
            on_progress(len(chunk) - max(len(left) - 1, 0))
            waiting = left[1:] + waiting[_CHUNK:]

    def _try(self, files: list[Candidate]) -> str | None:
        """Load files one after the other in another process; how it failed, if it did."""
        self._pool = self._pool or ProcessPoolExecutor(1, get_context("spawn"), initializer=_bound_memory)
        running = self._pool.submit(_load, self.night, files)
        try:
            self.peak_bytes = max(self.peak_bytes, running.result(_START_SECONDS + MOST_SECONDS + len(files)))
        except TimeoutError:
            trouble = "hung"
        except BrokenProcessPool:
            trouble = "killed its process"
        except BaseException as error:  # noqa: BLE001 - whatever it is, it stopped the load
            return f"stopped the load: {type(error).__name__}: {error}"[:300]
        else:
            return None
        self.close()
        return trouble

    def slow(self) -> dict[str, float]:
        """The files after whose predecessor it took too many seconds to come to their end."""
        rows = self.query(
            "with taken as (select f.path, d.seen_at, d.seen_at - lag(d.seen_at) over (order by d.seen_at) as took"
            " from ops.delivery as d inner join ops.inbox_file as f using (unit_code, delivery_no))"
            " select path, extract(epoch from took)::float as seconds from taken where took > make_interval(secs => %s)",
            MOST_SECONDS,
        )
        return {row["path"]: row["seconds"] for row in rows}

    def query(self, query: str, *values: object) -> list[Row]:
        """Rows of the warehouse."""
        with psycopg.connect(self.dsn, row_factory=dict_row) as connection:
            return connection.execute(query.encode(), values or None).fetchall()

    def deliveries(self) -> dict[str, Row]:
        """What became of each file that was seen, by its path in the inbox."""
        rows = self.query(
            "select f.path, d.* from ops.inbox_file as f inner join ops.delivery as d using (unit_code, delivery_no)"
        )
        return {row["path"]: row for row in rows}

    def rows(self, table: str, delivery: Row) -> list[Row]:
        """The rows of a delivery in a table, in the order of their lines."""
        return self.query(
            f"select * from {table} where unit_code = %s and delivery_no = %s order by line_number",  # noqa: S608
            delivery["unit_code"],
            delivery["delivery_no"],
        )


def deliver(inbox: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Put files into the inbox, each under its path there."""
    for path, content in files:
        target = inbox / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _bound_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_ADDRESSES, _MOST_ADDRESSES))


def _load(night: pipeline.Night, files: list[Candidate]) -> int:
    """Load in this process; the most memory that it has had so far."""
    pipeline.load_files(night, files)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
