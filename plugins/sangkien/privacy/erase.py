"""Erasing a person: in landing, in the keys of every layer, in raw files, inbox and receipts; the figures stay.

What is decided, and why, is in docs/decisions/0009-erasure.md. Files come first, the database after them: whoever is
killed in between is found again.
"""

import hashlib
import secrets
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb
from upath import UPath

from sangkien.contract.delivery_name import parse_delivery_name
from sangkien.contract.text import match_key
from sangkien.database import Connection, connect
from sangkien.intake.personal import masked_text
from sangkien.intake.raw_store import erase as erase_raw
from sangkien.intake.raw_store import kept_file, sha256_as_delivered
from sangkien.intake.typed import NAMES
from sangkien.privacy import requests
from sangkien.privacy.find import MENTIONED_IN, Found, find, mentions, place_of, without
from sangkien.privacy.rekey import hold_still, rekey_rows
from sangkien.privacy.rewrite import rewrite, text_of
from sangkien.receipts.write import write_receipts
from sangkien.settings import Settings
from sangkien.storage import is_here, write_whole

Changed = dict[str, str | None]
Rejected = tuple[dict[str, Any], Callable[[str], str]]
"""A row that was rejected, and what each of its cells becomes."""

# Without marks: it reads the same in every encoding that a unit may have used.
STAND_IN = "Da xoa"
_FREE_TEXTS = (*MENTIONED_IN, *NAMES)
_EMPTIED = ("member_card", "job_title", "workplace", "unknown_columns")
_SWEPT = (
    "landing.initiative", "landing.rejected_row", "staging.initiative", "intermediate.initiative_stretch",
    "intermediate.duplicate_stretch", "warehouse.fct_initiative_version", "warehouse.fct_author_phase",
    "restricted.person_request",
)  # fmt: skip


@dataclass
class Erased:
    """What was done, in numbers, and what is left for people to do.

    Attributes:
        counts: Rows, files and receipts.
        left_in_inbox: Files (unit and name) with the person that lie in an inbox which cannot be written from here.
    """

    counts: dict[str, int] = field(default_factory=dict)
    left_in_inbox: list[str] = field(default_factory=list)


def erase(dsn: str, settings: Settings, request_id: int, because: str, *, in_rows_of_others: bool = False) -> Erased:
    """Erase whom a request is about. Safe to be killed and repeated.

    Args:
        dsn: The warehouse, as its owner.
        settings: Of the installation: raw store, inbox, outbox, key.
        request_id: The request.
        because: Why, in words without personal data; kept.
        in_rows_of_others: Whether the name goes from others' rows of the same units too (co-authors, titles); a
            namesake's would go with it.

    Raises:
        UnknownRequestError: There is no such request, or it was answered.
        NotRewritableError: A raw file would read otherwise without the person; nothing was changed.
    """
    erased = Erased()
    with connect(dsn) as connection, tempfile.TemporaryDirectory() as folder:
        hold_still(connection)
        request = requests.read(connection, request_id)
        found = find(connection, request, settings.pseudonym_secret())
        person = _Person(match_key(request.author_name), f"{STAND_IN} {secrets.token_hex(8)}", found)
        rows = {place_of(row): (row, person.row(row)) for row in found.rows}
        rejected: list[Rejected] = [(row, person.cell) for row in found.rejected]
        if in_rows_of_others:
            rejected += [(row, person.mention) for row in found.rejected_mentions]
            rows |= {place_of(row): (row, person.mentions(row)) for row in found.mentions}
        files = _rewritten(settings, Path(folder), rows.values(), rejected)
        unread = _unread_files(connection, settings, person.key)
        for sha256, file in (files | dict.fromkeys(unread)).items():
            erased.left_in_inbox += _erase_in_inbox(connection, settings, sha256, file)
            erase_raw(settings.raw_store, sha256, file)
        _change_landing(connection, rows.values(), rejected)
        rekey_rows(connection, settings.pseudonym_secret(), list(rows))
        connection.execute(
            "update ops.delivery set receipt_status = null where sha256 = any(%s)",
            [[*files, *unread, *{row["sha256"] for row, _ in [*rows.values(), *rejected]}]],
        )
        erased.counts = found.counts() | {"files_rewritten": len(files), "files_removed": len(unread)}
        requests.answer(connection, request_id, "erased", because, erased.counts)
    _sweep(dsn)
    erased.counts["receipts_written"] = write_receipts(dsn, settings.outbox_folder).written
    return erased


