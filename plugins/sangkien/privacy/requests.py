"""What a person has asked for: kept in `restricted` until it is answered, then without anything personal as the log."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from sangkien.database import Connection


class UnknownRequestError(Exception):
    """There is no such request, or it was answered."""


@dataclass(frozen=True)
class PersonRequest:
    """Whom somebody asks about.

    Attributes:
        author_name: The name; compared by `match_key`.
        author_birth: The date of birth.
        member_card: The number of the union card.
        unit_code: With `initiative_code`: an initiative that is the person's.
        initiative_code: See `unit_code`.
    """

    author_name: str
    author_birth: date | None = None
    member_card: str | None = None
    unit_code: str | None = None
    initiative_code: str | None = None

    @property
    def is_certain(self) -> bool:
        """Whether it says more than a name, which many share."""
        return bool(self.author_birth or self.member_card or (self.unit_code and self.initiative_code))


def keep(connection: Connection, request: PersonRequest) -> int:
    """Keep a request. Returns its number; the caller commits."""
    row = connection.execute(
        "insert into restricted.person_request (author_name, author_birth, member_card, unit_code, initiative_code)"
        " values (%(author_name)s, %(author_birth)s, %(member_card)s, %(unit_code)s, %(initiative_code)s)"
        " returning request_id",
        vars(request),
    ).fetchone()
    assert row is not None  # noqa: S101 - the insert returns it
    return int(row[0])


def read(connection: Connection, request_id: int) -> PersonRequest:
    """A request that waits for its answer.

    Raises:
        UnknownRequestError: There is none of this number, or it was answered.
    """
    with connection.cursor(row_factory=class_row(PersonRequest)) as cursor:
        request = cursor.execute(
            "select author_name, author_birth, member_card, unit_code, initiative_code from restricted.person_request"
            " where request_id = %s and answer is null",
            [request_id],
        ).fetchone()
    if request is None:
        raise UnknownRequestError(f"request {request_id} is unknown, or was answered")
    return request


def answer(connection: Connection, request_id: int, said: str, because: str, counted: dict[str, Any]) -> None:
    """Record how a request was answered, and forget whom it was about; the caller commits.

    Args:
        connection: In a transaction.
        request_id: Which.
        said: `erased` or `closed`.
        because: Why, in words without personal data.
        counted: What was done, in numbers.
    """
    connection.execute(
        "update restricted.person_request set answered_at = clock_timestamp(), answer = %s, because = %s, counted = %s,"
        " author_name = null, author_birth = null, member_card = null, unit_code = null, initiative_code = null"
        " where request_id = %s",
        [said, because, Jsonb(counted), request_id],
    )
