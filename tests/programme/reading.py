"""Every file of an inbox as the oracle reads it, kept as columns: so 2.4 million initiatives fit into memory."""

import hashlib
import pickle
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import polars as pl
from polars._typing import PolarsDataType

from tests.oracle import delivery_name
from tests.oracle.cells import Limits, QuarantineError
from tests.oracle.container import open_delivery
from tests.oracle.deliveries import Delivery
from tests.oracle.rules import Row, is_computable
from tests.oracle.table import Table, read_table
from tests.oracle.text import code_key, match_key
from tests.warehouse.plain_reports import REFERENCE, path

COLUMNS: dict[str, PolarsDataType] = {
    "line": pl.Int64,
    "initiative_code": pl.String,
    "code_key": pl.String,
    "title": pl.String,
    "author": pl.String,
    "upper_union": pl.String,
    "grassroots_union": pl.String,
    "union_key": pl.String,
    "member_group": pl.String,
    "solution_type": pl.String,
    "content_category": pl.String,
    "status": pl.String,
    "submitted_on": pl.Date,
    "applied_on": pl.Date,
    "recognised_on": pl.Date,
    "vnd": pl.Int64,
    "benefit": pl.String,
    "rules": pl.List(pl.String),
}
"""Of each row; `title` and `author` are match_keys, `benefit` is what the estimates take it for (CONTRACT §5)."""


@dataclass
class Taken:
    """A file as it was read: what the oracle knows of it but the rows, and the file that keeps those."""

    delivery: Delivery
    rows: Path


def read_inbox(files: Iterable[Path], folder: Path, processes: int) -> list[Taken]:
    """Read files of an inbox; what `folder` has of them already is not read again.

    Args:
        files: Each in the folder of its unit.
        folder: Keeps what was read; delete it when the oracle changes.
        processes: How many read at once; 1: this one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    by_size = sorted(files, key=lambda file: -file.stat().st_size)
    read = partial(_read_once, folder=folder)
    if processes == 1:
        return [read(file) for file in by_size]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        return list(pool.map(read, by_size))


def _read_once(file: Path, folder: Path) -> Taken:
    kept = folder / f"{file.parent.name}_{file.name}.pickle"
    if not kept.exists():
        taken = _read(file, kept.with_suffix(".parquet"))
        making = kept.with_suffix(".part")
        making.write_bytes(pickle.dumps(taken))
        making.rename(kept)
    taken = pickle.loads(kept.read_bytes())  # noqa: S301 - written above
    assert isinstance(taken, Taken)
    return taken


def _read(file: Path, rows: Path) -> Taken:
    data = file.read_bytes()
    name = delivery_name.parse(file.name)
    delivery = Delivery(file.parent.name, file.name, hashlib.sha256(data).hexdigest(), name)
    if name is None:
        delivery.reason = "unknown_name"
        return Taken(delivery, rows)
    try:
        table = read_table(open_delivery(data, Limits()), name, REFERENCE, Limits())
    except QuarantineError as error:
        delivery.reason = error.reason
        return Taken(delivery, rows)
    told = [_columns(delivery.unit_code, row) for row in table.rows]
    pl.DataFrame(told, COLUMNS, orient="row").write_parquet(rows)
    delivery.table = _without_rows(table, keep_codes=name.full)
    return Taken(delivery, rows)


def _without_rows(table: Table, *, keep_codes: bool) -> Table:
    """Which codes a file has matters for a full export only."""
    table.rows = []
    if not keep_codes:
        table.codes = set()
    return table


def _columns(unit_code: str, row: Row) -> tuple[Any, ...]:
    upper, grassroots = row.text("upper_union"), row.text("grassroots_union")
    title, author = row.text("title"), row.text("author_name")
    return (
        row.line,
        row.initiative_code,
        code_key(row.initiative_code),
        None if title is None else match_key(title),
        None if author is None else match_key(author),
        upper,
        grassroots,
        path(unit_code, upper, grassroots),
        row.member_group,
        row.solution_type,
        row.content_category,
        row.status,
        row.day("submitted_on"),
        row.day("applied_on"),
        row.day("recognised_on"),
        row.benefit.vnd,
        _class(row),
        sorted(row.rules),
    )


def _class(row: Row) -> str:
    """An amount in đồng or another currency (negative or not), not computable, or missing (unreadable ones too)."""
    amount = row.benefit.amount
    if amount is not None and amount < 0 and (row.benefit.vnd is not None or is_computable(row)):
        return "negative"
    if row.benefit.vnd is not None:
        return "amount"
    if not is_computable(row):
        return "not_computable"
    return "missing" if amount is None else "other_currency"
