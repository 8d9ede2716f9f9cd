"""Load: files become deliveries, each with one status, and their rows, as delivered and typed (contract §1, §3)."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from sangkien.contract.delivery_name import DeliveryName, parse_delivery_name
from sangkien.contract.fields import TABLES
from sangkien.database import Connection, connect, lock
from sangkien.intake.admit import admit
from sangkien.intake.batch import Batch
from sangkien.intake.delivery import (
    Delivery,
    as_row,
    deliveries,
    first_seen,
    last_of_name,
    next_delivery_no,
    record,
    remember,
    rewrite,
)
from sangkien.intake.discover import Candidate
from sangkien.intake.inbox import ChangingFileError, Inbox
from sangkien.intake.quarantine import QuarantineError
from sangkien.intake.raw_store import keep, kept_file
from sangkien.settings import Limits

log = logging.getLogger(__name__)

# What is loaded in one transaction.
TOGETHER_BYTES, TOGETHER_FILES = 2**25, 100
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

    def batch(self) -> Batch:
        """A batch to load into."""
        return Batch(self.limits, self.pseudonym_key)


@dataclass
class LoadResult:
    """What became of the files of a shard."""

    files: Counter[str] = field(default_factory=Counter)
    rows_read: int = 0
    bytes: int = 0

    def add(self, other: "LoadResult") -> None:
        """Take in the result of another shard."""
        self.files.update(other.files)
        self.rows_read += other.rows_read
        self.bytes += other.bytes


def load(candidates: Iterable[Candidate], loader: Loader) -> Iterator[tuple[Candidate, str, int]]:
    """Load files one after the other; safe to be killed, repeated, or run twice at once.

    Small files of a unit that follow each other are loaded in one transaction. If that fails, each of them is loaded
    in its own, so that the file at fault is found, and only that.

    Yields:
        Each file with what became of it (a status, or `unchanged`, `still_changing`, `vanished`) and the rows read from
        it.
    """
    with connect(loader.dsn) as connection:
        for files in transactions(candidates):
            try:
                outcomes = _load_together(connection, files, loader)
            except Exception as error:
                if connection.broken:
                    raise
                connection.rollback()
                # No message and no traceback: they may quote cells.
                log.warning("%s among %d files of %s: each alone", type(error).__name__, len(files), files[0].unit_code)
                for file in files:
                    outcome = _load_file(connection, file, loader)
                    connection.commit()
                    yield _told(file, outcome)
            else:
                connection.commit()
                yield from map(_told, files, outcomes)


def load_shard(candidates: Iterable[Candidate], loader: Loader) -> LoadResult:
    """Load a shard of files to its end."""
    result = LoadResult()
    for candidate, outcome, rows in load(candidates, loader):
        result.add(LoadResult(Counter([outcome]), rows, candidate.size_bytes))
    return result


def transactions(candidates: Iterable[Candidate]) -> Iterator[list[Candidate]]:
    """What is loaded in one transaction each: files of one unit that follow each other, whose rows fit into memory."""
    group: list[Candidate] = []
    for candidate in candidates:
        is_full = sum(file.size_bytes for file in group) + candidate.size_bytes > TOGETHER_BYTES
        if group and (is_full or len(group) == TOGETHER_FILES or group[0].unit_code != candidate.unit_code):
            yield group
            group = []
        group.append(candidate)
    if group:
        yield group


def _told(candidate: Candidate, outcome: Delivery | str) -> tuple[Candidate, str, int]:
    if isinstance(outcome, Delivery):
        return candidate, outcome.status, outcome.rows_read
    return candidate, outcome, 0


def _load_together(connection: Connection, files: list[Candidate], loader: Loader) -> list[Delivery | str]:
    with closing(loader.batch()) as batch:
        outcomes = [_load_file(connection, file, loader, batch) for file in files]
        for delivery in batch.type_rows(connection):
            # What a later file of them has replaced stays replaced.
            connection.execute(
                "update ops.delivery set decisions = %(decisions)s, issue_count = %(issue_count)s,"
                " status = case status when 'accepted' then %(status)s else status end"
                " where unit_code = %(unit_code)s and delivery_no = %(delivery_no)s and status <> 'duplicate'",
                as_row(delivery),
            )
    return outcomes


def _load_file(
    connection: Connection, candidate: Candidate, loader: Loader, together: Batch | None = None
) -> Delivery | str:
    """Make a delivery of a file; a word instead, if it is none."""
    if not candidate.is_regular or candidate.trouble == "name_not_utf8":
        sha256, copy = "", Path()
    else:
        try:
            sha256, copy = keep(loader.inbox, candidate.path, loader.raw_store)
        except ChangingFileError:
            return "still_changing"
        except FileNotFoundError:
            return "vanished"
        except (PermissionError, IsADirectoryError) as error:
            log.error("%s: a file of %s is left for another night", type(error).__name__, candidate.unit_code)
            return "not_readable"
    lock(connection, f"sangkien:load:{candidate.unit_code}")
    last = last_of_name(connection, candidate)
    if last is not None and last["sha256"] == sha256:
        remember(connection, candidate, sha256, last["delivery_no"])
        return "unchanged"
    arrived_on = first_seen(connection, candidate, sha256) or loader.arrived_on
    delivery = Delivery(
        candidate.unit_code, candidate.file_name, sha256, candidate.size_bytes, arrived_on, loader.run_id
    )
    delivery.delivery_no = next_delivery_no(connection, delivery.unit_code)
    bring_to_status(connection, delivery, candidate.trouble, copy, loader, together)
    record(connection, delivery)
    remember(connection, candidate, delivery.sha256, delivery.delivery_no)
    return delivery


def bring_to_status(
    connection: Connection,
    delivery: Delivery,
    trouble: str | None,
    copy: Path,
    loader: Loader,
    together: Batch | None = None,
) -> None:
    """Load a delivery's rows, or find out why not; what it replaces is marked, itself it is not recorded yet.

    Args:
        connection: In a transaction that holds the unit's lock.
        delivery: Gets its status and counts.
        trouble: The reason to quarantine it that its place in the inbox gives.
        copy: Its bytes.
        loader: What loading needs to know.
        together: The batch in which its rows are typed later; none: they are typed at once.
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
            _load_rows(connection, delivery, copy, name, loader, together)
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


def _load_rows(
    connection: Connection, delivery: Delivery, copy: Path, name: DeliveryName, loader: Loader, together: Batch | None
) -> None:
    """Bring the rows of a delivery into landing and staging; none of them where it turns out to be quarantined."""
    with connection.transaction():
        if together is not None:
            together.land(connection, delivery, copy, name)
            return
        with closing(loader.batch()) as alone:
            alone.land(connection, delivery, copy, name)
            alone.type_rows(connection)


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
    _load_rows(connection, delivery, kept_file(loader.raw_store, delivery.sha256), name, loader, None)
    rewrite(connection, delivery)
