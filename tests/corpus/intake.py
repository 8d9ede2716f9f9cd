"""Delivers files to a warehouse through the real stages, watched: a file may neither stop, delay nor swell the load."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from time import process_time
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
# For so many of them; the machine may be busy with other things.
_HUNG_SECONDS = 60
# An allocation beyond it fails, before the machine that runs the tests does. A real load stays far below.
_MOST_ADDRESSES = 8 * 2**30

Row = dict[str, Any]


@dataclass
class Intake:
    """Loads what stands in an inbox.

    Attributes:
        dsn: The warehouse.
        folder: Of the installation.
        lost: Files (by their path in the inbox) at which the loading process died or hung, with what was seen.
        slow: Files that took too long.
        peak_bytes: The most memory that the loading process has had.
    """

    dsn: str
    folder: Path
    lost: dict[str, str] = field(default_factory=dict)
    slow: set[str] = field(default_factory=set)
    peak_bytes: int = 0
    _pool: ProcessPoolExecutor | None = None

    def __post_init__(self) -> None:
        settings = Settings(
            dsn=self.dsn, home=self.folder / "home", inbox=str(self.inbox), outbox=str(self.folder / "outbox")
        )
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
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=_bound_memory)
            self._pool.submit(int).result()  # it takes its time to start
        started = datetime.now(UTC)
        try:
            peak, seconds = self._pool.submit(_load, self.night, files).result(_HUNG_SECONDS)
        except TimeoutError:
            trouble = f"hung for {_HUNG_SECONDS} s"
        except BrokenProcessPool:
            trouble = "killed its process"
        except RuntimeError as error:
            return f"stopped the load: {error}"[:300]
        else:
            self.peak_bytes = max(self.peak_bytes, peak)
            if seconds > MOST_SECONDS:
                self._note_slow(files, started)
            return None
        self.close()
        return trouble

    def _note_slow(self, files: list[Candidate], started: datetime) -> None:
        """Note the files that came to their end too long after the one before."""
        for row in self.query(
            "select f.path, d.seen_at from ops.delivery as d"
            " inner join ops.inbox_file as f using (unit_code, delivery_no) where f.path = any(%s) order by d.seen_at",
            [file.path for file in files],
        ):
            if (row["seen_at"] - started).total_seconds() > MOST_SECONDS:
                self.slow.add(row["path"])
            started = row["seen_at"]

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


def _load(night: pipeline.Night, files: list[Candidate]) -> tuple[int, float]:
    """Load in this process; the most memory that it has had so far, and the processor time that it took now."""
    before = process_time()
    try:
        pipeline.load_files(night, files)
    except BaseException as error:
        # Not every exception can be sent to another process: a panic of Rust code cannot.
        raise RuntimeError(f"{type(error).__name__}: {error}") from None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, process_time() - before
