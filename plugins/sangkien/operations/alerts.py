"""Alerts: the morning's findings as one message, in which no cause is told twice (ops.alert, ops.alert_told)."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from psycopg.rows import dict_row
from rich.table import Table

from sangkien.database import Connection, connect, lock, migrate
from sangkien.operations.findings import HEADINGS, find

MOST_LISTED = 20

_UNTOLD = """
select alert_id, kind, cause, said from ops.alert
where closed_at is null and not exists (
    select from ops.alert_told as told where told.alert_id = alert.alert_id and told.channel = %(channel)s
)
order by kind, said, alert_id
"""
_OPEN = """
select kind, said, opened_at, (
    select string_agg(channel, ', ' order by channel) from ops.alert_told as told where told.alert_id = alert.alert_id
) as told_by
from ops.alert where closed_at is null order by opened_at, kind, said
"""


@dataclass(frozen=True)
class Message:
    """What one channel has not told yet; `standing`: how many causes still hold that it has."""

    alerts: Sequence[dict[str, Any]]
    standing: int

    @property
    def subject(self) -> str:
        """One line: how many of what."""
        counted = [f"{len(rows)} {kind}" for kind, rows in self._by_kind().items()]
        return f"Sáng kiến: {', '.join(counted)}"

    @property
    def text(self) -> str:
        """The message as plain text."""
        parts = [f"{HEADINGS[kind]} ({len(rows)}):\n{_listed(rows)}" for kind, rows in self._by_kind().items()]
        if self.standing:
            parts.append(f"Told before, and still so: {self.standing} (`sangkien alerts`).")
        return "\n\n".join([*parts, "What to do about each: docs/runbook.md"])

    @property
    def html(self) -> str:
        """The message for an e-mail. File names are the units': nothing in them is markup."""
        return f"<pre>{escape(self.text)}</pre>"

    @property
    def identity(self) -> str:
        """The same for the same alerts, so that a mail server may know one that was sent by a killed task."""
        return hashlib.sha256(",".join(str(alert["alert_id"]) for alert in self.alerts).encode()).hexdigest()[:32]

    def document(self) -> dict[str, Any]:
        """The message for a program; `text` is what chat services show."""
        told = [{name: alert[name] for name in ("kind", "cause", "said")} for alert in self.alerts]
        return {"subject": self.subject, "text": f"{self.subject}\n\n{self.text}", "alerts": told}

    def _by_kind(self) -> dict[str, list[dict[str, Any]]]:
        grouped = {kind: [alert for alert in self.alerts if alert["kind"] == kind] for kind in HEADINGS}
        return {kind: rows for kind, rows in grouped.items() if rows}


def take_stock(dsn: str, day: date) -> int:
    """Open an alert for each new cause, and close those whose cause is gone. Returns how many are open."""
    migrate(dsn)
    findings = find(dsn, day)
    with connect(dsn) as connection:
        lock(connection, "sangkien:alerts")
        connection.execute(
            "update ops.alert set closed_at = clock_timestamp() where closed_at is null and not cause = any(%s)",
            [[finding.cause for finding in findings]],
        )
        connection.cursor().executemany(
            "insert into ops.alert (cause, kind, said) values (%(cause)s, %(kind)s, %(said)s)"
            " on conflict (cause) where closed_at is null do nothing",
            [vars(finding) for finding in findings],
        )
    return len(findings)


def tell(dsn: str, channel: str, send: Callable[[Message], None]) -> bool:
    """Tell through a channel what it has not told yet, all in one message.

    What was sent is recorded when it is sent: a task that is killed between the two sends it again, under the same
    identity; one that could not send tells it all the next time.

    Args:
        dsn: The warehouse.
        channel: Its name.
        send: Sends the message, or raises.

    Returns:
        Whether there was anything to tell.
    """
    with connect(dsn) as connection:
        lock(connection, f"sangkien:tell:{channel}")
        alerts = _rows(connection, _UNTOLD, channel=channel)
        if not alerts:
            return False
        (counted,) = _rows(connection, "select count(*) as n from ops.alert where closed_at is null")
        send(Message(alerts, counted["n"] - len(alerts)))
        connection.cursor().executemany(
            "insert into ops.alert_told (alert_id, channel) values (%s, %s)",
            [(alert["alert_id"], channel) for alert in alerts],
        )
        return True


def open_alerts(dsn: str) -> Table:
    """What needs a person, since when, and through which channels that was told."""
    table = Table("what", "which", "since", "told by", title="What needs a person")
    with connect(dsn) as connection:
        for row in _rows(connection, _OPEN):
            since = f"{row['opened_at']:%Y-%m-%d %H:%M}"
            table.add_row(HEADINGS[row["kind"]], row["said"], since, row["told_by"] or "nobody yet")
    return table


def _listed(rows: list[dict[str, Any]]) -> str:
    lines = [f"- {row['said']}" for row in rows[:MOST_LISTED]]
    if len(rows) > MOST_LISTED:
        lines.append(f"- and {len(rows) - MOST_LISTED} more (`sangkien alerts`)")
    return "\n".join(lines)


def _rows(connection: Connection, query: str, **values: Any) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, values).fetchall()
