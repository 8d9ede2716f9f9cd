"""# Intake by day.

Every five minutes by day: loads what the units have put into the inbox since, and sends the receipts. Nothing is judged
and nothing is published: readers see what they saw, and the next night takes it from there. A receipt by day is
preliminary (duplicates and implausible amounts are found at night) and the night replaces it. A run that finds nothing
new is skipped and leaves no trace in the warehouse.

It may meet a night, or itself: a unit's files are loaded by one run at a time.

**When it has failed**: nothing to do at once; the next run tries again, and so does the night. If it goes on: read the
log. Mostly the inbox is away (`SANGKIEN_INBOX`), the disk is full, or PostgreSQL is down.
"""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import CronTriggerTimetable, Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

LOCAL_TIME = ZoneInfo("Asia/Ho_Chi_Minh")


@dag(
    schedule=CronTriggerTimetable("*/5 6-21 * * *", timezone=str(LOCAL_TIME), run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "data-engineering",
        "retries": 1,
        "retry_delay": timedelta(seconds=30),
        "execution_timeout": timedelta(hours=1),
    },
    params={"as_of": Param(None, type=["null", "string"], format="date", description="Day of arrival; empty: today.")},
    tags=["daytime", "receipts"],
    doc_md=__doc__,
)
def intake_watch() -> None:
    """Load what is new, and send its receipts."""

    @task
    def receive() -> dict[str, Any]:
        from sangkien.operations import daytime
        from sangkien.pipeline import night_of

        context = get_current_context()
        run = context["dag_run"]
        day = context["params"]["as_of"] or str(run.run_after.astimezone(LOCAL_TIME).date())
        result = daytime.receive(night_of(run.run_id, day, "intake"))
        if result is None:
            raise AirflowSkipException("nothing new")
        return vars(result)

    receive()


intake_watch()
