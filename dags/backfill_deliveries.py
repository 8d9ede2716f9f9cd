"""# Backfill: read quarantined deliveries again.

Trigger it by hand once the cause was mended: an alias added, a unit added, a limit raised. It reads the deliveries that
fit the parameters again, from the raw store, and sends their receipts; the next night judges and publishes what they
bring (or trigger `nightly_refresh` now). Without parameters it reads all that is quarantined.

**When it has failed**: read the log, mend the cause, clear the task. Each delivery is read in a transaction of its own;
one that was read already is not read again.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import Param, dag, get_current_context, task

ANY_DAY: dict[str, Any] = {"type": ["null", "string"], "format": "date"}


@dag(
    schedule=None,
    max_active_runs=1,
    default_args={
        "owner": "data-engineering",
        "retries": 2,
        "retry_delay": timedelta(seconds=30),
        "execution_timeout": timedelta(hours=2),
    },
    params={
        "unit": Param("", type="string", description="Only this unit's; `_unknown`: files of no unit; empty: all."),
        "reason": Param("", type="string", description="Only those quarantined for this reason; empty: any."),
        "since": Param(None, **ANY_DAY, description="Only those that arrived on this day or later."),
        "until": Param(None, **ANY_DAY, description="Only those that arrived on this day or earlier."),
    },
    tags=["deliveries", "by hand"],
    doc_md=__doc__,
)
def backfill_deliveries() -> None:
    """Read again, and say what became of each."""

    @task
    def replay() -> dict[str, str]:
        from sangkien.operations import daytime
        from sangkien.pipeline import night_of, today

        context = get_current_context()
        run, asked = night_of(context["dag_run"].run_id, today(), "replay"), context["params"]
        between = daytime.days_between(asked["since"], asked["until"])
        replayed = daytime.replay_deliveries(run, asked["unit"], asked["reason"], **between)
        return {f"{one.after.unit_code}/{one.after.file_name}": one.after.status for one in replayed}

    replay()


backfill_deliveries()
