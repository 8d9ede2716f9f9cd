"""Every DAG that is not the night's, by one real scheduler: by day, by hand, in the morning, on Sundays."""

from collections.abc import Callable
from datetime import timedelta

from sangkien.local.airflow_api import AirflowApi, RunProgress
from tests.conftest import Warehouse
from tests.pipeline.conftest import AS_OF, Programme
from tests.pipeline.listeners import Post, listeners

DAY = (AS_OF + timedelta(days=40)).isoformat()


def states(end: RunProgress) -> dict[str, str | None]:
    return {task.task_id: task.state for task in end.tasks}


def test_each_dag_does_its_work(
    copy_warehouse: Callable[[Warehouse], Warehouse],
    first_part: Warehouse,
    programme: Programme,
) -> None:
    warehouse = copy_warehouse(first_part)
    with listeners() as post, warehouse.airflow(post.settings) as airflow, airflow.api() as api:
        by_day(api, warehouse, programme)
        by_hand(api, warehouse)
        in_the_morning(api, post)
        on_sunday(api, warehouse)


def run(api: AirflowApi, dag_id: str, **conf: str) -> dict[str, str | None]:
    """Run a DAG to its end; the states of its tasks."""
    end = api.wait(dag_id, api.trigger(dag_id, conf=conf), timeout=600)
    assert end.state == "success", end
    return states(end)


def by_day(api: AirflowApi, warehouse: Warehouse, programme: Programme) -> None:
    before = warehouse.published()
    new = [file for file in programme.files() if file not in first_files(warehouse)][:2]
    programme.deliver(new, warehouse)
    (warehouse.inbox / "ldld-ha-noi").mkdir(exist_ok=True)
    (warehouse.inbox / "ldld-ha-noi" / "danh sách.csv").write_text("?", "utf-8")
    run(api, "intake_watch", as_of=DAY)
    assert warehouse.published() == before
    loaded = warehouse.query(
        "select file_name from ops.delivery where receipt_status = status and (receipt_is_preliminary or"
        " status = 'quarantined') order by 1"
    )
    assert {row["file_name"] for row in loaded} >= {*(file.split("/")[1] for file in new), "danh sách.csv"}
    assert run(api, "intake_watch", as_of=DAY) == {"receive": "skipped"}


def first_files(warehouse: Warehouse) -> set[str]:
    return {row["path"] for row in warehouse.query("select path from ops.inbox_file")}


def by_hand(api: AirflowApi, warehouse: Warehouse) -> None:
    assert run(api, "backfill_deliveries", unit="ldld-ha-noi", until=DAY) == {"replay": "success"}
    (replayed,) = warehouse.query("select outcome, kind from ops.run where kind = 'replay'")
    assert replayed["outcome"] == "replayed"

    for answer, kept in (("Reject", None), ("Approve", "Kết quả thử")):
        run_id = api.trigger("close_phase", conf={"phase": "phase_1", "told_as": "Kết quả thử"})
        api.answer("close_phase", run_id, "ask", answer)
        end = api.wait("close_phase", run_id)
        assert end.state == "success", end
        assert warehouse.query("select official_as from ops.publication") == [{"official_as": kept}]


def in_the_morning(api: AirflowApi, post: Post) -> None:
    run(api, "morning_report", as_of=DAY)
    (mail,), (hook,) = post.mails, post.hooks
    assert mail["To"] == "truc@example.vn"
    assert "danh sách.csv" in hook["text"]
    kinds = {alert["kind"] for alert in hook["alerts"]}
    assert {"deadline", "quarantined"} <= kinds
    assert all(f"{kind}" in mail["Subject"] for kind in kinds)
    assert run(api, "morning_report", as_of=DAY)["tell"] == "skipped"
    assert (len(post.mails), len(post.hooks)) == (1, 1)


def on_sunday(api: AirflowApi, warehouse: Warehouse) -> None:
    found = run(api, "housekeeping")
    assert set(found.values()) == {"success"}
    stages = warehouse.query(
        "select stage from ops.stage_outcome inner join ops.run using (run_id) where kind = 'housekeeping'"
    )
    assert {row["stage"] for row in stages} == {"prune", "raw_files", "logs", "airflow", "vacuum"}
