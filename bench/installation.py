"""Ours: an installation whose nights are run as an engineer runs them (`sangkien refresh`), looked at from outside."""

import sys
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg

from bench.database import sizes, wal_of, wal_position
from bench.measure import Measured, Watched, watched

_STAGES = """
select stage, started_at, finished_at from ops.stage_statistics
where run_id = (select run_id from ops.run order by started_at desc limit 1)
order by started_at
"""


@dataclass(frozen=True)
class Installation:
    """Where one installation is."""

    dsn: str
    home: Path
    inbox: Path

    def environment(self) -> dict[str, str]:
        """What tells it from others."""
        return {
            "SANGKIEN_DSN": self.dsn,
            "SANGKIEN_HOME": str(self.home),
            "SANGKIEN_INBOX": str(self.inbox),
            "SANGKIEN_OUTBOX": str(self.home / "outbox"),
            "SANGKIEN_REPORTS": str(self.home / "reports"),
        }

    def refresh(self, measured: Measured, day: date) -> None:
        """Run a night without Airflow, from the start of the command to its end, and add it to what was measured.

        Raises:
            RuntimeError: The night failed, or its gate refused.
        """
        detail: dict[str, Any] = {}
        wal: list[tuple[datetime, int]] = []
        command = [str(Path(sys.executable).with_name("sangkien")), "refresh", "--as-of", day.isoformat()]
        with wal_of(self.dsn, detail), psycopg.connect(self.dsn, autocommit=True) as connection:
            seen = watched(command, self.environment(), lambda now: wal.append((now, wal_position(connection))))
        with psycopg.connect(self.dsn) as connection:
            stages = {
                stage: _stage(seen, wal, began, ended) for stage, began, ended in connection.execute(_STAGES).fetchall()
            }
        between = seen.seconds - sum(stage["seconds"] for stage in stages.values())
        detail |= {"stages": stages, "between stages": round(between, 2), "MiB by schema": sizes(self.dsn)}
        measured.add(seen.seconds, seen.peak_rss_mib, detail)


def _stage(seen: Watched, wal: list[tuple[datetime, int]], began: datetime, ended: datetime) -> dict[str, float]:
    """Seconds, peak memory and WAL of a stage, of the looks that fell into it and the two around it."""
    times = [at for at, _ in wal]
    first, last = max(bisect_left(times, began) - 1, 0), min(bisect_right(times, ended), len(times) - 1)
    return {
        "seconds": round((ended - began).total_seconds(), 2),
        "peak MiB": round(max(rss for _, rss in seen.rss_mib[first : last + 1])),
        "WAL MiB": round((wal[last][1] - wal[first][1]) / 2**20, 1),
    }
