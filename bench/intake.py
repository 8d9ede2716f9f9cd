"""`make bench-intake`: the whole programme into the warehouse, beside a bare COPY of the same files (issue of intake).

python -m bench.intake [--rows 2400000] [--runs 1]
"""

import argparse
import json
import shutil
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import psycopg
from psycopg import sql

from bench.measure import Measured, in_processes, report
from bench.programme import COLUMNS, dealt, programme_inbox
from bench.spreadsheet import bench_spreadsheet
from sangkien.database import connect, migrate
from sangkien.intake.admit import admit
from sangkien.intake.delivery import Delivery
from sangkien.intake.discover import Candidate, deal, discover
from sangkien.intake.inbox import FolderInbox
from sangkien.intake.load import Loader, load_shard, transactions
from sangkien.intake.raw_store import keep
from sangkien.local.postgres import EmbeddedPostgres
from sangkien.settings import PROJECT_ROOT, Limits

FOLDER = PROJECT_ROOT / ".sangkien" / "bench"
PROCESSES = 2

Contender = Callable[[str, Path], tuple[float, float, dict[str, object]]]


def main() -> None:
    """Run the contenders in turn, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_400_000)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--peers", action="store_true", help="dlt too, in an environment made for it")
    arguments = parser.parse_args()
    inbox = programme_inbox(FOLDER, arguments.rows)
    server = EmbeddedPostgres(FOLDER)
    server.start()
    try:
        contenders = {
            Measured("bare COPY", [], 0): bare_copy,
            Measured("sangkien: into landing", [], 0): our_landing,
            Measured("sangkien: into landing, typed into staging", [], 0): our_load,
        }
        if arguments.peers:
            contenders[Measured("dlt, Arrow to csv and COPY", [], 0)] = dlt_load
        for _ in range(arguments.runs):
            for measured, contender in contenders.items():
                _time(measured, contender, server, inbox)
    finally:
        server.stop()
    files = list(inbox.rglob("*.csv"))
    facts = {"files": len(files), "MiB": sum(f.stat().st_size for f in files) >> 20}
    report("intake", "bare COPY", list(contenders), facts)
    bench_spreadsheet(FOLDER)


def _time(contender: Measured, run: Contender, server: EmbeddedPostgres, inbox: Path) -> None:
    dsn = empty_database(server)
    seconds, rss, detail = run(dsn, inbox)
    contender.seconds.append(seconds)
    contender.peak_rss_mib = max(contender.peak_rss_mib, rss)
    contender.detail |= detail


def empty_database(server: EmbeddedPostgres) -> str:
    """The database of the benchmarks, made anew."""
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        connection.execute("drop database if exists bench with (force)")
        connection.execute("create database bench")
        connection.execute("checkpoint")
    return server.dsn("bench")


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
        seconds, rss, _ = in_processes(_copy_files, [(dsn, files) for files in dealt(inbox, PROCESSES)])
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


def dlt_load(dsn: str, inbox: Path) -> tuple[float, float, dict[str, object]]:
    """The peer, in its own environment."""
    environment, state = FOLDER / "dlt", FOLDER / "dlt-state"
    python = environment / "bin" / "python"
    if not python.exists():
        subprocess.run(["uv", "venv", "--quiet", environment], check=True)
        subprocess.run(["uv", "pip", "install", "--quiet", "--python", python, "dlt[postgres]", "pyarrow"], check=True)
    shutil.rmtree(state, ignore_errors=True)
    script = Path(__file__).parent / "peers" / "dlt_intake.py"
    done = subprocess.run([python, script, dsn, inbox, state], check=True, stdout=subprocess.PIPE, text=True)
    told = json.loads(done.stdout.splitlines()[-1])
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("select count(*) from landing.initiative").fetchone()
    return told["seconds"], told["peak_rss_kib"] / 1024, {"rows": rows[0] if rows else 0}


if __name__ == "__main__":
    main()
