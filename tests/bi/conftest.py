"""Superset in an environment of its own, with the project's assets, on a published warehouse."""

import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from sangkien.local.state import kept_port
from sangkien.settings import PROJECT_ROOT
from sangkien.simulate import simulate
from tests.conftest import Warehouse
from tests.privacy import hostile, persons

AS_OF = date(2023, 8, 31)
UNIT, OTHER = "ldld-ha-noi", "ldld-thanh-hoa"
NO_UNIT = "an-officer"
BI = PROJECT_ROOT / "bi" / "superset"
ENVIRONMENT = PROJECT_ROOT / ".sangkien" / "superset"
PASSWORD = "test"  # pragma: allowlist secret
START_SECONDS = 300


@dataclass
class Superset:
    """A running Superset."""

    url: str
    warehouse: Warehouse

    def login(self, user: str) -> httpx.Client:
        """A client in whose name Superset answers."""
        body = {"username": user, "password": PASSWORD, "provider": "db", "refresh": False}
        answer = httpx.post(f"{self.url}/api/v1/security/login", json=body, timeout=120, trust_env=False)
        headers = {"Authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=120, trust_env=False)


@pytest.fixture(scope="session")
def superset(make_warehouse: Callable[[], Warehouse], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Superset]:
    """Superset with the assets, an administrator, somebody of the programme's office, and officers."""
    binaries = _installed()
    warehouse = _published(make_warehouse())
    home = tmp_path_factory.mktemp("superset")
    environment = os.environ | {
        "SUPERSET_CONFIG_PATH": str(BI / "superset_config.py"),
        "SUPERSET_SECRET_KEY": secrets.token_urlsafe(32),
        "SUPERSET_METADATA_URI": f"sqlite:///{home}/superset.db",
        "SUPERSET_HOME": str(home),
        "FLASK_APP": "superset.app:create_app()",
    }
    office = f"superset_office_{os.getpid()}"
    with psycopg.connect(warehouse.dsn, autocommit=True) as connection:
        connection.execute(f"create role {office} login password '{PASSWORD}' in role bi_reader")
    warehouse.environment["SUPERSET_UNIT_PASSWORD"] = PASSWORD
    for _ in range(2):  # again: it may be repeated
        made = warehouse.command("pg", "psql", "--no-psqlrc", f"--file={BI / 'unit_logins.sql'}")
        assert made.returncode == 0, made.stderr
    environment["SANGKIEN_SUPERSET_OFFICE_DSN"] = _as_login(warehouse, office)
    environment["SANGKIEN_SUPERSET_UNIT_DSN"] = _as_login(warehouse, "the-user")

    def run(*command: str | Path) -> None:
        done = subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]

    command = binaries / "superset"
    run(command, "db", "upgrade")
    names = ["--firstname", "x", "--lastname", "y", "--password", PASSWORD]
    run(command, "fab", "create-admin", "--username", "admin", "--email", "admin@test.example", *names)
    run(command, "init")
    for _ in range(2):  # again: it overwrites
        run(binaries / "python", BI / "load_assets.py")
    officers = dict.fromkeys((UNIT, persons.THIRD, NO_UNIT), "Union officer")
    for user, role in ({"office": "Programme office"} | officers).items():
        run(
            command, "fab", "create-user", "--username", user, "--role", role, "--email", f"{user}@test.example", *names
        )
    port = kept_port(home / "port")
    with (home / "server.log").open("w") as log:
        server = subprocess.Popen(
            [binaries / "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "8", "--timeout", "300",
             "superset.app:create_app()"],
            env=environment, cwd=home, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", home / "server.log")
        yield Superset(f"http://127.0.0.1:{port}", warehouse)
    finally:
        server.terminate()
        server.wait()


def _installed() -> Path:
    """Superset's environment, made where it is missing or another one is asked for."""
    asked, kept = BI / "requirements.txt", ENVIRONMENT / "requirements.txt"
    if not kept.exists() or kept.read_bytes() != asked.read_bytes():
        subprocess.run(["uv", "venv", "--quiet", "--clear", "--python", "3.11", ENVIRONMENT], check=True)
        python = ENVIRONMENT / "bin" / "python"
        subprocess.run(["uv", "pip", "sync", "--quiet", "--python", python, asked], check=True)
        shutil.copy(asked, kept)
    return ENVIRONMENT / "bin"


def _published(warehouse: Warehouse) -> Warehouse:
    simulate(warehouse.inbox, 4_000, 3)
    hostile.deliver(warehouse.inbox)
    assert warehouse.refresh(AS_OF) == 0
    done = warehouse.command("roles")
    assert done.returncode == 0, done.stderr
    return warehouse


def _as_login(warehouse: Warehouse, login: str) -> str:
    parts = conninfo_to_dict(warehouse.dsn)
    return f"postgresql://{login}:{PASSWORD}@{parts['host']}:{parts['port']}/{parts['dbname']}"


def _wait_for(url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(1)
    raise TimeoutError(log.read_text("utf-8")[-3000:])
