"""Single tools that load the files of an inbox into landing.initiative, all columns text.

Run in an environment of its own (bench/peer.py): `python tool_intake.py pandas|polars|duckdb DSN INBOX COLUMN,...`. In
one process; polars and DuckDB read with a thread for each core. Prints the seconds without its start as JSON.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg


def by_pandas(dsn: str, files: list[Path], columns: list[str]) -> None:
    """`read_csv`, `to_sql` with many rows a statement (PostgreSQL takes at most 65,535 values)."""
    import pandas as pd
    import sqlalchemy

    engine = sqlalchemy.create_engine(dsn.replace("://", "+psycopg://", 1))
    most = 65_000 // (len(columns) + 2)
    for file in files:
        frame = pd.read_csv(file, header=0, names=columns, dtype=str, keep_default_na=False, na_values=[""])
        frame = frame.assign(file_name=str(file), line_number=range(2, len(frame) + 2))
        frame.to_sql(
            "initiative", engine, schema="landing", if_exists="append", index=False, chunksize=most, method="multi"
        )


def by_polars(dsn: str, files: list[Path], columns: list[str]) -> None:
    """`read_csv`, ADBC's binary COPY."""
    import adbc_driver_postgresql.dbapi
    import polars as pl

    with adbc_driver_postgresql.dbapi.connect(dsn) as connection, connection.cursor() as cursor:
        for number, file in enumerate(files):
            frame = pl.read_csv(
                file, new_columns=columns, infer_schema=False, row_index_name="line_number", row_index_offset=2
            ).with_columns(pl.lit(str(file)).alias("file_name"), pl.col("line_number").cast(pl.Int32))
            mode = "append" if number else "create"
            cursor.adbc_ingest("initiative", frame.to_arrow(), mode=mode, db_schema_name="landing")
        connection.commit()


def by_duckdb(dsn: str, files: list[Path], columns: list[str]) -> None:
    """Its CSV reader, and its postgres extension, which comes from the package index."""
    import duckdb
    import duckdb_extension_postgres_scanner as extension

    program = next(Path(extension.__file__).parent.rglob("postgres_scanner.duckdb_extension"))
    typed = ", ".join(f"'{name}': 'VARCHAR'" for name in columns)
    with duckdb.connect() as connection:
        connection.execute(f"load '{program}'")
        connection.execute(f"attach '{dsn}' as warehouse (type postgres)")
        read = f"read_csv(?, header = true, filename = true, columns = {{{typed}}})"
        create = f"create table warehouse.landing.initiative as select * from {read}"  # noqa: S608 - our own columns
        connection.execute(create, [[str(file) for file in files]])


TOOLS: dict[str, Callable[[str, list[Path], list[str]], None]] = {
    "pandas": by_pandas,
    "polars": by_polars,
    "duckdb": by_duckdb,
}


def main(tool: str, dsn: str, inbox: str, columns: str) -> None:
    """Load the inbox."""
    began = time.perf_counter()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("create schema landing")
    TOOLS[tool](dsn, sorted(Path(inbox).rglob("*.csv")), columns.split(","))
    print(json.dumps({"seconds": time.perf_counter() - began}))


if __name__ == "__main__":
    main(*sys.argv[1:5])
