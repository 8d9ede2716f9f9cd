"""`make bench-intake`: the whole programme into the warehouse, beside a bare COPY of the same files (issue of intake).

python -m bench.intake [--rows N] [--runs 1] [--peers [dlt pandas polars duckdb]]
"""

import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import psycopg
from psycopg import sql

from bench.database import FOLDER, bench_server, empty_database
from bench.measure import Measured, in_processes, report
from bench.peer import PEER_TOOLS, loading_peers, peer_versions
from bench.programme import COLUMNS, dealt, programme_inbox
from bench.sizes import arguments_of
from bench.spreadsheet import bench_spreadsheet
from sangkien.database import connect, migrate
from sangkien.intake.admit import admit
from sangkien.intake.delivery import Delivery
from sangkien.intake.discover import Candidate, deal, discover
from sangkien.intake.inbox import FolderInbox
from sangkien.intake.load import Loader, load_shard, transactions
from sangkien.intake.raw_store import keep
from sangkien.settings import Limits

PROCESSES = 2

Contender = Callable[[str, Path], tuple[float, float, dict[str, object]]]


def main() -> None:
    """Run the contenders in turn, and report."""
    parser = arguments_of(__doc__)
    parser.add_argument(
        "--peers", nargs="*", choices=PEER_TOOLS, help="other tools too (all of them where none is named)"
    )
    arguments = parser.parse_args()
    inbox = programme_inbox(FOLDER, arguments.rows)
    contenders: dict[Measured, Contender] = {
        Measured("bare COPY"): bare_copy,
        Measured("sangkien: into landing"): our_landing,
        Measured("sangkien: into landing, typed into staging"): our_load,
    }
    compared = arguments.peers is not None
    if compared:
        contenders |= {Measured(name): load for name, load in loading_peers(arguments.peers or PEER_TOOLS).items()}
    with bench_server() as server:
        for _ in range(arguments.runs):
            for measured, contender in contenders.items():
                measured.add(*contender(empty_database(server), inbox))
    files = list(inbox.rglob("*.csv"))
    facts = {"initiatives": arguments.rows, "files": len(files), "MiB": sum(f.stat().st_size for f in files) >> 20}
    report("intake", "bare COPY", list(contenders), facts, peer_versions() if compared else None)
    bench_spreadsheet(FOLDER, peers=compared)


def bare_copy(dsn: str, inbox: Path) -> tuple[float, float, dict[str, object]]:
    """Nothing but COPY: a logged table, all columns text, with file name and line number by defaults."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in COLUMNS)
        connection.execute(
            sql.SQL(
                "create sequence line_number cache 1000; create table landing (file_name text default"
                " current_setting('bench.file'), line_number bigint default nextval('line_number'), {})"
            ).format(columns)
        )
    return copy_more(dsn, inbox)


def copy_more(dsn: str, inbox: Path) -> tuple[float, float, dict[str, object]]:
    """The same, into the table that is there."""
    seconds, rss, _ = in_processes(_copy_files, [(dsn, files) for files in dealt(inbox, PROCESSES)])
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("select count(*) from landing").fetchone()
    return seconds, rss, {"rows": rows[0] if rows else 0}


def _copy_files(dsn: str, files: list[Path]) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
    statement = sql.SQL("copy landing ({}) from stdin (format csv, header)").format(names)
    with psycopg.connect(dsn, autocommit=True) as connection:
        for file in files:
            connection.execute("select set_config('bench.file', %s, false)", [str(file)])
            with connection.cursor() as cursor, cursor.copy(statement) as copy, file.open("rb") as source:
                while data := source.read(2**20):
                    copy.write(data)


def our_landing(dsn: str, inbox: Path) -> tuple[float, float, dict[str, object]]:
    """The first half of the load stage: raw store, encoding, layout, classes of lines, landing and rejected rows."""
    loader, shards = ready(dsn, inbox)
    seconds, rss, rows = in_processes(_land, [(shard, loader) for shard in shards])
    return seconds, rss, {"rows": sum(rows)}


def _land(shard: list[Candidate], loader: Loader) -> int:
    rows = 0
    with connect(loader.dsn) as connection:
        for files in transactions(shard):  # as the load stage commits them
            for number, file in enumerate(files):
                sha256, copy = keep(loader.inbox, file.path, loader.raw_store)
                delivery = Delivery(file.unit_code, file.file_name, sha256, file.size_bytes, loader.arrived_on, "bench")
                delivery.delivery_no = number
                name = admit(file.file_name, file.size_bytes, loader.arrived_on, loader.limits)
                with closing(loader.batch()) as batch:
                    batch.land(connection, delivery, copy, name)
                rows += delivery.rows_read
            connection.commit()
    return rows


def our_load(dsn: str, inbox: Path) -> tuple[float, float, dict[str, object]]:
    """The load stage as the night runs it: the same, and staging with keys and row rules, and the accounts."""
    loader, shards = ready(dsn, inbox)
    seconds, rss, results = in_processes(load_shard, [(shard, loader) for shard in shards])
    return seconds, rss, {"rows": sum(result.rows_read for result in results)}


def ready(dsn: str, inbox: Path) -> tuple[Loader, list[list[Candidate]]]:
    """A loader with an empty raw store, and what it is to load, dealt to the processes."""
    migrate(dsn)
    loader = loader_of(dsn, inbox)
    shutil.rmtree(loader.raw_store, ignore_errors=True)
    with connect(dsn) as connection:
        return loader, deal(discover(connection, loader.inbox), PROCESSES)


def loader_of(dsn: str, inbox: Path) -> Loader:
    """A loader of the benchmarks; everything in the inbox has arrived by its day."""
    return Loader(dsn, FolderInbox(inbox), FOLDER / "raw", Limits(), b"bench", "bench", date(2026, 1, 1))


if __name__ == "__main__":
    main()
