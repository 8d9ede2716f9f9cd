"""# Erase a person: with a second person's word.

`sangkien person find` opens a request, and gives its number: trigger this DAG with that, and with no name. It looks for
the person, and waits (*Required actions*) with what would be erased, in numbers:

- **Approve**: the person is erased from every layer, raw file and receipt. It cannot be taken back. Published counts
  stay.
- **Reject**: the request is closed, and whom it was about is forgotten.

Nothing personal is in this DAG's parameters, logs and XComs.

**When a task has failed**: `look` says why (mostly: no such request, or it is answered already). Any other: read its
log, mend the cause, clear the task; any task may be killed, cleared or retried.
"""

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

APPROVE, REJECT = "Approve", "Reject"


@dag(
    schedule=None,
    max_active_runs=1,
    default_args={"owner": "privacy", "retries": 2, "retry_delay": timedelta(seconds=30)},
    params={
        "request": Param(type="integer", minimum=1, description="The number that `sangkien person find` gave."),
        "mentions": Param(
            default=False, type="boolean", description="Also where others' rows of the same units name the person."
        ),
    },
    tags=["privacy"],
    doc_md=__doc__,
)
def erase_person() -> None:
    """Look; then a person decides."""

    @task(execution_timeout=timedelta(minutes=30))
    def look() -> str:
        from sangkien.privacy import answer
        from sangkien.privacy.requests import UnknownRequestError

        params = get_current_context()["params"]
        try:
            return answer.told(params["request"], mentions=params["mentions"])
        except UnknownRequestError as error:
            raise AirflowFailException(str(error)) from error

    @task(execution_timeout=timedelta(hours=2))
    def decide(said: dict[str, Any]) -> dict[str, Any]:
        from sangkien.privacy import answer

        context = get_current_context()
        params, because = context["params"], f"{said['params_input'].get('because', '')} ({context['run_id']})".strip()
        if APPROVE not in said["chosen_options"]:
            answer.close_request(params["request"], because)
            return {}
        erased = answer.erase_person(params["request"], because, mentions=params["mentions"])
        return erased.counts | {"files_left_in_inbox": len(erased.left_in_inbox)}

    ask = HITLOperator(
        task_id="ask",
        options=[APPROVE, REJECT],
        subject="Erase this person for good?",
        body="{{ ti.xcom_pull(task_ids='look') }}",
        params={"because": Param("", type="string", title="Because", description="Kept for good: name no person.")},
    )
    look() >> ask
    decide(ask.output)  # type: ignore[arg-type]  # Airflow passes the value


erase_person()
