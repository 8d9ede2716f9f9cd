"""Load: each file in one transaction: its delivery row, its rows as delivered and typed (contract §1, §3)."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from dataclasses import fields as dataclass_fields
from datetime import date
from pathlib import Path
from typing import Any, LiteralString

import polars as pl
import psycopg
from psycopg import sql
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from sangkien.contract.delivery_name import DeliveryName, parse_delivery_name
from sangkien.contract.fields import TABLES, Dataset
from sangkien.contract.rules import NOT_THE_FILES_FAULT
from sangkien.database import Connection, connect, copy_frame, lock
from sangkien.intake.admit import admit
from sangkien.intake.discover import Candidate
from sangkien.intake.inbox import ChangingFileError, Inbox
from sangkien.intake.quarantine import QuarantineError
from sangkien.intake.raw_store import keep, kept_file
from sangkien.intake.read import Reading
from sangkien.settings import Limits

log = logging.getLogger(__name__)

# What PostgreSQL says of content that it cannot take, such as a code that is too long for an index.
REFUSED_CONTENT = (psycopg.DataError, psycopg.errors.ProgramLimitExceeded)


@dataclass(frozen=True)
class Loader:
    """What loading needs to know.

    Attributes:
        dsn: The warehouse.
        inbox: What the units deliver into.
        raw_store: The folder that keeps the bytes.
        limits: What a file may cost.
        pseudonym_key: The key of the authors' surrogates.
        run_id: The run that loads.
        arrived_on: Its logical date: the day of arrival of what is new.
    """

    dsn: str
    inbox: Inbox
    raw_store: Path
    limits: Limits
    pseudonym_key: bytes
    run_id: str
    arrived_on: date


@dataclass
class LoadResult:
    """What became of the files of a shard."""

    files: Counter[str] = field(default_factory=Counter)
    rows_read: int = 0

    def add(self, other: "LoadResult") -> None:
        """Take in the result of another shard."""
        self.files.update(other.files)
        self.rows_read += other.rows_read


@dataclass
class Delivery:
    """A row of ops.delivery in the making."""

    unit_code: str
    file_name: str
    sha256: str
    size_bytes: int
    arrived_on: date
    run_id: str
    dataset: Dataset | None = None
    export_date: date | None = None
    is_full: bool = False
    part_no: int = 0
    part_count: int = 0
    status: str = "accepted"
    reason_code: str | None = None
    reason_values: dict[str, Any] = field(default_factory=dict)
    rows_read: int = 0
    rows_accepted: int = 0
    rows_rejected: int = 0
    rows_skipped: int = 0
    skipped_by_class: dict[str, int] = field(default_factory=dict)
    decisions: dict[str, Any] = field(default_factory=dict)
    issue_count: int = 0
    delivery_no: int = 0


def load(candidates: Iterable[Candidate], loader: Loader) -> Iterator[tuple[Candidate, str, int]]:
    """Load files one after the other; safe to be killed, repeated, or run twice at once.

    Yields:
        Each file with what became of it (a status, or `unchanged`, `still_changing`, `vanished`) and the rows read from
        it.
    """
    with connect(loader.dsn) as connection:
        for candidate in candidates:
            outcome, rows = _load_file(connection, candidate, loader)
            connection.commit()
            yield candidate, outcome, rows


def load_shard(candidates: Iterable[Candidate], loader: Loader) -> LoadResult:
    """Load a shard of files to its end."""
    result = LoadResult()
    for _, outcome, rows in load(candidates, loader):
        result.add(LoadResult(Counter([outcome]), rows))
    return result


def _load_file(connection: Connection, candidate: Candidate, loader: Loader) -> tuple[str, int]:
    if not candidate.is_regular or candidate.trouble == "name_not_utf8":
        sha256, copy = "", Path()
    else:
        try:
            sha256, copy = keep(loader.inbox, candidate.path, loader.raw_store)
        except ChangingFileError:
            return "still_changing", 0
        except FileNotFoundError:
            return "vanished", 0
        except (PermissionError, IsADirectoryError) as error:
            log.error("%s: a file of %s is left for another night", type(error).__name__, candidate.unit_code)
            return "not_readable", 0
    lock(connection, f"sangkien:load:{candidate.unit_code}")
    last = _last_of_name(connection, candidate)
    if last is not None and last["sha256"] == sha256:
        _remember(connection, candidate, sha256, last["delivery_no"])
        return "unchanged", 0
    arrived_on = _first_seen(connection, candidate, sha256) or loader.arrived_on
    delivery = Delivery(
        candidate.unit_code, candidate.file_name, sha256, candidate.size_bytes, arrived_on, loader.run_id
    )
    return _take(connection, candidate, delivery, copy, loader)


def _take(
    connection: Connection, candidate: Candidate, delivery: Delivery, copy: Path, loader: Loader
) -> tuple[str, int]:
    """Bring a new delivery to its status and record it."""
    delivery.delivery_no = next_delivery_no(connection, delivery.unit_code)
    bring_to_status(connection, delivery, candidate.trouble, copy, loader)
    _record(connection, delivery)
    _remember(connection, candidate, delivery.sha256, delivery.delivery_no)
    return delivery.status, delivery.rows_read


def next_delivery_no(connection: Connection, unit_code: str) -> int:
    """The number of the unit's next delivery."""
    row = connection.execute(
        "select coalesce(max(delivery_no), 0) + 1 from ops.delivery where unit_code = %s", [unit_code]
    ).fetchone()
    return row[0] if row else 1


