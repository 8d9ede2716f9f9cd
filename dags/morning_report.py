"""# The morning's report.

Every day at 06:00 (Asia/Ho_Chi_Minh) one message, if there is anything new to say: no publication of this night yet, a
failed night, a refusal or a warning of the gate, files quarantined, units late against their own rhythm, stages that
took longer than usual. No cause is told twice; `sangkien alerts` lists all that still holds. What to do about each:
docs/runbook.md.

It goes by e-mail and to a webhook, through Airflow's connections (`SANGKIEN_ALERTS__*` in docs/configuration.md).

**When it has failed**: `take_stock`: PostgreSQL is down; start it, clear the task. `tell`: the mail server or the
webhook is away, or its connection is wrong; nothing is lost, clear the task or wait for tomorrow's message.
"""

from datetime import timedelta
from zoneinfo import ZoneInfo

from airflow.sdk import CronTriggerTimetable, Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

LOCAL_TIME = ZoneInfo("Asia/Ho_Chi_Minh")


@dag(
    schedule=CronTriggerTimetable("0 6 * * *", timezone=str(LOCAL_TIME), run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "data-engineering",
        "retries": 3,
        "retry_delay": timedelta(minutes=2),
        "execution_timeout": timedelta(minutes=10),
    },
    params={"as_of": Param(None, type=["null", "string"], format="date", description="The day; empty: the run's.")},
    tags=["alerts"],
    doc_md=__doc__,
)
def morning_report() -> None:
    """Find what needs a person, and tell it once through each channel."""

    @task
    def take_stock() -> list[str]:
        from datetime import date

        from sangkien.operations.alerts import take_stock
        from sangkien.operations.channels import channels
        from sangkien.pipeline import warehouse_dsn
        from sangkien.settings import get_settings

        context = get_current_context()
        day = context["params"]["as_of"] or str(context["dag_run"].run_after.astimezone(LOCAL_TIME).date())
        take_stock(warehouse_dsn(get_settings()), date.fromisoformat(day))
        return list(channels(get_settings().alerts))

    @task(map_index_template="{{ task.op_kwargs['channel'] }}")
    def tell(channel: str) -> None:
        from sangkien.operations.alerts import tell
        from sangkien.operations.channels import channels
        from sangkien.pipeline import warehouse_dsn
        from sangkien.settings import get_settings

        settings = get_settings()
        if not tell(warehouse_dsn(settings), channel, channels(settings.alerts)[channel]):
            raise AirflowSkipException("nothing new to tell")

    tell.expand(channel=take_stock())


morning_report()
