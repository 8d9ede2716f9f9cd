"""# Housekeeping.

Every Sunday at 03:30 (Asia/Ho_Chi_Minh), after the night: deletes the rows of publications that the policy does not
keep, raw files and logs that are too old, and what Airflow remembers of old runs; then vacuums the tables and renews
their statistics. What is kept is said by `SANGKIEN_KEEP__*` (docs/configuration.md). By default every raw file stays.

Official publications, the current one and all after it are never touched; nor is a raw file that `sangkien replay` or a
duplicate may still need.

**When a task has failed**: nothing is lost but time; read its log, mend the cause, clear it, or wait a week. One
that waits long waits for a build to end.
"""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import CronTriggerTimetable, TriggerRule, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

LOCAL_TIME = ZoneInfo("Asia/Ho_Chi_Minh")


def run() -> Any:
    """The run of the pipeline that this run of the DAG is."""
    from sangkien.pipeline import night_of, today

    return night_of(get_current_context()["dag_run"].run_id, today(), "housekeeping")


@dag(
    schedule=CronTriggerTimetable("30 3 * * 0", timezone=str(LOCAL_TIME), run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "data-engineering",
        "retries": 1,
        "retry_delay": timedelta(minutes=1),
        "execution_timeout": timedelta(hours=2),
        "trigger_rule": TriggerRule.ALL_DONE,  # what one could not tidy does not hold up the next
    },
    tags=["housekeeping"],
    doc_md=__doc__,
)
def housekeeping() -> None:
    """Publications, raw files, logs, Airflow's memory; then vacuum and statistics."""

    @task
    def publications() -> list[int]:
        from sangkien import pipeline
        from sangkien.operations import housekeeping

        pipeline.begin(run())
        return housekeeping.prune_publications(run())

    @task
    def raw_files() -> int:
        from sangkien.operations import housekeeping

        return housekeeping.delete_raw_files(run())

    @task
    def logs() -> int:
        from sangkien.operations import housekeeping

        return housekeeping.delete_logs(run())

    @task
    def airflow_memory() -> None:
        from sangkien.operations import housekeeping

        housekeeping.clean_airflow(run())

    @task
    def vacuum() -> int:
        from sangkien.operations import housekeeping

        return housekeeping.vacuum(run())

    @task
    def close() -> str:
        from sangkien import pipeline

        outcome = pipeline.end(run())
        if outcome == "failed":
            raise AirflowFailException("a task before this one has failed: its log says why")
        return outcome

    publications() >> raw_files() >> logs() >> airflow_memory() >> vacuum() >> close()


housekeeping()
