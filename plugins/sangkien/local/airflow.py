"""Airflow on one machine: `up` starts PostgreSQL and Airflow's four services, `down` leaves no process behind.

Under the home: `airflow/` (Airflow's own folder, its secrets, its port, the record of processes) and `logs/` (one for
each service, `tasks/` for the tasks). The services are the commands of docker-compose.yml, with the same environment.

Each service leads a session of its own, and is found and stopped by that: the runner of a task leaves the process group
of the scheduler that started it, but nothing in Airflow leaves the session.
"""

import base64
import fcntl
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from sangkien.local.airflow_api import AirflowApi, AirflowError
from sangkien.local.postgres import EmbeddedPostgres
from sangkien.local.state import HOST, kept_port, kept_secret, tail

ADMIN = "admin"
METADATA_DATABASE = "airflow"
API_SERVER = "api-server"
SERVICES = {
    # Logs are read from the shared folder: the log servers would only take fixed ports from each other.
    API_SERVER: ("api-server",),
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}
# Lineage is told of the DAGs that move deliveries to the marts, and of no other: a parameter may name a person.
LINEAGE_POLICY: list[dict[str, Any]] = [{"scope": {}, "controls": {"emit": False, "include_source_code": False}}]
for dag_id in ("intake_watch", "nightly_refresh", "rejudge"):
    LINEAGE_POLICY.append({"scope": {"dag_id": dag_id}, "controls": {"emit_task_events": True}})
HEALTHY_SECONDS = 180  # ten to fifteen on two free cores
TERM_SECONDS = 5  # the triggerer waits ten seconds for a child that no longer listens; every stage survives a SIGKILL
KILL_SECONDS = 10


@dataclass(frozen=True)
class Service:
    """A started service: its name, the process that leads its session, and when that began (seconds since 1970)."""

    name: str
    pid: int
    began: float

    def processes(self) -> list[psutil.Process]:
        """Every living process of the service, its workers and tasks included."""
        try:
            # The number may have passed to a stranger since; ten seconds allow for a clock that was set.
            if abs(psutil.Process(self.pid).create_time() - self.began) > 10:
                return []
        except psutil.NoSuchProcess:
            pass  # the leader is gone, its number stays taken as long as the session has members
        return [process for process in psutil.process_iter() if _session(process) == self.pid]

    def is_up(self) -> bool:
        """Whether the leader lives."""
        return any(process.pid == self.pid for process in self.processes())


def metadata_url(warehouse_dsn: str) -> str:
    """The URL of Airflow's own database, as SQLAlchemy reads it: on the warehouse's server."""
    return urlsplit(warehouse_dsn)._replace(path=f"/{METADATA_DATABASE}", scheme="postgresql+psycopg2").geturl()


def airflow_environment(*, home: Path, dags_folder: Path, warehouse_dsn: str, port: int) -> dict[str, str]:
    """Airflow's settings as environment variables; its secrets are made at the first call and kept.

    Args:
        home: Folder of the local state (SANGKIEN_HOME).
        dags_folder: Folder of the DAG files.
        warehouse_dsn: PostgreSQL URL of the warehouse; Airflow's database is `airflow` on the same server.
        port: Port of the api-server on 127.0.0.1.
    """
    folder, logs = home / "airflow", home / "logs"
    fernet_key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    passwords = folder / "passwords.json"
    kept_secret(passwords, json.dumps({ADMIN: secrets.token_urlsafe(12)}))
    metadata = metadata_url(warehouse_dsn)
    return {
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags_folder),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "3",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": "Asia/Ho_Chi_Minh",
        "AIRFLOW__CORE__FERNET_KEY": kept_secret(folder / "fernet_key", fernet_key),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://{HOST}:{port}/execution/",
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{ADMIN}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": metadata.replace("+psycopg2", "+psycopg", 1),
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://{HOST}:{port}",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": kept_secret(folder / "api_secret_key", secrets.token_urlsafe(32)),
        "AIRFLOW__API_AUTH__JWT_SECRET": kept_secret(folder / "jwt_secret", secrets.token_urlsafe(64)),
        "AIRFLOW__SCHEDULER__MP_START_METHOD": "forkserver",
        "AIRFLOW__SCHEDULER__MP_FORKSERVER_PRELOAD": "sangkien.local.preload",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(logs / "tasks"),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(logs / "dags"),
        "AIRFLOW__OPENLINEAGE__NAMESPACE": "sangkien",
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(
            {"type": "file", "log_file_path": str(logs / "tasks" / "lineage")}  # one file for each event
        ),
        "AIRFLOW__OPENLINEAGE__EMISSION_POLICY": json.dumps(LINEAGE_POLICY),
        "NO_PROXY": ",".join(filter(None, (os.environ.get("NO_PROXY"), HOST))),
        "SANGKIEN_DSN": warehouse_dsn,
        "SANGKIEN_HOME": str(home),
    }