class _Person:
    """What the cells of a person become."""

    def __init__(self, key: str, token: str, found: Found) -> None:
        self.key, self._token = key, token
        told = {row[name] for row in found.rows for name in ("member_card", "author_birth") if row[name]}
        self._signs = sorted((sign for sign in told if len(sign) >= 6), key=len, reverse=True)

    def mention(self, text: str) -> str:
        """Any text without the name, the card and the birth."""
        for sign in self._signs:
            text = text.replace(sign, STAND_IN)
        return without(text, self.key, self._token)

    def cell(self, text: str) -> str:
        """A text of the person's own: without phone numbers, e-mails and citizen ids too."""
        return masked_text(self.mention(text))

    def mentions(self, row: dict[str, Any]) -> Changed:
        """The free texts of a row of others, where they change."""
        return {name: new for name in MENTIONED_IN if (text := row[name]) and (new := self.mention(text)) != text}

    def row(self, row: dict[str, Any]) -> Changed:
        """What becomes of a row of the person's own; it is judged, and told in all counts, as before."""
        unknown = (row["unknown_value_fields"] or "").split(",")
        implausible = "1900" if "W06" in row["rule_codes"] else None
        return (
            {name: new for name in _FREE_TEXTS if (text := row[name]) and (new := self.cell(text)) != text}
            | {name: None for name in _EMPTIED if row[name]}
            | {
                "author_name": self._token,
                "author_birth": STAND_IN if "author_birth" in unknown else implausible,
                "author_gender": STAND_IN if "author_gender" in unknown else None,
            }
        )


def _rewritten(
    settings: Settings,
    folder: Path,
    rows: Iterable[tuple[dict[str, Any], Changed]],
    rejected: list[Rejected],
) -> dict[str, Path]:
    """The raw files without the person, by the sha256 that they were delivered with, as far as they are kept."""
    changes: dict[str, dict[int, Changed | Callable[[str], str]]] = defaultdict(dict)
    names = {}
    for row, changed in rows:
        names[row["sha256"]] = row["file_name"]
        changes[row["sha256"]][row["line_number"]] = changed
    for row, instead in rejected:
        names[row["sha256"]] = row["file_name"]
        changes[row["sha256"]][row["line_number"]] = instead
    files = {}
    for sha256, lines in changes.items():
        raw, name = kept_file(settings.raw_store, sha256), parse_delivery_name(names[sha256])
        if raw.exists() and name is not None:
            files[sha256] = rewrite(raw, name, settings.limits, lines, folder)
    return files


def _unread_files(connection: Connection, settings: Settings, key: str) -> list[str]:
    """Raw files of which no row was ever loaded, and that name the person: no count is of them, and they go whole."""
    unread = connection.execute(
        "select distinct sha256 from ops.delivery as d where status = 'quarantined' and sha256 <> '' and not exists"
        " (select from ops.delivery as o where o.sha256 = d.sha256 and o.status <> 'quarantined')"
    )
    found = []
    for (sha256,) in unread:
        raw = kept_file(settings.raw_store, sha256)
        if raw.exists() and any(mentions(text, key) for text in text_of(raw, settings.limits)):
            found.append(sha256)
    return found


def _erase_in_inbox(connection: Connection, settings: Settings, sha256: str, file: Path | None) -> list[str]:
    """Put the file without the person where the unit's lies. Returns those that cannot be written."""
    left = []
    for (path,) in connection.execute("select path from ops.inbox_file where sha256 = %s", [sha256]).fetchall():
        if not is_here(settings.inbox_folder):
            left.append(path)
            continue
        place = Path(settings.inbox_folder.path) / path
        try:
            if sha256_as_delivered(settings.raw_store, hashlib.sha256(place.read_bytes()).hexdigest()) != sha256:
                continue  # the unit has put another one there: the next night takes that
            if file is None:
                place.unlink()
            else:
                write_whole(UPath(place.parent), place.name, file.read_bytes())
        except FileNotFoundError:
            continue
        except OSError:
            left.append(path)
    return left


def _change_landing(
    connection: Connection,
    rows: Iterable[tuple[dict[str, Any], Changed]],
    rejected: list[Rejected],
) -> None:
    for row, changed in rows:
        if changed:
            columns = sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in changed)
            connection.execute(
                sql.SQL(
                    "update landing.initiative set {} where unit_code = %s and delivery_no = %s and line_number = %s"
                ).format(columns),
                [*changed.values(), *place_of(row)],
            )
    for row, instead in rejected:
        cells = {name: instead(cell) if cell else cell for name, cell in row["cells"].items()}
        connection.execute(
            "update landing.rejected_row set cells = %s where unit_code = %s and delivery_no = %s and line_number = %s",
            [Jsonb(cells), *place_of(row)],
        )


def _sweep(dsn: str) -> None:
    """Let PostgreSQL give the room of the old rows free: what stood in them can be read from its files until then."""
    with connect(dsn, autocommit=True) as connection:
        for table in _SWEPT:
            if connection.execute("select to_regclass(%s)", [table]).fetchone() != (None,):
                connection.execute(sql.SQL("vacuum {}").format(sql.Identifier(*table.split("."))))
