"""The DAGs, by a real scheduler: the same publication as without Airflow, and its bulletin."""

import json
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from sangkien.settings import PROJECT_ROOT
from tests.conftest import Warehouse
from tests.pipeline.conftest import AS_OF, Programme

BULLETIN_SECONDS = 180


def test_nightly_refresh_through_the_scheduler(
    make_warehouse: Callable[[], Warehouse],
    undisturbed: Warehouse,
    programme: Programme,
) -> None:
    warehouse = make_warehouse()
    programme.deliver(programme.files(), warehouse)
    (warehouse.inbox / "ldld-ha-noi" / "danh sách.csv").write_text("?", "utf-8")  # a bad file fails no task
    with warehouse.airflow() as airflow:
        with airflow.api() as api:
            for _ in range(2):  # the second night finds nothing new
                run = api.trigger("nightly_refresh", conf={"as_of": AS_OF.isoformat()})
                end = api.wait("nightly_refresh", run, timeout=600)
                assert end.state == "success", end
        bulletin = airflow.home / "bulletin" / "latest" / "index.html"
        patience = time.monotonic() + BULLETIN_SECONDS
        while not bulletin.exists() and time.monotonic() < patience:  # the publication has triggered its DAG
            time.sleep(1)
        assert "Kỳ công bố <b>1</b>" in bulletin.read_text("utf-8")
    check_lineage(airflow.home / "logs" / "tasks", warehouse)
    assert {task.task_id for task in end.tasks if task.state == "skipped"} == {"load", "publish"}
    before, after = undisturbed.published(), warehouse.published()
    assert {name for name in before if before[name] != after[name]} == {"fct_delivery"}
    quarantined = warehouse.query(
        "select unit_code, file_name, reason_code from marts.fct_delivery where status = 'quarantined'"
    )
    assert quarantined == [{"unit_code": "ldld-ha-noi", "file_name": "danh sách.csv", "reason_code": "unknown_name"}]


def check_lineage(folder: Path, warehouse: Warehouse) -> None:
    """The events lead from the inbox to the marts, and name no person."""
    written = "".join(file.read_text("utf-8") for file in folder.glob("lineage-*.json"))
    database = urlsplit(warehouse.dsn).path.lstrip("/")
    edges: dict[str, set[str]] = defaultdict(set)
    for event in map(json.loads, written.splitlines()):
        reads = {dataset["name"].removeprefix(f"{database}.") for dataset in event["inputs"]}
        for dataset in event["outputs"]:
            edges[dataset["name"].removeprefix(f"{database}.")] |= reads
    assert "intermediate.initiative_stretch" in edges["marts.fct_initiative_version"]
    assert "staging.initiative" in edges["intermediate.initiative_stretch"]
    assert str(warehouse.inbox) in edges["staging.initiative"]
    authors = warehouse.query("select distinct author_name as name from landing.initiative where author_name > ''")
    assert not [author["name"] for author in authors if author["name"] in written]


def test_rejudge_asks_a_person(
    copy_warehouse: Callable[[Warehouse], Warehouse],
    undisturbed: Warehouse,
    tmp_path: Path,
) -> None:
    """Rejected, readers see what they saw; approved, they see history under the other rules."""
    warehouse = copy_warehouse(undisturbed)
    catalogue = (PROJECT_ROOT / "expectations" / "rules.yml").read_text("utf-8")
    rules = tmp_path / "rules.yml"
    rules.write_text(catalogue.replace("2021-12-30", "2024-01-01", 1).replace("2023-09-01'", "2023-03-31'", 1), "utf-8")
    with warehouse.airflow({"SANGKIEN_RULES": str(rules)}) as airflow, airflow.api() as api:
        for answer in ("Reject", "Approve"):
            assert warehouse.published() == undisturbed.published()
            run = api.trigger("rejudge")
            api.answer("rejudge", run, "ask", answer, patience=600, because="tested")
            end = api.wait("rejudge", run, timeout=300)
            assert end.state == "success", end
    said = warehouse.query(
        "select state, refused_because, approved_because from ops.publication order by publication_id"
    )
    assert [row["state"] for row in said] == ["published", "refused", "published"]
    assert said[1]["refused_because"].startswith("tested (in Airflow: ")
    assert said[2]["approved_because"].startswith("tested (in Airflow: ")
    assert warehouse.query("select distinct rule_set from marts.fct_initiative") == [{"rule_set": "2024-01-01"}]
