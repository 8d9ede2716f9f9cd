"""Loads files that are anything, in batches into a real warehouse, until the time is over: `make fuzz SECONDS=300`.

After each batch: every file has exactly one delivery, its rows are accounted for, and no delivery has ended as an
internal error; no file has killed or held up the load, and memory stays bounded. Files that break this are kept, with
the seed that makes the same files again.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from sangkien.contract.lists import unit_names
from sangkien.local.postgres import EmbeddedPostgres
from tests.corpus.intake import Intake, deliver
from tests.corpus.strategies import EXTENSIONS, mutated

BATCH = 100
MOST_BYTES = 2**30
_DAYS = range(date(2022, 1, 1).toordinal(), date(2023, 12, 31).toordinal())

_BROKEN_ROWS = """
select f.path, d.status, d.reason_code, d.reason_values, count(*) over (partition by d.unit_code, d.file_name) as times
from ops.delivery as d
full join ops.inbox_file as f using (unit_code, delivery_no)
where f.path is null or d.delivery_no is null or d.reason_code = 'internal_error'
or d.rows_read <> d.rows_accepted + d.rows_rejected
"""
_OUTCOMES = (
    "select coalesce(reason_code, status) as outcome, count(*) as files from ops.delivery group by 1 order by 2 desc"
)
_MANY = "select unit_code, file_name from ops.delivery group by 1, 2 having count(*) > 1"


@dataclass
class Fuzz:
    """A run. `broken`: what is wrong with which files, by their path in the inbox."""

    intake: Intake
    seed: int
    kept: Path
    made: int = 0
    broken: dict[str, str] = field(default_factory=dict)

    def batch(self, number: int) -> None:
        """Make, load and check some files; those that are right are removed from the inbox."""
        chance = Random(f"{self.seed}/{number}")
        files = [(_path(self.made + one, chance), _content(chance)) for one in range(BATCH)]
        self.made += BATCH
        deliver(self.intake.inbox, files)
        self.intake.load()
        found = dict.fromkeys(self.intake.slow, "took too long") | self.intake.lost | self._wrong()
        seen = self.intake.deliveries()
        found |= {path: "has no delivery" for path, _ in files if path not in seen and path not in found}
        for path, content in files:
            if path in found and path not in self.broken:
                self.broken[path] = found[path]
                target = self.kept / f"seed-{self.seed}-{number}-{path.replace('/', '-')}"
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            (self.intake.inbox / path).unlink()

    def _wrong(self) -> dict[str, str]:
        """What the database says against its files."""
        rows = self.intake.query(_BROKEN_ROWS)
        wrong = {str(row["path"]): f"{row['status']} {row['reason_code']} {row['reason_values']}" for row in rows}
        twice = self.intake.query(_MANY)
        return wrong | {f"{row['unit_code']}/{row['file_name']}": "has several deliveries" for row in twice}


def _path(number: int, chance: Random) -> str:
    """A well-formed delivery's, and no other's: a unit's days are used up before the next unit's are."""
    units = sorted(unit_names())
    unit, day = units[number // len(_DAYS) % len(units)], date.fromordinal(_DAYS[number % len(_DAYS)])
    dataset = chance.choice(("initiatives", "initiatives", "initiatives", "quotas"))
    mark = chance.choice(("", "", "_full", "_p01of02", "_full_p01of01"))
    return f"{unit}/{dataset}_{day}{mark}.{chance.choice(EXTENSIONS)}"


def _content(chance: Random) -> bytes:
    """Mostly a file of the corpus that was changed: bytes drawn one by one seldom get far."""
    return mutated(chance) if chance.random() < 0.95 else chance.randbytes(chance.randrange(2_000))


def run(seed: int, seconds: float, most_files: int, kept: Path) -> int:
    """Fuzz until time or files run out; prints a summary. Returns the exit code: 1 when anything broke."""
    console, started = Console(), monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        server = EmbeddedPostgres(Path(name) / "server", durable=False)
        server.start()
        try:
            (Path(name) / "home").mkdir()
            with closing(Intake(server.dsn("sangkien"), Path(name) / "home")) as intake, Progress(*columns) as progress:
                fuzz = Fuzz(intake, seed, kept)
                task = progress.add_task(f"seed {seed}", total=most_files)
                number = 0
                while fuzz.made < most_files and monotonic() - started < seconds:
                    fuzz.batch(number)
                    number += 1
                    peak = f"peak {intake.peak_bytes / 2**20:.0f} MiB"
                    told = f"seed {seed}, {len(fuzz.broken)} broken, {peak}"
                    progress.update(task, completed=fuzz.made, description=told)
            outcomes = Counter({row["outcome"]: row["files"] for row in intake.query(_OUTCOMES)})
        finally:
            server.destroy()
    console.print(
        f"{fuzz.made:,} files in {monotonic() - started:.0f} s, peak {intake.peak_bytes / 2**20:.0f} MiB, seed {seed}"
    )
    for outcome, count in outcomes.most_common():
        console.print(f"  {count:>7,} {outcome}")
    for path, trouble in fuzz.broken.items():
        console.print(f"[red]{path}: {trouble}[/]", highlight=False)
    if fuzz.broken:
        console.print(f"They are kept in {kept}.")
    swollen = intake.peak_bytes > MOST_BYTES
    if swollen:
        console.print(f"[red]The load took more than {MOST_BYTES / 2**20:.0f} MiB.[/]")
    return int(bool(fuzz.broken) or swollen)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--kept", type=Path, default=Path(".sangkien/fuzz"))
    told = parser.parse_args()
    sys.exit(run(told.seed, told.seconds, told.files, told.kept))
