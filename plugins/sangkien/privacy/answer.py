"""Answering a person: the steps that the command line and the DAG `erase_person` both take."""

import os
from pathlib import Path

from sangkien.database import connect, migrate
from sangkien.pipeline import Night, begin, end, new_run_id, night_of, stage_of, today
from sangkien.privacy import requests
from sangkien.privacy.erase import Erased
from sangkien.privacy.erase import erase as erase_everywhere
from sangkien.privacy.find import as_document, find
from sangkien.privacy.rekey import check_key
from sangkien.privacy.requests import PersonRequest


class UncertainRequestError(Exception):
    """A name alone does not say who it is."""


def open_request(asked: PersonRequest) -> tuple[int, dict[str, int]]:
    """Keep a request, and look for the person.

    Returns:
        The request's number, and what was found, in numbers.

    Raises:
        UncertainRequestError: It says no more than a name.
    """
    if not asked.is_certain:
        raise UncertainRequestError("many bear one name: give --birth, --card or --initiative too")
    night = _warehouse()
    with connect(night.dsn) as connection:
        number = requests.keep(connection, asked)
    return number, look(night, number)


def look(night: Night, number: int) -> dict[str, int]:
    """What the warehouse holds of whom a request is about, in numbers.

    Raises:
        UnknownRequestError: There is no such request, or it was answered.
    """
    with connect(night.dsn) as connection:
        return find(connection, requests.read(connection, number), night.settings.pseudonym_secret()).counts()


def told(number: int, *, mentions: bool) -> str:
    """What erasing would do, for whoever has to approve it: Markdown, in numbers.

    Raises:
        UnknownRequestError: There is no such request, or it was answered.
    """
    counts = look(_warehouse(), number)
    lines = [f"- {what.replace('_', ' ')}: {count}" for what, count in counts.items()]
    others = "are changed too" if mentions else "stay as they are"
    return "\n".join([f"Request {number}.", "", *lines, "", f"Mentions in rows of others {others}."])


def export_person(number: int, out: Path) -> dict[str, int]:
    """Write what the warehouse holds of a person, readable by the caller alone.

    Raises:
        UnknownRequestError: There is no such request, or it was answered.
        FileExistsError: The file is there already.
    """
    night = _warehouse()
    with connect(night.dsn) as connection:
        found = find(connection, requests.read(connection, number), night.settings.pseudonym_secret())
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(as_document(found))
    return found.counts()


def erase_person(number: int, because: str, *, mentions: bool = False) -> Erased:
    """Erase whom a request is about (see `erase.erase`), as a run of its own.

    Raises:
        UnknownRequestError: There is no such request, or it was answered.
        NotRewritableError: A raw file would read otherwise without the person; nothing was changed.
    """
    night = night_of(new_run_id("erase"), today())
    begin(night)
    try:
        with stage_of(night, "erase") as detail:
            erased = erase_everywhere(night.dsn, night.settings, number, because, in_rows_of_others=mentions)
            detail.update(request=number, **erased.counts, left_in_inbox=len(erased.left_in_inbox))
            return erased
    finally:
        end(night)


def close_request(number: int, because: str) -> None:
    """Close a request without erasing, and forget whom it was about.

    Raises:
        UnknownRequestError: There is no such request, or it was answered.
    """
    with connect(_warehouse().dsn) as connection:
        requests.read(connection, number)
        requests.answer(connection, number, "closed", because, {})


def _warehouse() -> Night:
    """The warehouse, up to date, of which the key at hand is the one."""
    night = night_of("", today())
    migrate(night.dsn)
    with connect(night.dsn) as connection:
        check_key(connection, night.settings.pseudonym_secret())
    return night