def bring_to_status(
    connection: Connection, delivery: Delivery, trouble: str | None, copy: Path, loader: Loader
) -> None:
    """Load a delivery's rows, or find out why not; what it replaces is marked, itself it is not recorded yet.

    Args:
        connection: In a transaction that holds the unit's lock.
        delivery: Gets its status and counts.
        trouble: The reason to quarantine it that its place in the inbox gives.
        copy: Its bytes.
        loader: What loading needs to know.
    """
    try:
        name = parse_delivery_name(Path(delivery.file_name).name)
        for key, value in vars(name).items() if name else ():
            setattr(delivery, key, value)
        if trouble:
            raise QuarantineError(trouble)
        name = admit(delivery.file_name, delivery.size_bytes, delivery.arrived_on, loader.limits)
        twin = _twin(connection, delivery)
        if twin is not None and twin <= delivery.file_name:
            delivery.status = "duplicate"
        else:
            _load_rows(connection, delivery, copy, name, loader)
            if twin is not None:
                _give_way(connection, delivery, twin)
    except QuarantineError as error:
        _quarantine(delivery, error.reason, error.values)
    except Exception as error:
        # Only what lies in the content is the file's: not a lost connection, a full disk, or memory that ran out.
        if isinstance(error, psycopg.Error | OSError | MemoryError) and not isinstance(error, REFUSED_CONTENT):
            raise
        # No message and no traceback: they may quote cells.
        log.error("%s in a file of %s: quarantined", type(error).__name__, delivery.unit_code)
        _quarantine(delivery, "internal_error", {"detail": type(error).__name__})
    if delivery.status != "quarantined":
        _supersede(connection, delivery, loader)


def _quarantine(delivery: Delivery, reason: str, values: dict[str, Any]) -> None:
    delivery.status, delivery.reason_code, delivery.reason_values = "quarantined", reason, values
    delivery.rows_read = delivery.rows_accepted = delivery.rows_rejected = delivery.rows_skipped = 0
    delivery.issue_count = 0
    delivery.skipped_by_class = {}


def _last_of_name(connection: Connection, candidate: Candidate) -> dict[str, Any] | None:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select delivery_no, sha256 from ops.delivery where unit_code = %s and file_name = %s"
            " order by delivery_no desc limit 1",
            [candidate.unit_code, candidate.file_name],
        ).fetchone()


