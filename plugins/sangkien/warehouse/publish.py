"""Publications: the candidate of a night, and the one row that says what readers see."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from sangkien.contract.lists import phases
from sangkien.database import Connection, lock

PUBLISH_LOCK = "sangkien:publish"


@dataclass(frozen=True)
class Candidate:
    """The publication that a night is making.

    Attributes:
        publication_id: Its number.
        revision: How many times the judge has added to it.
        base: The last publication before it whose marts were built to the end; 0: none.
        current: The publication that readers see; 0: none.
        horizon: The last day that it tells.
        state: How far it is: building, built, refused or published.
        rule_set: The rule set that it was judged under.
        refused_because: Why a person does not want it; none: nobody has said so.
    """

    publication_id: int
    revision: int
    base: int
    current: int
    horizon: date
    state: str
    rule_set: str
    refused_because: str | None


class UnknownPublicationError(Exception):
    """There is no such publication to show."""


def is_needed(connection: Connection, as_of: date, rule_set: str) -> bool:
    """Whether there is something to judge and build under the rule set in force.

    That is: deliveries, days, what a killed run has left, or deliveries that only a rejudged candidate has.
    """
    row = connection.execute(
        "select exists (select from ops.publication where state = 'building')"
        " or (select max(horizon) from ops.publication) < %s"
        " or exists (select from ops.delivery as d inner join ops.publication as p on d.judged_in = p.publication_id"
        "  where p.state in ('built', 'refused') and p.rule_set <> %s"
        "  and p.publication_id = (select max(publication_id) from ops.publication))",
        [_horizon(connection, as_of), rule_set],
    ).fetchone()
    return deliveries_wait(connection) or (row is not None and bool(row[0]))


def deliveries_wait(connection: Connection) -> bool:
    """Whether there are deliveries that the judge has not taken."""
    row = connection.execute(
        "select exists (select from ops.delivery where judged_status is distinct from status)"
    ).fetchone()
    return row is not None and bool(row[0])


def open_candidate(connection: Connection, run_id: str, as_of: date, rule_set: str) -> Candidate:
    """The candidate that is being made: a new one, or the one that is still being built, with a new revision."""
    lock(connection, PUBLISH_LOCK)
    horizon = _horizon(connection, as_of)
    connection.execute(
        "insert into ops.publication (publication_id, run_id, state, horizon, rule_set)"
        " select coalesce(max(publication_id), 0) + 1, %s, 'building', %s, %s from ops.publication"
        " having not coalesce(bool_or(state = 'building'), false)",
        [run_id, horizon, rule_set],
    )
    connection.execute(
        "update ops.publication set run_id = %s, horizon = %s, rule_set = %s, revision = revision + 1"
        " where state = 'building'",
        [run_id, horizon, rule_set],
    )
    candidate = newest(connection, "building")
    assert candidate is not None  # noqa: S101 - it was made above
    return candidate


def newest(connection: Connection, *states: str) -> Candidate | None:
    """The newest publication, where it is in one of these states; none given: in any."""
    with connection.cursor(row_factory=class_row(Candidate)) as cursor:
        return cursor.execute(
            "select p.publication_id, p.revision, p.horizon, p.state, p.rule_set, p.refused_because,"
            " (select coalesce(max(b.publication_id), 0) from ops.publication as b"
            "  where b.state <> 'building' and b.publication_id < p.publication_id) as base,"
            " coalesce((select publication_id from ops.current_publication), 0) as current"
            " from ops.publication as p"
            " where p.publication_id = (select max(publication_id) from ops.publication)"
            " and (p.state = any(%(states)s) or %(states)s = '{}')",
            {"states": list(states)},
        ).fetchone()


def mark_built(connection: Connection, candidate: Candidate) -> bool:
    """Record that the candidate's marts are built, with what it changed; not if the judge has added to it meanwhile."""
    row = connection.execute(
        "update ops.publication set state = 'built', summary = summary || %s"
        " where publication_id = %s and state = 'building' and revision = %s returning 1",
        [
            Jsonb({"changes": changes(connection, candidate.publication_id)}),
            candidate.publication_id,
            candidate.revision,
        ],
    )
    return row.fetchone() is not None


def changes(connection: Connection, publication: int) -> dict[str, dict[str, int]]:
    """How many rows a publication brought into each mart (`came`) and took out of it (`went`); marts that changed."""
    counted = {}
    for table in stamped_tables(connection):
        query = sql.SQL(
            "select (select count(*) from {table} where published_from = {n}) as came,"
            " (select count(*) from {table} where published_to = {n}) as went"
        ).format(table=sql.Identifier("warehouse", table), n=publication)  # a literal: partial indexes serve it
        came, went = connection.execute(query).fetchone() or (0, 0)
        if came or went:
            counted[table] = {"came": int(came), "went": int(went)}
    return counted


def stamped_tables(connection: Connection) -> list[str]:
    """The tables in `warehouse` whose rows are stamped with publications."""
    found = connection.execute(
        "select table_name from information_schema.columns"
        " where table_schema = 'warehouse' and column_name = 'published_to' order by table_name"
    )
    return [name for (name,) in found]


