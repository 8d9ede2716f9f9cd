"""Deliveries: the rows of ops.delivery, one for each file and each change of its bytes (contract §1)."""

from dataclasses import asdict, dataclass, field
from dataclasses import fields as dataclass_fields
from datetime import date
from typing import Any, LiteralString

from psycopg import sql
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from sangkien.contract.fields import Dataset
from sangkien.database import Connection
from sangkien.intake.discover import Candidate


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


def next_delivery_no(connection: Connection, unit_code: str) -> int:
    """The number of the unit's next delivery."""
    row = connection.execute(
        "select coalesce(max(delivery_no), 0) + 1 from ops.delivery where unit_code = %s", [unit_code]
    ).fetchone()
    return row[0] if row else 1


def last_of_name(connection: Connection, candidate: Candidate) -> dict[str, Any] | None:
    """The number and the bytes of the last delivery of a file's name."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select delivery_no, sha256 from ops.delivery where unit_code = %s and file_name = %s"
            " order by delivery_no desc limit 1",
            [candidate.unit_code, candidate.file_name],
        ).fetchone()


def first_seen(connection: Connection, candidate: Candidate, sha256: str) -> date | None:
    """The day on which these bytes were first seen under this name (contract §1)."""
    row = connection.execute(
        "select min(arrived_on) from ops.delivery where unit_code = %s and file_name = %s and sha256 = %s",
        [candidate.unit_code, candidate.file_name, sha256],
    ).fetchone()
    return row[0] if row else None


def deliveries(connection: Connection, which: LiteralString, values: dict[str, Any]) -> list[Delivery]:
    """Rows of ops.delivery as `d`, joined, filtered and ordered by `which`."""
    columns = sql.SQL(", ").join(sql.Identifier("d", column.name) for column in dataclass_fields(Delivery))
    with connection.cursor(row_factory=class_row(Delivery)) as cursor:
        statement = sql.SQL("select {} from ops.delivery as d {}").format(columns, sql.SQL(which))
        return cursor.execute(statement, values).fetchall()


def rewrite(connection: Connection, delivery: Delivery) -> None:
    """Bring a delivery's row up to date."""
    row = as_row(delivery)
    connection.execute(
        sql.SQL(
            "update ops.delivery set ({}) = row({}) where unit_code = %(unit_code)s and delivery_no = %(delivery_no)s"
        ).format(sql.SQL(", ").join(map(sql.Identifier, row)), sql.SQL(", ").join(map(sql.Placeholder, row))),
        row,
    )


def as_row(delivery: Delivery) -> dict[str, Any]:
    """A delivery as parameters of a statement."""
    return {column: Jsonb(value) if isinstance(value, dict) else value for column, value in asdict(delivery).items()}


def record(connection: Connection, delivery: Delivery) -> None:
    """Add a delivery's row."""
    row = as_row(delivery)
    statement = sql.SQL("insert into ops.delivery ({}) values ({})").format(
        sql.SQL(", ").join(map(sql.Identifier, row)), sql.SQL(", ").join(map(sql.Placeholder, row))
    )
    connection.execute(statement, row)


def remember(connection: Connection, candidate: Candidate, sha256: str, delivery_no: int) -> None:
    """Remember what a file of the inbox looked like, so that it is not read again until it changes."""
    connection.execute(
        "insert into ops.inbox_file (path, fingerprint, sha256, unit_code, delivery_no) values (%s, %s, %s, %s, %s)"
        " on conflict (path) do update set fingerprint = excluded.fingerprint, sha256 = excluded.sha256,"
        " unit_code = excluded.unit_code, delivery_no = excluded.delivery_no",
        [candidate.path, candidate.fingerprint, sha256, candidate.unit_code, delivery_no],
    )