def _first_seen(connection: Connection, candidate: Candidate, sha256: str) -> date | None:
    """The day on which these bytes were first seen under this name (contract §1)."""
    row = connection.execute(
        "select min(arrived_on) from ops.delivery where unit_code = %s and file_name = %s and sha256 = %s",
        [candidate.unit_code, candidate.file_name, sha256],
    ).fetchone()
    return row[0] if row else None


# The same bytes delivered again by the unit (contract §1).
_SAME_DELIVERY = ("sha256", "dataset", "export_date", "is_full", "part_no", "part_count")
_COUNTS_NOW = "counts and unit_code = %(unit_code)s and " + " and ".join(
    f"{name} = %({name})s" for name in _SAME_DELIVERY
)


def _twin(connection: Connection, delivery: Delivery) -> str | None:
    """The name under which the same bytes count now, as a delivery of the same dataset, date, full mark and part."""
    row = connection.execute(
        f"select file_name from ops.delivery where {_COUNTS_NOW}",  # noqa: S608 - a constant
        asdict(delivery),
    ).fetchone()
    return row[0] if row else None


def _give_way(connection: Connection, delivery: Delivery, twin: str) -> None:
    """Of equal deliveries the first by name counts, whichever came first: the result must not depend on that."""
    connection.execute(
        "update ops.delivery set status = 'duplicate', rows_read = 0, rows_accepted = 0, rows_rejected = 0,"  # noqa: S608
        " rows_skipped = 0, issue_count = 0, skipped_by_class = '{}', decisions = '{}'"
        f" where {_COUNTS_NOW} and file_name = %(twin)s",
        asdict(delivery) | {"twin": twin},
    )


def _load_rows(connection: Connection, delivery: Delivery, copy: Path, name: DeliveryName, loader: Loader) -> None:
    """Bring the rows of a delivery into landing and staging; none of them where it turns out to be quarantined."""
    table, faults = TABLES[name.dataset], 0
    with connection.transaction(), closing(Reading(copy, name, loader.limits, loader.pseudonym_key)) as reading:
        for batch in reading.landing():
            copy_frame(connection, f"landing.{table}", _of(delivery, batch.accepted))
            copy_frame(connection, "landing.rejected_row", _of(delivery, batch.rejected))
        for typed in reading.typed():
            copy_frame(connection, f"staging.{table}", _of(delivery, typed))
            faults += _count_faults(typed)
    for column, value in reading.account().items():
        setattr(delivery, column, value)
    delivery.issue_count = faults + delivery.rows_rejected
    delivery.status = "accepted_with_issues" if delivery.issue_count else "accepted"


def _of(delivery: Delivery, frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        pl.lit(delivery.unit_code).alias("unit_code"), pl.lit(delivery.delivery_no).alias("delivery_no"), pl.all()
    )


def _count_faults(typed: pl.DataFrame) -> int:
    """How many fired rules the file itself can mend."""
    codes = typed["rule_codes"].str.strip_chars("{}").str.split(",").explode()
    return int((~codes.filter(codes != "").is_in(list(NOT_THE_FILES_FAULT))).sum())


def _supersede(connection: Connection, delivery: Delivery, loader: Loader) -> None:
    """A re-delivery replaces the earlier delivery of its name entirely (contract §1).

    Where the replaced bytes were delivered under another name too, that duplicate counts from now on: the result must
    not depend on which of the two names was mended first.
    """
    replaced = connection.execute(
        "update ops.delivery set status = 'superseded' where unit_code = %s and file_name = %s"
        " and sha256 <> %s and status in ('accepted', 'accepted_with_issues', 'duplicate')"
        " returning delivery_no",
        [delivery.unit_code, delivery.file_name, delivery.sha256],
    ).fetchall()
    for (delivery_no,) in replaced:
        duplicate = _first_duplicate_of(connection, delivery.unit_code, delivery_no)
        if duplicate is not None:
            _promote(connection, duplicate, loader)