def mark_gated(connection: Connection, publication: int, *, passed: bool, summary: dict[str, Any]) -> None:
    """Record what the gate said of a candidate."""
    connection.execute(
        "update ops.publication set state = %s, summary = summary || %s"
        " where publication_id = %s and state in ('built', 'refused')",
        ["built" if passed else "refused", Jsonb(summary), publication],
    )


def publish(connection: Connection, publication: int) -> bool:
    """Let readers see a candidate: all of it, from one moment to the next.

    Returns:
        Whether it was published now: not if it was before, if a newer one was, or if it was judged under another rule
        set than the last one and nobody has approved that.
    """
    lock(connection, PUBLISH_LOCK)
    row = connection.execute(
        "update ops.publication as p set state = 'published', published_at = clock_timestamp()"
        " where publication_id = %(publication)s and state in ('built', 'refused') and not exists"
        " (select from ops.publication where state = 'published' and publication_id > %(publication)s)"
        " and (approved_because is not null or rule_set = coalesce((select l.rule_set from ops.publication as l"
        "  where l.state = 'published' order by l.publication_id desc limit 1), rule_set)) returning 1",
        {"publication": publication},
    ).fetchone()
    if row is not None:
        _point_to(connection, publication)
    return row is not None


def approve(connection: Connection, publication: int, because: str) -> None:
    """Publish on a person's word what the gate has refused, or what was judged under another rule set.

    Raises:
        UnknownPublicationError: It is not the newest one, or not one that waits; but approving twice does no harm.
    """
    done = connection.execute(
        "select from ops.publication where publication_id = %s and state = 'published' and approved_because = %s",
        [publication, because],
    ).fetchone()
    if done is not None:
        return
    _decide(connection, publication, "approved_because", because)
    publish(connection, publication)


def refuse(connection: Connection, publication: int, because: str) -> None:
    """Keep, with the reason, that a person does not want a candidate. What it judged is judged back by the next night.

    Raises:
        UnknownPublicationError: It is not the newest one, or not one that waits.
    """
    _decide(connection, publication, "refused_because", because)
    connection.execute("update ops.publication set state = 'refused' where publication_id = %s", [publication])


def _decide(connection: Connection, publication: int, column: str, because: str) -> None:
    lock(connection, PUBLISH_LOCK)
    row = connection.execute(
        sql.SQL(
            "update ops.publication set {} = %s where publication_id = %s and state in ('built', 'refused')"
            " and publication_id = (select max(publication_id) from ops.publication) returning 1"
        ).format(sql.Identifier(column)),
        [because, publication],
    ).fetchone()
    if row is None:
        raise UnknownPublicationError(
            f"publication {publication} waits for nobody's word: it is published, still being built, unknown, or there"
            " is a later one (`sangkien publications`)"
        )


def rollback(connection: Connection, publication: int | None) -> int:
    """Let readers see an earlier publication again; the next refresh goes on from the newest.

    Args:
        connection: In a transaction; the caller commits.
        publication: Which; none: the one published before the current one.

    Returns:
        The publication that is shown now.

    Raises:
        UnknownPublicationError: It was never published, or was pruned.
    """
    lock(connection, PUBLISH_LOCK)
    row = connection.execute(
        "select max(publication_id) from ops.publication where state = 'published' and pruned_at is null and"
        " case when %(publication)s::integer is null"
        " then publication_id < (select publication_id from ops.current_publication)"
        " else publication_id = %(publication)s::integer end",
        {"publication": publication},
    ).fetchone()
    if row is None or row[0] is None:
        raise UnknownPublicationError(
            "nothing was published before the current publication"
            if publication is None
            else f"publication {publication} was never published, or was pruned: see `sangkien publications`"
        )
    _point_to(connection, row[0])
    return int(row[0])


def mark_official(connection: Connection, publication: int, told_as: str) -> None:
    """Keep a publication for good: its figures were told outside the house.

    Args:
        connection: In a transaction; the caller commits.
        publication: Which.
        told_as: What it was told as, for people: "Bulletin of week 35".

    Raises:
        UnknownPublicationError: It was never published, or was pruned.
    """
    row = connection.execute(
        "update ops.publication set official_as = %s"
        " where publication_id = %s and state = 'published' and pruned_at is null returning 1",
        [told_as, publication],
    ).fetchone()
    if row is None:
        raise UnknownPublicationError(f"publication {publication} was never published, or was pruned")


def _point_to(connection: Connection, publication: int) -> None:
    connection.execute(
        "insert into ops.current_publication (publication_id) values (%s)"
        " on conflict (only_row) do update set publication_id = excluded.publication_id",
        [publication],
    )


def _horizon(connection: Connection, as_of: date) -> date:
    """The last day to tell: the logical date, at most the programme's end; not before the last export or told day."""
    row = connection.execute(
        "select greatest((select max(horizon) from ops.publication),"
        " (select max(export_date) from ops.delivery where counts), least(%(as_of)s, %(end)s))",
        {"as_of": as_of, "end": phases()[-1].upload_to},
    ).fetchone()
    horizon: date = row[0] if row else as_of
    return horizon
