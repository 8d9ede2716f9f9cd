"""Searching everything for strings: every column of every table, and every file, whatever it is packed in."""
# ruff: noqa: S608 - tables are named by the catalogue

import gzip
import io
import re
import zipfile
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg

# Where persons are in an installation: as delivered, and the answer to the unit that sent them.
PERSONAL_SCHEMAS = ("landing.", "restricted.")
PERSONAL_FOLDERS = ("inbox/", "outbox/", "home/raw/")
_BYTES = re.compile(r"\\x((?:[0-9a-f]{2})+)")  # as PostgreSQL tells bytea


def found_in_database(dsn: str, strings: Collection[str], but: Collection[str] = ()) -> list[tuple[str, str]]:
    """Where one of some strings stands in a database: table and string; bytes are unpacked and decoded.

    `but`: schemas that are not looked at.
    """
    found_in = _finder(strings)
    found = set()
    with psycopg.connect(dsn) as connection:
        tables = connection.execute(
            "select quote_ident(nspname) || '.' || quote_ident(relname) from pg_class"
            " inner join pg_namespace as n on relnamespace = n.oid where relkind in ('r', 'v', 'm', 'p')"
            " and nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and nspname <> all(%s)",
            [list(but)],
        ).fetchall()
        for (table,) in tables:
            with connection.cursor("rows") as cursor:
                cursor.itersize = 10_000
                for (row,) in cursor.execute(f"select t::text from {table} as t".encode()):
                    packed = (text for data in _BYTES.findall(row) for text in _texts(bytes.fromhex(data)))
                    found |= {(table, string) for text in (row, *packed) for string in found_in(text)}
    return sorted(found)


def found_in_files(folder: Path, strings: Collection[str], but: Collection[str] = ()) -> list[tuple[str, str]]:
    """Where one of some strings stands in the files below a folder, unpacked and decoded; `but`: folders left out."""
    found_in = _finder(strings)
    found = set()
    for file in sorted(folder.rglob("*")):
        place = str(file.relative_to(folder))
        if not file.is_file() or any(place.startswith(f"{name}/") for name in but):
            continue
        found |= {(place, string) for string in found_in(place)}
        for text in _texts(file.read_bytes()):
            found |= {(place, string) for string in found_in(text)}
    return sorted(found)


def _finder(strings: Collection[str]) -> Callable[[str], set[str]]:
    """Which of some strings stand in a text. Thousands of them have few shapes: these are looked for, everywhere."""
    shapes = {re.sub(r"\d", r"\\d", re.escape(string)) for string in strings}
    pattern, wanted = re.compile(f"(?=({'|'.join(sorted(shapes))}))"), set(strings)
    return lambda text: wanted.intersection(pattern.findall(text))


def _texts(data: bytes) -> Iterator[str]:
    pieces = [data]
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            pieces += [archive.read(name) for name in archive.namelist()]
    elif data.startswith(b"\x1f\x8b"):
        with suppress(EOFError, OSError):  # no archive: its bytes are looked at
            pieces.append(gzip.decompress(data))
    for piece in pieces:
        yield piece.decode("utf-8", errors="replace")
        if b"\0" in piece:
            yield piece.decode("utf-16-le", errors="replace")
            yield piece[1:].decode("utf-16-le", errors="replace")
