import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sangkien.local import airflow
from sangkien.local.airflow import LocalAirflow, airflow_environment
from sangkien.local.airflow_api import AirflowApi, AirflowError, RunProgress
from sangkien.local.postgres import EmbeddedPostgres

DSN = "postgresql://sangkien:secret@127.0.0.1:20001/sangkien?connect_timeout=5"
DAGS = {
    "tiny": """
from airflow.sdk import dag, task

@dag(schedule=None, params={"numbers": [1, 2]})
def tiny():
    @task
    def numbers(params):
        return params["numbers"]

    @task
    def write(number):
        import os
        from pathlib import Path
        from sangkien.settings import Settings
        settings = Settings()
        Path(settings.home, f"{number}.txt").write_text(settings.dsn)

    write.expand(number=numbers())

tiny()
""",
    "endless": """
from airflow.sdk import dag, task

@dag(schedule=None)
def endless():
    @task
    def sleep():
        import subprocess
        subprocess.run(["sleep", "600"], check=True)

    sleep()

endless()
""",
    "broken": "import no_such_module  # airflow dag\n",
}


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAirflow]:
    home = tmp_path_factory.mktemp("airflow") / "home"
    dags_folder = home.parent / "dags"
    dags_folder.mkdir()
    for name, source in DAGS.items():
        (dags_folder / f"{name}.py").write_text(source)
    postgres = EmbeddedPostgres(home, durable=False)
    local = LocalAirflow(home, dags_folder, postgres=postgres)
    try:
        yield local
    finally:
        local.down()
        postgres.destroy()


@pytest.fixture(scope="module")
def api(local: LocalAirflow) -> Iterator[AirflowApi]:
    local.up()
    with local.api() as api:
        yield api


def processes_of(home: Path) -> list[str]:
    """Every process that knows the home from its environment or command line, or is in a recorded session."""
    record = home / "airflow" / "services.json"
    sessions = {service["pid"] for service in json.loads(record.read_text())} if record.exists() else set()
    found = []
    for process in psutil.process_iter():
        try:
            traces = " ".join([*process.cmdline(), *process.environ().values()])
            if str(home) in traces or os.getsid(process.pid) in sessions:
                found.append(f"{process.pid} {' '.join(process.cmdline())}")
        except (psutil.Error, ProcessLookupError):
            continue
    return found


def test_a_service_that_ends_at_its_start_is_named_with_its_log(
    local: LocalAirflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(airflow.SERVICES, "api-server", ("config", "get-value", "no", "such"))
    with pytest.raises(AirflowError, match=r"(?s)api-server ended \(0\).*no/such"):
        local.up()
    assert not any(local.status().values())


def test_up_starts_every_service_and_a_second_up_none(api: AirflowApi, local: LocalAirflow) -> None:
    assert local.status() == dict.fromkeys(airflow.SERVICES, True)
    record = local.home / "airflow" / "services.json"
    before = record.read_text()
    local.up()
    assert record.read_text() == before
    assert api.is_healthy()


def test_a_run_gets_its_parameters_and_the_settings(api: AirflowApi, local: LocalAirflow) -> None:
    looks: list[RunProgress] = []
    run_id = api.trigger("tiny", conf={"numbers": [3, 4, 5]})
    end = api.wait("tiny", run_id, on_progress=looks.append, timeout=180, interval=0.2)
    assert end.state == "success"
    assert {(task.task_id, task.map_index, task.state) for task in end.tasks} == {
        ("numbers", -1, "success"),
        *(("write", index, "success") for index in range(3)),
    }
    assert looks[-1] == end
    assert not looks[0].is_final
    written = {int(file.stem): file.read_text() for file in local.home.glob("*.txt")}
    assert written == dict.fromkeys((3, 4, 5), EmbeddedPostgres(local.home).dsn())


def test_a_dag_that_cannot_be_imported_is_refused_with_its_traceback(api: AirflowApi) -> None:
    with pytest.raises(AirflowError, match=r"(?s)no DAG missing.*no_such_module"):
        api.trigger("missing", patience=1)


def test_down_leaves_no_process_not_even_of_a_running_task(api: AirflowApi, local: LocalAirflow) -> None:
    api.trigger("endless")
    deadline = time.monotonic() + 180
    while not any("sleep 600" in process for process in processes_of(local.home)):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    local.down()
    assert processes_of(local.home) == []
    assert local.status() == dict.fromkeys(airflow.SERVICES, False)


def test_down_with_nothing_up_is_no_error(tmp_path: Path) -> None:
    LocalAirflow(tmp_path / "home", tmp_path).down()


def test_before_the_first_up_there_is_no_address(tmp_path: Path) -> None:
    with pytest.raises(AirflowError, match="sangkien up"):
        LocalAirflow(tmp_path, tmp_path).url()


def test_a_number_that_passed_to_a_stranger_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "airflow").mkdir()
    stranger = [{"name": "scheduler", "pid": os.getpid(), "began": psutil.Process().create_time() - 3600}]
    (tmp_path / "airflow" / "services.json").write_text(json.dumps(stranger))
    local = LocalAirflow(tmp_path, tmp_path)
    assert not any(local.status().values())
    local.down()


def test_the_environment_keeps_its_secrets_and_closes_them_to_others(tmp_path: Path) -> None:
    def environment() -> dict[str, str]:
        return airflow_environment(home=tmp_path, dags_folder=tmp_path / "dags", warehouse_dsn=DSN, port=20002)

    (tmp_path / "airflow").mkdir()
    first = environment()
    assert environment() == first
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "airflow").iterdir()} == {0o600}
    assert first["SANGKIEN_DSN"] == DSN
    metadata = "postgresql+psycopg2://sangkien:secret@127.0.0.1:20001/airflow?connect_timeout=5"
    assert first["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == metadata


def test_a_task_may_compute_although_it_is_forked_from_what_is_preloaded() -> None:
    script = """
import os, signal, sys
import sangkien.local.preload
import polars
child = os.fork()
if child == 0:
    signal.alarm(60)  # a fork takes no threads along: what waits for one waits for ever
    rows = polars.DataFrame({"key": [1, 2] * 5000, "value": range(10000)})
    os._exit(rows.lazy().group_by("key").agg(polars.col("value").sum()).collect().height - 2)
sys.exit(os.waitpid(child, 0)[1])
"""
    assert subprocess.run([sys.executable, "-c", script], stdout=subprocess.DEVNULL, check=False).returncode == 0
