"""Pruning: the rows that no publication to be kept shows are deleted."""

from psycopg import sql

from sangkien.database import Connection, lock
from sangkien.settings import Keep
from sangkien.warehouse.publish import PUBLISH_LOCK, stamped_tables

# Never: the current publication and what came after it (a rollback can be taken back, the next candidate builds on the
# newest), and the official ones. A candidate that was never published is kept by no rule.
_PRUNABLE = """
with published as (
    select
        publication_id,
        row_number() over (order by publication_id desc) as age,
        row_number() over (partition by date_trunc('week', run.as_of) order by publication_id desc) as age_in_week,
        dense_rank() over (order by date_trunc('week', run.as_of) desc) as age_of_week
    from ops.publication inner join ops.run using (run_id)
    where state = 'published' and pruned_at is null
)
select p.publication_id
from ops.publication as p
left join published using (publication_id)
where
    p.pruned_at is null
    and p.state <> 'building'
    and p.official_as is null
    and p.publication_id < (select publication_id from ops.current_publication)
    and not coalesce(age <= %(newest)s or (age_in_week = 1 and age_of_week <= %(weeks)s), false)
order by p.publication_id
"""
_DELETE = """
delete from {} as pruned
where
    published_to < 2147483647
    and not exists (
        select from ops.publication as kept
        where
            kept.pruned_at is null
            and kept.publication_id >= pruned.published_from
            and kept.publication_id < pruned.published_to
    )
"""


def prunable(connection: Connection, keep: Keep) -> list[int]:
    """The publications that the policy does not keep."""
    return [number for (number,) in connection.execute(_PRUNABLE, keep.model_dump())]


def prune(connection: Connection, keep: Keep) -> tuple[list[int], dict[str, int]]:
    """Delete the rows that only publications show which the policy does not keep; what the others show is untouched.

    Args:
        connection: In a transaction; the caller commits.
        keep: The policy.

    Returns:
        The publications that cannot be shown any more, and for each mart that lost any, how many rows.
    """
    lock(connection, "sangkien:build")
    lock(connection, PUBLISH_LOCK)
    gone = prunable(connection, keep)
    connection.execute(
        "update ops.publication set pruned_at = clock_timestamp() where publication_id = any(%s)", [gone]
    )
    connection.execute("delete from intermediate.changed_initiative where publication_id = any(%s)", [gone])
    deleted = {}
    for table in stamped_tables(connection):
        rows = connection.execute(sql.SQL(_DELETE).format(sql.Identifier("warehouse", table))).rowcount
        if rows:
            deleted[table] = rows
    return gone, deleted
