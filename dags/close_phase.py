"""# Close a phase: keep its publication for good.

Trigger it by hand when the result of a phase is told outside the house. It shows the phase's figures as readers see
them now, and waits for a person (*Required actions*), as long as it takes:

- **Approve**: the publication that was shown is official from then on. It is never pruned, and can always be queried as
  it was (`set sangkien.publication = N`).
- **Reject**: nothing changes.

**When it has failed**: `look`: the message says why (no such phase, nothing published). `keep`: the publication was
pruned meanwhile; trigger the DAG again. Any task may be cleared.
"""

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Param, TriggerRule, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException


def run() -> Any:
    """The run of the pipeline that this run of the DAG is."""
    from sangkien.pipeline import night_of, today

    return night_of(get_current_context()["dag_run"].run_id, today(), "close_phase")


@dag(
    schedule=None,
    max_active_runs=1,
    default_args={"owner": "data-engineering", "retries": 2, "retry_delay": timedelta(seconds=30)},
    params={
        "phase": Param("phase_1", type="string", description="Code of the phase, as in dim_phase."),
        "told_as": Param("", type="string", description='What it is told as: "Result of phase I". Empty: the phase.'),
    },
    tags=["publication", "by hand"],
    doc_md=__doc__,
)
def close_phase() -> None:
    """Show the figures; a person decides; keep the publication."""

    @task(multiple_outputs=True, execution_timeout=timedelta(minutes=10))
    def look() -> dict[str, Any]:
        from sangkien import pipeline
        from sangkien.operations import closing

        pipeline.begin(run())
        try:
            found = closing.look_at(run(), get_current_context()["params"]["phase"])
        except closing.UnknownPhaseError as error:
            raise AirflowFailException(str(error)) from error
        return {"publication": found.publication, "label": found.label, "figures": found.markdown()}

    @task(execution_timeout=timedelta(minutes=10))
    def keep(publication: int, label: str) -> None:
        from sangkien.operations import closing

        closing.keep_for_good(run(), publication, get_current_context()["params"]["told_as"] or label)

    @task(trigger_rule=TriggerRule.ALL_DONE, execution_timeout=timedelta(minutes=10))
    def close() -> str:
        from sangkien import pipeline

        outcome = pipeline.end(run())
        if outcome == "failed":
            raise AirflowFailException("`sangkien status` and the log of the failed task say why")
        return outcome

    found: Any = look()
    ask = ApprovalOperator(
        task_id="ask",
        subject="Keep this publication for good, as the result of the phase?",
        body="{{ ti.xcom_pull(task_ids='look', key='figures') }}",
    )
    kept = keep(found["publication"], found["label"])
    found >> ask >> kept >> close()


close_phase()
