"""The benchmarks' server, its databases, and what PostgreSQL says that a work has cost there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from sangkien.local.postgres import EmbeddedPostgres
from sangkien.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / ".sangkien" / "bench"

_SIZES = """
select
    n.nspname,
    sum(pg_table_size(c.oid))::bigint,
    sum(pg_indexes_size(c.oid))::bigint
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
where c.relkind in ('r', 'm') and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
group by 1
having sum(pg_total_relation_size(c.oid)) >= 2 ^ 20
order by 1
"""


@contextmanager
def bench_server() -> Iterator[EmbeddedPostgres]:
    """The benchmarks' own server, started, and stopped at the end."""
    server = EmbeddedPostgres(FOLDER)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def empty_database(server: EmbeddedPostgres, name: str = "bench") -> str:
    """A database of the benchmarks, made anew; its DSN."""
    drop_database(server, name)
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        connection.execute("checkpoint")
    return server.dsn(name)


def drop_database(server: EmbeddedPostgres, name: str) -> None:
    """Give its disk back."""
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def wal_position(connection: psycopg.Connection[Any]) -> int:
    """How many bytes of WAL the server has ever written."""
    row = connection.execute("select (pg_current_wal_insert_lsn() - '0/0')::bigint").fetchone()
    return int(row[0]) if row else 0


@contextmanager
def wal_of(dsn: str, detail: dict[str, Any]) -> Iterator[None]:
    """Add to a detail how much WAL was written meanwhile, after a checkpoint.

    The checkpoint makes runs alike: each pays for the full image of every page that it touches first.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("checkpoint")
        before = wal_position(connection)
        yield
        detail["WAL MiB"] = round((wal_position(connection) - before) / 2**20, 1)


def sizes(dsn: str) -> dict[str, dict[str, float]]:
    """MiB of tables (with TOAST) and indexes, by schema; those below 1 MiB are left out."""
    with psycopg.connect(dsn) as connection:
        return {
            schema: {"tables": round(tables / 2**20, 1), "indexes": round(indexes / 2**20, 1)}
            for schema, tables, indexes in connection.execute(_SIZES)
        }