class LocalAirflow:
    """Airflow under one home, with the PostgreSQL that it and the warehouse need."""

    def __init__(
        self,
        home: Path,
        dags_folder: Path,
        *,
        postgres: EmbeddedPostgres | None = None,
        dsn: str = "",
        services: Mapping[str, tuple[str, ...]] = SERVICES,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Describe it; nothing is touched before `up`.

        Args:
            home: Folder of the local state (SANGKIEN_HOME).
            dags_folder: Folder of the DAG files.
            postgres: The embedded server, started by `up` and stopped by `down`; None if `dsn` names another server.
            dsn: Else the PostgreSQL URL of the warehouse; that server must have a database `airflow` for Airflow.
            services: The services and their commands: Celery's workers may be among them.
            environment: What differs from `airflow_environment`.
        """
        self.home = home.absolute()
        self._dags_folder = dags_folder.absolute()
        self._postgres = postgres
        self._dsn = dsn
        self._commands = services
        self._differences = environment or {}
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def up(self) -> None:
        """Start what does not run yet, and wait until Airflow calls itself healthy.

        Raises:
            AirflowError: A service ended or did not become healthy in time; all are stopped again.
            PostgresError: The embedded server does not start.
        """
        with self._lock():
            warehouse_dsn = self._postgres.start() if self._postgres else self._dsn
            if self._is_healthy():
                return
            self._stop_services()
            environment = os.environ | airflow_environment(
                home=self.home,
                dags_folder=self._dags_folder,
                warehouse_dsn=warehouse_dsn,
                port=kept_port(self._port_file),
            )
            environment |= self._differences
            began = datetime.now(UTC)
            try:
                # The slowest to start, and without a look at the tables until then: it need not wait for the migration.
                unchecked = environment | {"AIRFLOW__DATABASE__CHECK_MIGRATIONS": "False"}
                self._start_service(API_SERVER, self._commands[API_SERVER], unchecked)
                self._migrate(environment)
                for name, command in self._commands.items():
                    if name != API_SERVER:
                        self._start_service(name, command, environment)
                self._wait_until_healthy(began)
            except BaseException:
                self._stop_services()
                raise

    def down(self) -> None:
        """Stop Airflow, then the embedded server, and make sure that no process is left.

        Raises:
            AirflowError: Something survives even SIGKILL; the message names the processes.
        """
        with self._lock():
            self._stop_services()
        if self._postgres:
            self._postgres.stop()

    def status(self) -> dict[str, bool]:
        """Which service is up."""
        started = {service.name: service for service in self._services()}
        return {name: name in started and started[name].is_up() for name in self._commands}

    def processes(self, name: str) -> list[psutil.Process]:
        """Every living process of a service, the leader first."""
        found = (process for service in self._services() if service.name == name for process in service.processes())
        return sorted(found, key=lambda process: process.pid)

    def api(self) -> AirflowApi:
        """A client of the running api-server; close it after use.

        Raises:
            AirflowError: `up` was never called here.
        """
        return AirflowApi(self.url(), ADMIN, self.password())

    def url(self) -> str:
        """Where a browser finds Airflow.

        Raises:
            AirflowError: `up` was never called here.
        """
        if not self._port_file.exists():
            raise AirflowError(f"No Airflow under {self._folder.parent} yet: run `sangkien up`.")
        return f"http://{HOST}:{int(self._port_file.read_text())}"

    def password(self) -> str:
        """The password of the user `admin`."""
        return str(json.loads((self._folder / "passwords.json").read_text())[ADMIN])

    # ------------------------------------------------------------------------------------------------------------------

    @property
    def _folder(self) -> Path:
        return self.home / "airflow"

    @property
    def _logs(self) -> Path:
        return self.home / "logs"

    @property
    def _port_file(self) -> Path:
        return self._folder / "port"

    @property
    def _record(self) -> Path:
        return self._folder / "services.json"

    @contextmanager
    def _lock(self) -> Iterator[None]:
        for folder in (self._folder, self._logs):
            folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _services(self) -> list[Service]:
        return [Service(**entry) for entry in json.loads(self._record.read_text())] if self._record.exists() else []

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def _start_service(self, name: str, command: tuple[str, ...], environment: dict[str, str]) -> None:
        with self._log(name).open("ab") as log:
            child = subprocess.Popen(
                [str(Path(sys.executable).with_name("airflow")), *command],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._children[name] = child
        service = Service(name, child.pid, psutil.Process(child.pid).create_time())
        self._record.write_text(json.dumps([asdict(known) for known in (*self._services(), service)]))

    def _migrate(self, environment: dict[str, str]) -> None:
        self._start_service("migrate", ("db", "migrate"), environment)
        if self._children.pop("migrate").wait() != 0:
            raise AirflowError(f"`airflow db migrate` failed; its log ends with\n{tail(self._log('migrate'))}")

    def _is_healthy(self) -> bool:
        if not all(self.status().values()):
            return False
        with self.api() as api:
            return api.is_healthy()

    def _wait_until_healthy(self, began: datetime) -> None:
        deadline = time.monotonic() + HEALTHY_SECONDS
        with self.api() as api:
            while not api.is_healthy(since=began):
                for name, child in self._children.items():
                    if child.poll() is not None:
                        raise AirflowError(f"Airflow's {name} ended ({child.returncode}):\n{tail(self._log(name))}")
                if time.monotonic() > deadline:
                    raise AirflowError(f"Airflow is not healthy after {HEALTHY_SECONDS} s; its logs: {self._logs}")
                time.sleep(0.3)

    def _stop_services(self) -> None:
        services = self._services()
        since = time.monotonic()
        _signal(services, signal.SIGTERM)
        while left := [process for service in services for process in service.processes()]:
            if time.monotonic() > since + TERM_SECONDS + KILL_SECONDS:
                raise AirflowError(f"These processes survive SIGKILL: {', '.join(map(str, left))}")
            if time.monotonic() > since + TERM_SECONDS:
                _signal(services, signal.SIGKILL)
            time.sleep(0.1)
        for child in self._children.values():
            child.wait()
        self._children.clear()
        self._record.unlink(missing_ok=True)


def _signal(services: list[Service], number: signal.Signals) -> None:
    """Signal every process once: the second SIGTERM to a scheduler means something else than the first."""
    for process in [process for service in services for process in service.processes()]:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _session(process: psutil.Process) -> int | None:
    """The session of a living process; None if it is gone or a zombie."""
    try:
        session = os.getsid(process.pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else session
    except (psutil.NoSuchProcess, ProcessLookupError, PermissionError):
        return None
