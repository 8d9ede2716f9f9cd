"""`make check-figures`: every number of the simulated full programme against an independent computation.

python -m tests.programme.check [--rows 2400000] [--inbox FOLDER] [--nights 3]

Three nights, each with what was exported since the one before; then each night's publication is compared. What was
loaded and read is kept: a second run compares again. Independent: the files are read by `tests/oracle`, the sums are
written from CONTRACT.md; of the product come the simulated deliveries, the command line and the connection.
"""

import argparse
import re
import shutil
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sangkien.local.postgres import EmbeddedPostgres
from sangkien.simulate.run import simulate
from tests.conftest import Warehouse
from tests.oracle.reference import SEEDS, read_list
from tests.programme.compare import Compared, compare
from tests.programme.reading import read_inbox
from tests.programme.states import Programme
from tests.warehouse.plain_reports import REFERENCE

HOME = Path(__file__).parents[2] / ".sangkien"
NIGHTS = (date(2022, 5, 31), date(2022, 10, 31), date(2023, 9, 1))
TWO_HOURS = 7200


def main() -> None:
    """Simulate, refresh three nights, compare, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_400_000)
    parser.add_argument("--inbox", type=Path, help="an inbox that is there already; it is only read")
    parser.add_argument("--nights", type=int, default=len(NIGHTS), help="compare the first so many nights only")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    folder = HOME / f"figures-{arguments.rows}"
    source = arguments.inbox or _simulated(folder / "simulated", arguments.rows)
    server = EmbeddedPostgres(folder / "home")
    server.start()
    try:
        warehouse = Warehouse(server.dsn(), folder, patience=TWO_HOURS)
        different = check(warehouse, source, NIGHTS[: arguments.nights], arguments.processes)
    finally:
        server.stop()
    sys.exit(1 if different else 0)


def check(warehouse: Warehouse, source: Path, nights: Sequence[date], processes: int) -> list[Compared]:
    """Refresh the nights that are not published yet, compare each; returns what differs."""
    differing = []
    for night in nights:
        publication = _published(warehouse, night) or _refresh(warehouse, source, night)
        taken = read_inbox(exported(source, night), warehouse.folder / "read", processes)
        print(f"\n{night}, publication {publication}", flush=True)
        for compared in compare(warehouse.dsn, publication, Programme(taken, night), days_told(night)):
            print(f"  {compared.name:45} {compared.rows:>10,} rows  {compared.different:>7,} differ", flush=True)
            for told in compared.told:
                print(f"    {told}", flush=True)
            differing += [compared] if compared.different else []
    return differing


def exported(source: Path, night: date) -> list[Path]:
    """The files of an inbox that a unit had exported by a night."""
    return [file for file in sorted(source.rglob("*")) if file.is_file() and _export_date(file) <= night]


def days_told(night: date) -> list[date]:
    """The days that the overview tells: the ends of the phases, those of published figures, and the last day."""
    published = {date.fromisoformat(figure["as_of"]) for figure in read_list(SEEDS / "published_figures.csv")}
    return sorted(day for day in {*(phase.upload_to for phase in REFERENCE.phases), *published, night} if day <= night)


def _export_date(file: Path) -> date:
    found = re.search(r"\d{4}-\d\d-\d\d", file.name)
    if found is None:
        raise ValueError(f"{file}: a simulated file has its export date in its name")
    return date.fromisoformat(found[0])


def _simulated(inbox: Path, rows: int) -> Path:
    if not inbox.exists():
        making = inbox.with_suffix(".making")
        shutil.rmtree(making, ignore_errors=True)
        simulate(making, rows, seed=1)
        making.rename(inbox)
    return inbox


def _published(warehouse: Warehouse, night: date) -> int | None:
    if not warehouse.query("select from pg_tables where schemaname = 'ops' and tablename = 'publication'"):
        return None
    query = "select max(publication_id) as publication from ops.publication where horizon = %s and state = 'published'"
    publication: int | None = warehouse.query(query, night)[0]["publication"]
    return publication


def _refresh(warehouse: Warehouse, source: Path, night: date) -> int:
    for file in exported(source, night):
        to = warehouse.inbox / file.relative_to(source)
        if not to.exists():
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, to)
    if code := warehouse.refresh(night):
        raise RuntimeError(f"the night of {night} ended with code {code}: see above")
    publication = _published(warehouse, night)
    if publication is None:
        raise RuntimeError(f"the night of {night} published nothing")
    return publication


if __name__ == "__main__":
    main()
