"""What needs a person this morning: findings, each with a cause that is the same as long as nothing has changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from psycopg.rows import dict_row

from sangkien.database import connect
from sangkien.warehouse.status import Status, read_status

# In the order in which they are told.
HEADINGS = {
    "deadline": "No publication of this night",
    "failed": "The last night failed",
    "refused": "The gate refused the figures; readers see the old ones",
    "waits": "A person's word is waited for",
    "warning": "The gate warns",
    "quarantined": "Files quarantined",
    "late": "Units late against their own rhythm",
    "slow": "Stages that took longer than usual",
}
SLOW_TIMES, SLOW_SECONDS, USUAL_NIGHTS, LEAST_NIGHTS = 2, 60, 30, 5

_ENDED_WELL = """
select exists (
    select from ops.run
    where kind = 'refresh' and as_of >= %(day)s and (
        outcome in ('published', 'nothing_new') or exists (  -- on a person's word, after the run had ended
            select from ops.publication where publication.run_id = run.run_id and state = 'published'
        )
    )
) as ended_well
"""
# The last night's stages beside the median of the nights before it; one that found nothing new says nothing of either.
_SLOW = """
with night as (
    select run_id, row_number() over (order by started_at desc) as age from ops.run
    where kind = 'refresh' and outcome = 'published'
), usual as (
    select stage, percentile_cont(0.5) within group (order by seconds) as median_seconds
    from ops.stage_statistics inner join night using (run_id)
    where age between 2 and %(nights)s + 1
    group by stage
    having count(*) >= %(least)s
)
select run_id, stage, seconds, usual.median_seconds::numeric(12, 1) as median_seconds
from ops.stage_statistics inner join night using (run_id) inner join usual using (stage)
where age = 1 and seconds > %(times)s * median_seconds and seconds > median_seconds + %(seconds)s
order by stage
"""


@dataclass(frozen=True)
class Finding:
    """Something that needs a person: why, of which kind (a key of HEADINGS), and in words."""

    cause: str
    kind: str
    said: str


def find(dsn: str, day: date) -> list[Finding]:
    """What needs a person on the morning of a day; of an empty warehouse, only that nothing was published."""
    status = read_status(dsn)
    if status.run is None:
        return [Finding(f"deadline:{day}", "deadline", f"{day}: nothing was ever published: `sangkien refresh`")]
    return [*_deadline(dsn, day), *_of_run(status), *_of_publication(status), *_of_deliveries(status), *_slow(dsn)]


def _deadline(dsn: str, day: date) -> Iterator[Finding]:
    with connect(dsn) as connection:
        row = connection.execute(_ENDED_WELL, {"day": day}).fetchone()
    if row == (False,):
        yield Finding(f"deadline:{day}", "deadline", f"{day}: no refresh has ended well yet")


def _of_run(status: Status) -> Iterator[Finding]:
    run = status.run
    if run is not None and run["outcome"] not in ("published", "nothing_new", "refused", "waiting"):
        stages = "; ".join(f"{stage['stage']} {stage['shard']}: {stage['error']}" for stage in status.failed_stages)
        yield Finding(f"failed:{run['run_id']}", "failed", f"{run['run_id']}: {run['outcome']}. {stages}".strip())


def _of_publication(status: Status) -> Iterator[Finding]:
    if not status.publications:
        return
    newest = status.publications[0]
    number = newest["publication_id"]
    if status.refusals:
        checks = ", ".join(row["check_id"] for row in status.refusals)
        yield Finding(f"refused:{number}", "refused", f"publication {number}: {checks}")
    if newest["waits"]:
        yield Finding(f"waits:{number}", "waits", f"publication {number}, judged under another rule set")
    for check in newest["summary"].get("warnings", []):
        yield Finding(f"warning:{check}", "warning", f"publication {number}: {check}")


def _of_deliveries(status: Status) -> Iterator[Finding]:
    for row in status.quarantined:
        cause = f"quarantined:{row['unit_code']}:{row['delivery_no']}"
        yield Finding(cause, "quarantined", f"{row['unit_code']}: {row['file_name']} ({row['reason_code']})")
    for row in status.late:
        said = f"{row['unit_code']}: nothing for {row['days_since']} days; usual is {row['usual_days'] or 7:.0f}"
        yield Finding(f"late:{row['unit_code']}:{row['last_export']}", "late", said)


def _slow(dsn: str) -> Iterator[Finding]:
    limits = {"times": SLOW_TIMES, "seconds": SLOW_SECONDS, "nights": USUAL_NIGHTS, "least": LEAST_NIGHTS}
    with connect(dsn) as connection, connection.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(_SLOW, limits).fetchall():
            said = f"{row['stage']}: {row['seconds']:.0f} s; usual is {row['median_seconds']:.0f} s"
            yield Finding(f"slow:{row['run_id']}:{row['stage']}", "slow", said)