def _first_duplicate_of(connection: Connection, unit_code: str, delivery_no: int) -> Delivery | None:
    """The duplicate that takes the place of a superseded delivery, if nothing else of the same bytes counts."""
    same = f"unit_code, {', '.join(_SAME_DELIVERY)}"
    found = deliveries(
        connection,
        f"inner join ops.delivery as s using ({same})"
        " where s.unit_code = %(unit_code)s and s.delivery_no = %(delivery_no)s and d.status = 'duplicate'"
        f" and not exists (select from ops.delivery as c inner join ops.delivery as o using ({same}) where c.counts"
        " and o.unit_code = s.unit_code and o.delivery_no = s.delivery_no)"
        ' order by d.file_name collate "C" limit 1',
        {"unit_code": unit_code, "delivery_no": delivery_no},
    )
    return next(iter(found), None)


def deliveries(connection: Connection, which: LiteralString, values: dict[str, Any]) -> list[Delivery]:
    """Rows of ops.delivery as `d`, joined, filtered and ordered by `which`."""
    columns = sql.SQL(", ").join(sql.Identifier("d", column.name) for column in dataclass_fields(Delivery))
    with connection.cursor(row_factory=class_row(Delivery)) as cursor:
        statement = sql.SQL("select {} from ops.delivery as d {}").format(columns, sql.SQL(which))
        return cursor.execute(statement, values).fetchall()


def _promote(connection: Connection, delivery: Delivery, loader: Loader) -> None:
    """Load a duplicate that counts from now on."""
    name = parse_delivery_name(delivery.file_name)
    assert name is not None  # noqa: S101 - no duplicate has another
    # It may have counted before, and have given way: its rows are still there.
    for table in (f"landing.{TABLES[name.dataset]}", f"staging.{TABLES[name.dataset]}", "landing.rejected_row"):
        connection.execute(
            sql.SQL("delete from {} where unit_code = %s and delivery_no = %s").format(
                sql.Identifier(*table.split("."))
            ),
            [delivery.unit_code, delivery.delivery_no],
        )
    _load_rows(connection, delivery, kept_file(loader.raw_store, delivery.sha256), name, loader)
    rewrite(connection, delivery)


def rewrite(connection: Connection, delivery: Delivery) -> None:
    """Bring a delivery's row up to date."""
    row = _row(delivery)
    connection.execute(
        sql.SQL(
            "update ops.delivery set ({}) = row({}) where unit_code = %(unit_code)s and delivery_no = %(delivery_no)s"
        ).format(sql.SQL(", ").join(map(sql.Identifier, row)), sql.SQL(", ").join(map(sql.Placeholder, row))),
        row,
    )


def _row(delivery: Delivery) -> dict[str, Any]:
    return {column: Jsonb(value) if isinstance(value, dict) else value for column, value in asdict(delivery).items()}


def _record(connection: Connection, delivery: Delivery) -> None:
    row = _row(delivery)
    statement = sql.SQL("insert into ops.delivery ({}) values ({})").format(
        sql.SQL(", ").join(map(sql.Identifier, row)), sql.SQL(", ").join(map(sql.Placeholder, row))
    )
    connection.execute(statement, row)


def _remember(connection: Connection, candidate: Candidate, sha256: str, delivery_no: int) -> None:
    """What the file looked like, so that it is not read again until it changes."""
    connection.execute(
        "insert into ops.inbox_file (path, fingerprint, sha256, unit_code, delivery_no) values (%s, %s, %s, %s, %s)"
        " on conflict (path) do update set fingerprint = excluded.fingerprint, sha256 = excluded.sha256,"
        " unit_code = excluded.unit_code, delivery_no = excluded.delivery_no",
        [candidate.path, candidate.fingerprint, sha256, candidate.unit_code, delivery_no],
    )
