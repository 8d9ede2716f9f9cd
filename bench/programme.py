"""The deliveries that the benchmarks read: the simulated programme as plain UTF-8 CSV files of one layout.

Bare COPY can read nothing else. Rows that no tool but ours takes (ragged ones) are left out, so that all read the same.
"""

import csv
import os
import shutil
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sangkien.contract.delivery_name import parse_delivery_name
from sangkien.contract.fields import fields
from sangkien.intake.read import Reading
from sangkien.settings import Limits
from sangkien.simulate.run import simulate

# The last day of the history; a night after it.
HISTORY, NIGHT = date(2023, 9, 1), date(2023, 9, 5)
COLUMNS = tuple(fields("initiatives"))
HEADINGS = tuple(field.heading for field in fields("initiatives").values())


def programme_inbox(folder: Path, rows: int) -> Path:
    """An inbox of the programme with so many initiatives; made once, kept.

    Returns:
        The inbox: `<unit>/initiatives_<date>.csv`, each file with a header row and the 27 columns.
    """
    return _inbox(folder, f"programme-{rows}", "initiatives_", rows)


def night_inbox(folder: Path, rows: int, night: date, night_rows: int) -> Path:
    """The files alone of one night more, on that programme: corrections and new initiatives; made once, kept."""
    return _inbox(
        folder, f"night-{rows}-{night}-{night_rows}", f"initiatives_{night}", rows, night=night, night_rows=night_rows
    )


def _inbox(folder: Path, name: str, wanted: str, rows: int, **night: Any) -> Path:
    inbox = folder / name
    if not inbox.exists():
        simulated, made = folder / f"simulated-{name}", folder / f"making-{name}"
        print(f"simulating {rows:,} initiatives for {name} (once) ...", flush=True)
        files = [file for file in simulate(simulated, rows, seed=1, **night).files if f"/{wanted}" in file]
        with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
            for _ in pool.map(_make_plain, repeat(simulated), repeat(made), files, chunksize=10):
                pass
        shutil.rmtree(simulated)  # as large again, and nobody reads it
        made.rename(inbox)
    return inbox


def deliver(source: Path, inbox: Path) -> None:
    """Put the files of one folder into an inbox, as links: they cost no disk."""
    shutil.copytree(source, inbox, copy_function=os.link, dirs_exist_ok=True)


def _make_plain(simulated: Path, made: Path, file: str) -> None:
    name = parse_delivery_name(Path(file).name)
    if name is None:
        raise ValueError(file)
    unit = Path(file).parent.name
    mark = "_full" if name.is_full else ""
    part = f"_p{name.part_no:02d}of{name.part_count:02d}" if name.part_no else ""
    plain = made / unit / f"initiatives_{name.export_date}{mark}{part}.csv"
    plain.parent.mkdir(parents=True, exist_ok=True)
    reading = Reading(simulated / file, name, Limits())
    with plain.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEADINGS)
        for batch in reading.landing():
            writer.writerows(batch.accepted.select(COLUMNS).iter_rows())


def dealt(inbox: Path, processes: int) -> list[list[Path]]:
    """The files of an inbox, dealt into lists of about the same size."""
    hands: list[list[Path]] = [[] for _ in range(processes)]
    sizes = [0] * processes
    for file in sorted(inbox.rglob("*.csv"), key=lambda path: (-path.stat().st_size, path)):
        smallest = sizes.index(min(sizes))
        hands[smallest].append(file)
        sizes[smallest] += file.stat().st_size
    return hands
