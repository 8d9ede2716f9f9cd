"""The CeleryExecutor for real: Debian's Redis, two workers, and one of them killed in the middle of a task."""

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import yaml

from sangkien.local.airflow import SERVICES, LocalAirflow, metadata_url
from sangkien.local.airflow_api import AirflowApi
from sangkien.local.postgres import EmbeddedPostgres
from sangkien.local.state import kept_port
from sangkien.settings import PROJECT_ROOT

pytestmark = pytest.mark.skipif(
    shutil.which("redis-server") is None, reason="no redis-server (apt-get install redis-server)"
)
WORKER = ("celery", "worker", "--skip-serve-logs", "--concurrency", "1", "--celery-hostname")
WORKERS = ("worker-1", "worker-2")
DAG = """
from datetime import timedelta
from airflow.sdk import dag, task

@dag(schedule=None)
def spread():
    @task(retries=2, retry_delay=timedelta(seconds=1))
    def work(number):
        import os, time
        from pathlib import Path
        from sangkien.settings import Settings
        attempts = Path(Settings().home)
        (attempts / f"{number}.{os.getpid()}.began").touch()
        time.sleep(8)
        (attempts / f"{number}.{os.getpid()}.done").touch()

    work.expand(number=[1, 2])

spread()
"""
# A worker that is gone is missed after so many seconds (Airflow's default: 300).
QUICK = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "15",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "2",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
}


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    """A Redis of our own, as docker-compose.yml starts it."""
    redis = yaml.safe_load((PROJECT_ROOT / "docker-compose.yml").read_text().replace("$$", "$"))["services"]["redis"]
    port = kept_port(tmp_path / "port")
    shell, options, command = redis["command"]
    environment = os.environ | {"REDIS_PASSWORD": secrets.token_hex(8)}
    here = f"{command} --bind 127.0.0.1 --port {port}"
    server = subprocess.Popen([shell, options, here], env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL)
    check = redis["healthcheck"]["test"][1].replace("redis-cli", f"redis-cli -p {port}")
    deadline = time.monotonic() + 20
    while subprocess.run(["sh", "-c", check], env=environment, check=False, capture_output=True).returncode != 0:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    yield f"redis://:{environment['REDIS_PASSWORD']}@127.0.0.1:{port}/0"
    server.terminate()
    server.wait()


@pytest.fixture
def airflow(tmp_path: Path, broker: str) -> Iterator[LocalAirflow]:
    """Airflow with two workers."""
    home, dags = tmp_path / "home", tmp_path / "dags"
    dags.mkdir()
    (dags / "spread.py").write_text(DAG)
    postgres = EmbeddedPostgres(home, durable=False)
    backend = f"db+{metadata_url(postgres.start())}"
    services = SERVICES | {name: (*WORKER, f"{name}@%h") for name in WORKERS}
    environment = {
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW__CELERY__BROKER_URL": broker,
        "AIRFLOW__CELERY__RESULT_BACKEND": backend,
    }
    local = LocalAirflow(home, dags, postgres=postgres, services=services, environment=environment | QUICK)
    try:
        local.up()
        yield local
    finally:
        local.down()
        postgres.destroy()


def attempts(home: Path, what: str) -> dict[int, int]:
    """The process of each attempt, and the task that it works at."""
    found = (file.name.split(".") for file in home.glob(f"*.{what}"))
    return {int(pid): int(number) for number, pid, _ in found}


def test_a_killed_workers_task_is_done_by_the_other(airflow: LocalAirflow) -> None:
    with airflow.api() as api:
        run_id = api.trigger("spread")
        wait_for_two(airflow, api, run_id)
        first = {process.pid for process in airflow.processes(WORKERS[0])}
        lost = [number for pid, number in attempts(airflow.home, "began").items() if pid in first]
        assert len(lost) == 1, "each worker has one of the two tasks"
        for process in airflow.processes(WORKERS[0]):
            try:
                process.send_signal(signal.SIGKILL)
            except psutil.NoSuchProcess:
                continue
        end = api.wait("spread", run_id, timeout=240)
    assert end.state == "success", end
    done = attempts(airflow.home, "done")
    assert sorted(done.values()) == [1, 2]
    assert not first & done.keys()
    tries = {task.map_index + 1: task.try_number for task in end.tasks}
    assert tries[lost[0]] == 2


def wait_for_two(airflow: LocalAirflow, api: AirflowApi, run_id: str) -> None:
    deadline = time.monotonic() + 120
    while len(attempts(airflow.home, "began")) < 2:
        assert time.monotonic() < deadline, api.progress("spread", run_id)
        time.sleep(0.2)
