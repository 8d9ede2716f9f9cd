"""# The nightly refresh.

Every night at 01:00 (Asia/Ho_Chi_Minh): takes what the units have put into the inbox, judges what changed, builds the
marts of a new publication, and lets readers see it once the gate has passed it. Every unit gets its receipts, whatever
became of the publication.

Each task calls the stage of the same name in `sangkien.pipeline`; all state is in the warehouse, so any task may be
killed, cleared, retried or run twice at once.

**When a task has failed**

- *gate*: the candidate was refused and the old publication stands. `sangkien status` names the checks and the units.
  If the figures are right all the same: `sangkien approve PUBLICATION --because "..."`. If a unit has to send again:
  nothing to do.
- *any other*: read its log, mend the cause, clear the task. Nothing is lost and nothing is counted twice.
"""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import CronTriggerTimetable, Param, TriggerRule, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from sangkien.assets import PUBLICATION

LOCAL_TIME = ZoneInfo("Asia/Ho_Chi_Minh")


def night() -> Any:
    """The run of the pipeline that this run of the DAG is: its name, and its logical date in Vietnam."""
    from sangkien import pipeline

    context = get_current_context()
    run = context["dag_run"]
    as_of = context["params"]["as_of"]
    moment = run.logical_date or run.run_after
    return pipeline.night_of(run.run_id, as_of or str(moment.astimezone(LOCAL_TIME).date()))


@dag(
    schedule=CronTriggerTimetable("0 1 * * *", timezone=str(LOCAL_TIME), run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "data-engineering",
        "retries": 2,
        "retry_delay": timedelta(seconds=30),
        "execution_timeout": timedelta(hours=2),
    },
    params={
        "as_of": Param(None, type=["null", "string"], format="date", description="Logical date; empty: the run's.")
    },
    tags=["nightly", "publication"],
    doc_md=__doc__,
)
def nightly_refresh() -> None:
    """Discover, load, judge, build, gate, publish, receipts; `close` fails when any of them did."""

    @task
    def discover() -> list[dict[str, Any]]:
        from sangkien import pipeline

        pipeline.begin(night())
        shards = pipeline.find_files(night())
        return [{"name": str(n), "files": [vars(file) for file in shard]} for n, shard in enumerate(shards)]

    @task(map_index_template="{{ task.op_kwargs['shard']['files'] | length }} files")
    def load(shard: dict[str, Any]) -> None:
        from sangkien import pipeline
        from sangkien.intake.discover import Candidate

        pipeline.load_files(night(), [Candidate(**file) for file in shard["files"]], shard["name"])

    @task(trigger_rule=TriggerRule.NONE_FAILED)
    def judge() -> None:
        from sangkien import pipeline

        pipeline.judge_changes(night())

    @task
    def build() -> None:
        from sangkien import pipeline

        pipeline.build_marts(night())

    @task
    def gate() -> int | None:
        from sangkien import pipeline

        outcome = pipeline.pass_gate(night())
        if outcome and not outcome.passed:
            raise AirflowFailException(f"publication {outcome.publication} refused by: {', '.join(outcome.refused_by)}")
        return outcome.publication if outcome else None

    @task(outlets=[PUBLICATION])
    def publish(publication: int | None) -> None:
        from sangkien import pipeline

        if publication is None:
            raise AirflowSkipException("nothing new")
        pipeline.publish_candidate(night(), publication)

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def receipts() -> None:
        from sangkien import pipeline

        pipeline.send_receipts(night())

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def close() -> str:
        from sangkien import pipeline

        outcome = pipeline.end(night())
        if outcome in {"failed", "refused"}:
            raise AirflowFailException(f"the night ended as {outcome}: `sangkien status` says why")
        return outcome

    gated = gate()
    published = publish(gated)  # type: ignore[arg-type]  # Airflow passes the value
    load.expand(shard=discover()) >> judge() >> build() >> gated
    published >> receipts() >> close()


nightly_refresh()
