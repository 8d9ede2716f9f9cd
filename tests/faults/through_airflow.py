"""Nights through a real Airflow, whose scheduler, tasks and database are killed."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import httpx
import psutil

from sangkien.local.airflow import LocalAirflow
from sangkien.local.airflow_api import AirflowError, RunProgress
from tests.faults.machine import Machine
from tests.faults.nights import Night, put_all

DAG = "nightly_refresh"
NIGHT_SECONDS = 600
# A task whose process is gone is missed after so many seconds (Airflow's default: 300).
QUICK = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "2",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "10",
}


def airflow_nights(here: Machine, nights: list[Night], source: Path, chance: Random) -> Iterator[str]:
    """Run nights through Airflow. Yields the name of each one's fault.

    Raises:
        AssertionError: A night did not end as a success.
    """
    if not nights:
        return
    with here.warehouse.airflow(QUICK) as airflow:
        faults: tuple[Callable[[], None], ...] = (
            lambda: _kill_service(airflow, "scheduler"),
            lambda: _kill_a_task(airflow, chance),
            lambda: here.kill_server(only_a_backend=False),
        )
        names = ("airflow: scheduler killed", "airflow: task killed", "airflow: PostgreSQL killed")
        for number, night in enumerate(nights):
            put_all(night.files, source, here.warehouse.inbox)
            with airflow.api() as api:
                run_id = api.trigger(DAG, conf={"as_of": night.as_of})
            seconds = chance.uniform(3, 25)
            time.sleep(seconds)
            faults[number % len(faults)]()
            here.mend()
            airflow.up()
            end = _wait(airflow, run_id)
            said = f"{names[number % len(faults)]}, after {seconds:.1f} s"
            print(f"     {night.as_of} {len(night.files):3} files  {said}: {end.state}", flush=True)
            assert end.state == "success", end
            yield names[number % len(faults)]


def _wait(airflow: LocalAirflow, run_id: str) -> RunProgress:
    deadline = time.monotonic() + NIGHT_SECONDS
    while True:
        with suppress(httpx.TransportError, AirflowError), airflow.api() as api:
            return api.wait(DAG, run_id, timeout=deadline - time.monotonic())
        if time.monotonic() > deadline:
            raise AirflowError(f"no end of {run_id}")
        time.sleep(1)


def _kill_service(airflow: LocalAirflow, name: str) -> None:
    """SIGKILL a service with everything it has started."""
    for process in airflow.processes(name):
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
    while airflow.processes(name):  # `up` asked a moment too early finds everything running, and starts nothing
        time.sleep(0.1)


def _kill_a_task(airflow: LocalAirflow, chance: Random) -> None:
    """SIGKILL a process below the scheduler: a worker, a task's supervisor, or the task."""
    below = airflow.processes("scheduler")[1:]
    if below:
        with suppress(psutil.NoSuchProcess):
            chance.choice(below).kill()
