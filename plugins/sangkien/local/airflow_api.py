"""Airflow's REST API, as far as the demo, the command line and the tests use it: is it healthy, trigger, wait."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import httpx

PAGE = 100  # the most that Airflow gives at once by default
LONG_AGO = datetime.min.replace(tzinfo=UTC)
FINAL_STATES = ("success", "failed")
WAITING = "awaiting_input"  # for a person


class AirflowError(RuntimeError):
    """Airflow cannot do what was asked; the message says what to do or where to look."""


@dataclass(frozen=True)
class TaskState:
    """One task of a run; `map_index` is -1 unless it is mapped, `state` is None until it is scheduled."""

    task_id: str
    map_index: int
    state: str | None
    try_number: int
    seconds: float | None


@dataclass(frozen=True)
class RunProgress:
    """A run and its tasks at one moment."""

    run_id: str
    state: str
    tasks: tuple[TaskState, ...]

    @property
    def is_final(self) -> bool:
        """Whether the run is over."""
        return self.state in FINAL_STATES


class AirflowApi:
    """A client of one api-server; use it in a `with` statement."""

    def __init__(self, url: str, user: str, password: str) -> None:
        """Describe the client; it logs in at its first request."""
        # No proxy of the environment may stand between two processes of one machine.
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False)
        self._login = {"username": user, "password": password}

    def __enter__(self) -> Self:
        """Enter the `with` statement."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self._http.close()

    def is_healthy(self, *, since: datetime = LONG_AGO) -> bool:
        """Whether every part calls itself healthy, by a heartbeat not before `since`."""
        try:
            answer = self._http.get("/api/v2/monitor/health", timeout=5)
        except httpx.TransportError:
            return False
        if answer.status_code != httpx.codes.OK:
            return False
        parts = answer.json()
        beats = [parts[name][f"latest_{name}_heartbeat"] for name in ("scheduler", "triggerer", "dag_processor")]
        return all(part["status"] == "healthy" for part in parts.values()) and all(
            beat is not None and datetime.fromisoformat(beat) >= since for beat in beats
        )

    def trigger(
        self,
        dag_id: str,
        *,
        conf: dict[str, Any] | None = None,
        logical_date: datetime | None = None,
        patience: float = 60,
    ) -> str:
        """Start a run, as soon as Airflow knows the DAG.

        Args:
            dag_id: The DAG.
            conf: Parameters of the run.
            logical_date: None for a run without one; a second run of the same logical date is refused.
            patience: Seconds to wait for the dag-processor to have read the DAG.

        Returns:
            The run's id.

        Raises:
            AirflowError: The DAG is not there in time (the message has the import errors), or Airflow refuses the run.
        """
        deadline = time.monotonic() + patience
        while self._request("GET", f"/dags/{dag_id}").status_code == httpx.codes.NOT_FOUND:
            if time.monotonic() > deadline:
                errors = self._ask("GET", "/importErrors")["import_errors"]
                broken = "".join(f"\n{error['filename']}:\n{error['stack_trace']}" for error in errors)
                raise AirflowError(f"Airflow has found no DAG {dag_id} in {patience:.0f} s.{broken}")
            time.sleep(0.5)
        body = {"logical_date": logical_date.isoformat() if logical_date else None, "conf": conf or {}}
        return str(self._ask("POST", f"/dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def progress(self, dag_id: str, run_id: str) -> RunProgress:
        """The state of a run and of its tasks."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}"
        state = self._ask("GET", path)["state"]
        tasks: list[TaskState] = []
        while True:
            page = self._ask("GET", f"{path}/taskInstances", params={"limit": PAGE, "offset": len(tasks)})
            tasks += (
                TaskState(task["task_id"], task["map_index"], task["state"], task["try_number"], task["duration"])
                for task in page["task_instances"]
            )
            if not page["task_instances"] or len(tasks) >= page["total_entries"]:
                return RunProgress(run_id, state, tuple(tasks))

    def wait(
        self,
        dag_id: str,
        run_id: str,
        *,
        on_progress: Callable[[RunProgress], object] | None = None,
        timeout: float = 3600,
        interval: float = 1,
    ) -> RunProgress:
        """Wait for the end of a run.

        Args:
            dag_id: The DAG.
            run_id: The run, as `trigger` returned it.
            on_progress: Called with every look at the run, the last one included.
            timeout: Seconds until giving up; the run goes on.
            interval: Seconds between two looks.

        Returns:
            The run's end, in state `success` or `failed`.

        Raises:
            AirflowError: The run is not over in time.
        """
        deadline = time.monotonic() + timeout
        while True:
            progress = self.progress(dag_id, run_id)
            if on_progress:
                on_progress(progress)
            if progress.is_final:
                return progress
            if time.monotonic() > deadline:
                raise AirflowError(f"Run {run_id} of {dag_id} is still {progress.state} after {timeout:.0f} s.")
            time.sleep(interval)

    def answer(self, dag_id: str, run_id: str, task_id: str, option: str, patience: float = 300, **values: Any) -> None:
        """Answer a task that asks a person, as soon as it waits, and see to it that the answer is taken.

        Airflow shows a question before it has booked that the task waits; an answer that comes in between is lost.

        Args:
            dag_id: The DAG.
            run_id: The run.
            task_id: The task that asks.
            option: One of its options.
            patience: Seconds until the answer must be taken.
            values: What its form asks for.

        Raises:
            AirflowError: It has not asked, or not taken the answer, in time; or it takes no such answer.
        """
        task = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}"
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            state = self._ask("GET", task)["state"]
            if state == "success":
                return
            if state == WAITING and not self._ask("GET", f"{task}/-1/hitlDetails")["response_received"]:
                self._ask("PATCH", f"{task}/-1/hitlDetails", json={"chosen_options": [option], "params_input": values})
            time.sleep(1)
        raise AirflowError(f"Task {task_id} of {run_id} has not taken an answer in {patience:.0f} s.")

    def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        if "Authorization" not in self._http.headers:
            answer = self._http.post("/auth/token", json=self._login)
            if answer.status_code != httpx.codes.CREATED:
                raise AirflowError(f"Airflow refuses user {self._login['username']}: {answer.text}")
            self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return self._http.request(method, f"/api/v2{path}", **options)

    def _ask(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        answer = self._request(method, path, **options)
        if answer.is_error:
            raise AirflowError(f"Airflow answers {answer.status_code} to {method} {path}: {answer.text}")
        body: dict[str, Any] = answer.json()
        return body
