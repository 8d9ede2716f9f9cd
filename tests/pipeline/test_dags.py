"""The DAGs as files: what each one must have, how long it takes to parse, and that parsing it again changes nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sangkien.settings import PROJECT_ROOT

DAGS = sorted(file.stem for file in (PROJECT_ROOT / "dags").glob("*.py"))
MOST_SECONDS = 1.0
PARSE = """
import json, sys, time
from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.serialized_objects import DagSerialization
import airflow.providers.standard.operators.hitl  # what every parser has loaded by its second file
found = {}
for path in sys.argv[1:]:
    versions, seconds = [], []
    for turn in range(3):
        began = time.process_time()
        bag = DagBag(path)
        seconds.append(time.process_time() - began)
        assert not bag.import_errors, bag.import_errors
        dags = bag.dags.values()
        versions.append([json.dumps(DagSerialization.to_dict(dag), sort_keys=True, default=str) for dag in dags])
    found[path] = {"versions": versions, "seconds": seconds}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Each DAG file parsed three times in one process: what it gave, and the seconds of each time."""
    environment = os.environ | {"AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow"))}
    files = [str(PROJECT_ROOT / "dags" / f"{name}.py") for name in DAGS]
    done = subprocess.run(
        [sys.executable, "-c", PARSE, *files], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return {Path(path).stem: found for path, found in json.loads(done.stdout.splitlines()[-1]).items()}


@pytest.fixture(scope="module")
def dags(parsed: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The DAG of each file, as the scheduler reads it."""
    assert all(len(found["versions"][0]) == 1 for found in parsed.values())
    return {name: json.loads(found["versions"][0][0])["dag"] for name, found in parsed.items()}


def tasks_of(dag: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The settings of each task; a mapped one has them a level deeper."""

    def plain(value: Any) -> Any:
        return value["__var"] if isinstance(value, dict) and "__var" in value else value

    tasks = [task["__var"] for task in dag["tasks"]]
    return {
        task["task_id"]: {name: plain(value) for name, value in (task.get("partial_kwargs", {}) | task).items()}
        for task in tasks
    }


@pytest.mark.parametrize("name", DAGS)
def test_parsing_again_gives_the_same_and_is_quick(parsed: dict[str, dict[str, Any]], name: str) -> None:
    versions = parsed[name]["versions"]
    assert versions[0] == versions[1] == versions[2]
    assert max(parsed[name]["seconds"]) < MOST_SECONDS


@pytest.mark.parametrize("name", DAGS)
def test_a_dag_says_what_it_is_and_what_to_do(dags: dict[str, dict[str, Any]], name: str) -> None:
    dag = dags[name]
    assert dag["dag_id"] == name
    assert dag["tags"]
    assert dag["doc_md"].startswith("# ")
    assert "failed**" in dag["doc_md"]
    assert dag["max_active_runs"] == 1
    assert not dag.get("catchup", False)


@pytest.mark.parametrize("name", DAGS)
def test_every_task_has_an_owner_a_limit_and_is_reached(dags: dict[str, dict[str, Any]], name: str) -> None:
    tasks = tasks_of(dags[name])
    for task in tasks.values():
        assert task["owner"] != "airflow", f"{task['task_id']} has the owner that nobody chose"
        if task["task_type"] not in {"HITLOperator", "ApprovalOperator"}:  # a person may take as long as it takes
            assert task["execution_timeout"] > 0, task["task_id"]
        assert task["retries"] >= 1, task["task_id"]
        # A task waits for ever for a pool that nobody makes. What may not meet is kept apart by locks in the warehouse.
        assert task.get("pool", "default_pool") == "default_pool", task["task_id"]
    # No cycle: there is always a task left that waits for none of those left.
    left = {name: set(task.get("downstream_task_ids", [])) for name, task in tasks.items()}
    while left:
        free = set(left) - set().union(*left.values())
        assert free, left
        left = {name: after for name, after in left.items() if name not in free}


def test_a_file_of_a_dag_is_short() -> None:
    for name in DAGS:
        assert len((PROJECT_ROOT / "dags" / f"{name}.py").read_text("utf-8").splitlines()) <= 150, name
