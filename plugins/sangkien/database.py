"""The warehouse's connections, its schema, and the fast way in."""

import io
from importlib import resources

import polars as pl
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow

Connection = psycopg.Connection[TupleRow]

# libpq's variables for the parts of a DSN.
LIBPQ = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "options": "PGOPTIONS",
}
MIGRATION_LOCK = "sangkien:migrate"


def connect(dsn: str, *, shown_publication: int | None = None, autocommit: bool = False) -> Connection:
    """Open a connection to the warehouse.

    Args:
        dsn: PostgreSQL URL.
        shown_publication: The publication that `marts` shows to this session; none: the current one.
        autocommit: Whether each statement is its own transaction.
    """
    options = str(conninfo_to_dict(dsn).get("options", ""))
    if shown_publication is not None:
        options += f" -c sangkien.publication={shown_publication}"
    return psycopg.connect(dsn, autocommit=autocommit, application_name="sangkien", options=options)


def libpq_environment(dsn: str) -> dict[str, str]:
    """The parts of a DSN as libpq's environment variables, for programs that are better not given it as an argument."""
    return {LIBPQ[name]: str(value) for name, value in conninfo_to_dict(dsn).items() if name in LIBPQ}


def lock(connection: Connection, name: str) -> None:
    """Hold the advisory lock `name` until the transaction ends; waits for whoever holds it."""
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def migrate(dsn: str) -> list[str]:
    """Bring the schema up to date: each file of `migrations/` once, in order, in one transaction.

    Where nothing is to be done, any login may ask: only the owner can change anything.

    Returns:
        The names of the files that were applied now.
    """
    applied: list[str] = []
    with connect(dsn) as connection:
        lock(connection, MIGRATION_LOCK)
        if connection.execute("select to_regclass('public.sangkien_migration')").fetchone() == (None,):
            connection.execute("create table public.sangkien_migration (file_name text primary key)")
        done = {name for (name,) in connection.execute("select file_name from public.sangkien_migration")}
        files = [f for f in resources.files("sangkien.migrations").iterdir() if f.name.endswith(".sql")]
        for file in sorted(files, key=lambda f: f.name):
            if file.name not in done:
                connection.execute(file.read_bytes())
                connection.execute("insert into public.sangkien_migration values (%s)", [file.name])
                applied.append(file.name)
    return applied


def copy_frame(connection: Connection, table: str, frame: pl.DataFrame) -> None:
    """Append a frame to `schema.table` by COPY, by its columns' names.

    NUL, which PostgreSQL does not take, is written as U+2400 (contract §1).
    """
    if frame.is_empty():
        return
    statement = sql.SQL("copy {} ({}) from stdin (format csv)").format(
        sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    )
    data = io.BytesIO()
    frame.write_csv(data, include_header=False)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(data.getvalue().replace(b"\0", "\u2400".encode()))
