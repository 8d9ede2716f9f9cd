"""# Rejudge: history under another rule set.

Trigger it by hand once a new version of `expectations/rules.yml` is installed. It judges every version of every
initiative under it, builds and checks a candidate publication, and shows what would change, by unit and rule. Then it
waits for a person (*Required actions*), as long as it takes:

- **Approve**: readers see the candidate from then on, and nights judge under the new rule set. What the gate objects to
  stands above the difference; approving overrules it.
- **Reject**: readers see what they saw, and the next night goes on under the old rule set.

A night that publishes while a candidate waits goes on under the old rule set, and the candidate lapses: approving it
fails, and the DAG has to be triggered again. By day, `intake_watch` loads what comes in; what it has loaded has to be
published before `judge` starts.

**When a task has failed**: *judge* and *publish* say why, and what comes first (mostly: trigger `nightly_refresh`, then
this again). Any other: read its log, mend the cause, clear the task. All state is in the warehouse; any task may be
killed, cleared or retried.
"""

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param, TriggerRule, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from sangkien.assets import PUBLICATION

APPROVE, REJECT = "Approve", "Reject"


def run() -> Any:
    """The run of the pipeline that this run of the DAG is."""
    from sangkien import rejudgement

    return rejudgement.run_of(get_current_context()["dag_run"].run_id)


def because(answer: dict[str, Any]) -> str:
    """What the person said, and who it was."""
    who = answer["responded_by_user"]
    return f"{answer['params_input'].get('because', '')} (in Airflow: {who['name'] if who else 'unknown'})".strip()


@dag(
    schedule=None,
    max_active_runs=1,
    default_args={"owner": "data-engineering", "retries": 2, "retry_delay": timedelta(seconds=30)},
    tags=["publication", "rules"],
    doc_md=__doc__,
)
def rejudge() -> None:
    """Judge, build, gate, difference; then a person decides."""

    @task(execution_timeout=timedelta(hours=2))
    def judge() -> None:
        from sangkien import pipeline, rejudgement

        pipeline.begin(run())
        try:
            rejudgement.judge_history(run())
        except rejudgement.NotNowError as error:
            raise AirflowFailException(str(error)) from error

    @task(execution_timeout=timedelta(hours=2))
    def build() -> None:
        from sangkien import pipeline

        pipeline.build_marts(run())

    @task(execution_timeout=timedelta(hours=2))
    def gate() -> int:
        from sangkien import rejudgement

        return rejudgement.gate(run()).publication

    @task(execution_timeout=timedelta(minutes=30))
    def difference(publication: int) -> str:
        from sangkien import pipeline, rejudgement

        told = rejudgement.difference(run(), publication).markdown()
        pipeline.end(run())
        return told

    @task(outlets=[PUBLICATION], execution_timeout=timedelta(minutes=30))
    def publish(publication: int, answer: dict[str, Any]) -> None:
        from sangkien import rejudgement

        if APPROVE not in answer["chosen_options"]:
            raise AirflowSkipException("not wanted")
        rejudgement.decide(run(), publication, approved=True, because=because(answer))

    @task(trigger_rule=TriggerRule.ALL_DONE, execution_timeout=timedelta(minutes=30))
    def close() -> str:
        from sangkien import pipeline, rejudgement

        task_instance = get_current_context()["ti"]
        answer = task_instance.xcom_pull(task_ids="ask")
        if answer and REJECT in answer["chosen_options"]:
            publication = task_instance.xcom_pull(task_ids="gate")
            rejudgement.decide(run(), publication, approved=False, because=because(answer))
        outcome = pipeline.end(run())
        if outcome not in {"published", "refused"}:
            raise AirflowFailException(f"the rejudgement ended as {outcome}: `sangkien status` says more")
        return outcome

    gated = gate()
    # Not an ApprovalOperator: when it is rejected, it does not say by whom and why.
    ask = HITLOperator(
        task_id="ask",
        options=[APPROVE, REJECT],
        subject="Publish history as judged under the new rule set?",
        body="{{ ti.xcom_pull(task_ids='difference') }}",
        params={"because": Param("", type="string", title="Because", description="Kept with the publication.")},
    )
    judge() >> build() >> gated
    difference(gated) >> ask  # type: ignore[arg-type]  # Airflow passes the value
    publish(gated, ask.output) >> close()  # type: ignore[arg-type]


rejudge()
