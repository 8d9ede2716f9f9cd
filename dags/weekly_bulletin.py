"""# The weekly bulletin.

Builds the bulletin anew whenever a publication has become visible: a folder of pages that opens without a network
(`sangkien bulletin`, [docs/howto/bulletin.md](docs/howto/bulletin.md)).

**When it has failed**: readers still see the bulletin before it, whole. Read the log, mend the cause, clear the task.
"""

from datetime import timedelta

from airflow.sdk import dag, task

from sangkien.assets import PUBLICATION


@dag(
    schedule=[PUBLICATION],
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "data-engineering",
        "retries": 2,
        "retry_delay": timedelta(seconds=30),
        "execution_timeout": timedelta(minutes=30),
    },
    tags=["publication", "bulletin"],
    doc_md=__doc__,
)
def weekly_bulletin() -> None:
    """Build the bulletin of the publication that readers see."""

    @task
    def build() -> int:
        from sangkien.bulletin.build import build_bulletin
        from sangkien.pipeline import warehouse_dsn
        from sangkien.settings import get_settings

        settings = get_settings()
        return build_bulletin(warehouse_dsn(settings), settings.bulletin_folder).publication

    build()


weekly_bulletin()
