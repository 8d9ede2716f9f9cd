"""What the tests share: one real PostgreSQL for the session, and an empty warehouse for whoever asks."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row
from selenium.webdriver import Chrome, ChromeOptions, ChromeService

from sangkien.local.airflow import LocalAirflow
from sangkien.local.postgres import EmbeddedPostgres
from sangkien.settings import PROJECT_ROOT

SANGKIEN = Path(sys.executable).parent / "sangkien"
_HASH = """select md5(string_agg(t::text, chr(10) order by t::text collate "C")) as hash from marts.{} as t"""
_numbers = count(1)


@dataclass
class Warehouse:
    """An installation of its own, used through the command line, as an engineer would."""

    dsn: str
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    patience: float = 600

    @property
    def inbox(self) -> Path:
        """The folder that the units deliver into."""
        return self.folder / "inbox"

    @property
    def outbox(self) -> Path:
        """The folder that the receipts go to."""
        return self.folder / "outbox"

    def command(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run `sangkien` with these arguments."""
        return subprocess.run(
            [SANGKIEN, *arguments],
            env=self.variables(),
            capture_output=True,
            text=True,
            check=False,
            timeout=self.patience,
        )

    def variables(self) -> dict[str, str]:
        """The environment in which commands of this installation run."""
        return os.environ | self.settings()

    def settings(self) -> dict[str, str]:
        """What tells this installation from others."""
        return {
            "SANGKIEN_DSN": self.dsn,
            "SANGKIEN_INBOX": str(self.inbox),
            "SANGKIEN_OUTBOX": str(self.outbox),
            "SANGKIEN_HOME": str(self.folder / "home"),
            "SANGKIEN_PSEUDONYM_KEY": "of all test warehouses",
            **self.environment,
        }

    @contextmanager
    def airflow(self, environment: Mapping[str, str] | None = None) -> Iterator[LocalAirflow]:
        """A running Airflow of this installation, with the project's DAGs; it is stopped at the end.

        Args:
            environment: What differs from the installation's own settings.
        """
        settings = self.settings() | dict(environment or {})
        airflow = LocalAirflow(
            Path(settings["SANGKIEN_HOME"]), PROJECT_ROOT / "dags", dsn=self.dsn, environment=settings
        )
        try:
            airflow.up()
            yield airflow
        finally:
            airflow.down()

    def refresh(self, as_of: date) -> int:
        """Run the nightly job; its exit code. What it said goes to pytest's captured output."""
        done = self.command("refresh", "--as-of", as_of.isoformat())
        print(done.stdout, done.stderr)
        return done.returncode

    def query(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Rows of the warehouse, as a reader sees them."""
        with psycopg.connect(self.dsn, row_factory=dict_row) as connection:
            return connection.execute(query, values or None).fetchall()

    def published(self) -> dict[str, str]:
        """A hash over the rows of every published table."""
        names = self.query("select viewname as name from pg_views where schemaname = 'marts' order by 1")
        return {row["name"]: self.query(_HASH.format(row["name"]))[0]["hash"] for row in names}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """The embedded server; fsync is off, as nowhere else."""
    postgres = EmbeddedPostgres(tmp_path_factory.mktemp("server"), durable=False)
    postgres.start()
    yield postgres
    postgres.destroy()


@contextmanager
def _database(server: EmbeddedPostgres, template: str = "template1") -> Iterator[str]:
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
        )
    yield server.dsn(name)
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def make_warehouse(
    server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Warehouse]]:
    """A maker of empty installations; their databases are dropped at the end of the session."""
    with ExitStack() as stack:

        def make() -> Warehouse:
            warehouse = Warehouse(stack.enter_context(_database(server)), tmp_path_factory.mktemp("warehouse"))
            warehouse.inbox.mkdir()
            return warehouse

        yield make


@contextmanager
def _copier(server: EmbeddedPostgres, make_folder: Callable[[], Path]) -> Iterator[Callable[[Warehouse], Warehouse]]:
    with ExitStack() as stack:

        def copy(original: Warehouse) -> Warehouse:
            folder = make_folder()
            shutil.copytree(original.folder, folder, dirs_exist_ok=True)
            template = urlsplit(original.dsn).path.lstrip("/")
            return Warehouse(stack.enter_context(_database(server, template)), folder)

        yield copy


@pytest.fixture
def copy_warehouse(server: EmbeddedPostgres, tmp_path: Path) -> Iterator[Callable[[Warehouse], Warehouse]]:
    """A maker of copies of an installation, with which a test may do as it likes."""
    with _copier(server, lambda: tmp_path) as copy:
        yield copy


@pytest.fixture(scope="module")
def copy_for_module(
    server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Warehouse], Warehouse]]:
    """A maker of copies of an installation that the tests of a module share."""
    with _copier(server, lambda: tmp_path_factory.mktemp("copy")) as copy:
        yield copy


@pytest.fixture
def warehouse(make_warehouse: Callable[[], Warehouse]) -> Warehouse:
    """An empty installation."""
    return make_warehouse()


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """Chromium without a window; it notes what it asks of the network and what it complains of."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("needs chromium and chromium-driver")
    options = ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
                     "--disable-dev-shm-usage", f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):  # fmt: skip
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    environment = os.environ | {"NO_PROXY": "localhost,127.0.0.1", "no_proxy": "localhost,127.0.0.1"}
    chrome = Chrome(options=options, service=ChromeService(driver, env=environment))
    yield chrome
    chrome.quit()
