"""Re-keying: the surrogates of authors are made anew, after their key was changed or a name was erased."""

import hmac
from collections.abc import Collection, Iterator
from importlib import resources

import polars as pl

from sangkien.contract.text import clean_columns, match_keys
from sangkien.database import Connection, connect, copy_frame, lock, migrate
from sangkien.intake.waiting import author_keys
from sangkien.validity.judge import JUDGE_LOCK
from sangkien.warehouse.publish import PUBLISH_LOCK

_ROWS_AT_ONCE = 50_000
_SCHEMA = {
    "unit_code": pl.String, "delivery_no": pl.Int32, "line_number": pl.Int32, "title": pl.String,
    "author_name": pl.String,
}  # fmt: skip


class WrongKeyError(Exception):
    """The key of the surrogates is another than the one that the warehouse's were made with."""


def check_key(connection: Connection, pseudonym_key: bytes) -> None:
    """Hold the key against the one that the warehouse's surrogates were made with; the first one is kept.

    Raises:
        WrongKeyError: It is another: each author would become two.
    """
    fingerprint, kept = _fingerprint(pseudonym_key), "select fingerprint from ops.pseudonym_key"
    if connection.execute(kept).fetchone() is None:
        connection.execute(
            "insert into ops.pseudonym_key (fingerprint) values (%s) on conflict (only_row) do nothing", [fingerprint]
        )
    if connection.execute(kept).fetchone() != (fingerprint,):
        raise WrongKeyError(
            "SANGKIEN_PSEUDONYM_KEY is not the key that this warehouse's surrogates were made with: give it back, or"
            " change the key for good by `sangkien person rekey`"
        )


def rekey(dsn: str, pseudonym_key: bytes) -> int:
    """Make every surrogate anew under a new key, in all layers and publications; figures stay.

    The old key is not needed, and of no use any more. In one transaction; nights wait.

    Args:
        dsn: The warehouse, as its owner.
        pseudonym_key: The new key, under which nights go on.

    Returns:
        How many rows were re-keyed.
    """
    migrate(dsn)
    with connect(dsn) as connection:
        hold_still(connection)
        rows = rekey_rows(connection, pseudonym_key, None)
        connection.execute(
            "insert into ops.pseudonym_key (fingerprint) values (%s)"
            " on conflict (only_row) do update set fingerprint = excluded.fingerprint",
            [_fingerprint(pseudonym_key)],
        )
    return rows


def hold_still(connection: Connection) -> None:
    """Keep nights from loading, judging, building and publishing until the transaction ends."""
    units = connection.execute("select distinct unit_code from ops.delivery order by 1").fetchall()
    for (unit,) in units:
        lock(connection, f"sangkien:load:{unit}")
    for name in (JUDGE_LOCK, "sangkien:build", PUBLISH_LOCK):
        lock(connection, name)


def rekey_rows(connection: Connection, pseudonym_key: bytes, places: Collection[tuple[str, int, int]] | None) -> int:
    """Make the surrogates of some rows of landing anew, and follow them through every layer.

    Args:
        connection: In a transaction that holds the night still; the caller commits.
        pseudonym_key: The key.
        places: Unit, delivery and line of the rows; none: all.

    Returns:
        How many rows were re-keyed.
    """
    connection.execute(
        "create temporary table rekeyed (unit_code text, delivery_no integer, line_number integer, author_key uuid,"
        " duplicate_key uuid) on commit drop"
    )
    rows = 0
    for frame in _rows(connection, places):
        cleaned = clean_columns(frame)
        keys = author_keys(match_keys(cleaned["title"]), match_keys(cleaned["author_name"]), pseudonym_key)
        copy_frame(connection, "pg_temp.rekeyed", frame.drop("title", "author_name").with_columns(**keys))
        rows += frame.height
    _run(connection, "rekey.sql")
    if connection.execute("select to_regclass('warehouse.fct_author_phase')").fetchone() != (None,):
        _run(connection, "rekey_marts.sql")
    return rows


def _rows(connection: Connection, places: Collection[tuple[str, int, int]] | None) -> Iterator[pl.DataFrame]:
    select = "select unit_code, delivery_no, line_number, title, author_name from landing.initiative"
    with connection.cursor("rows") as cursor:
        cursor.itersize = _ROWS_AT_ONCE
        if places is None:
            found = cursor.execute(select)
        else:
            wanted = [list(column) for column in zip(*places, strict=True)] or [[], [], []]
            found = cursor.execute(
                f"{select} inner join unnest(%s::text[], %s::integer[], %s::integer[])"
                " as w (unit_code, delivery_no, line_number) using (unit_code, delivery_no, line_number)",
                wanted,
            )
        while some := found.fetchmany(_ROWS_AT_ONCE):
            yield pl.DataFrame(some, schema=_SCHEMA, orient="row")


def _run(connection: Connection, script: str) -> None:
    connection.execute(resources.files("sangkien.privacy").joinpath(script).read_bytes())


def _fingerprint(pseudonym_key: bytes) -> str:
    return hmac.digest(pseudonym_key, b"sangkien:fingerprint", "sha256")[:8].hex()
