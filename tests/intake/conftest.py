"""An installation whose load stage is called by itself."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from sangkien.database import connect, migrate
from sangkien.intake.discover import discover
from sangkien.intake.inbox import FolderInbox, Inbox
from sangkien.intake.load import Loader, load_shard
from sangkien.settings import PROJECT_ROOT, Limits
from tests.conftest import Warehouse

UNIT = "ldld-ha-noi"
NAME = "initiatives_2023-08-31.csv"


@dataclass(frozen=True)
class Intake:
    """A warehouse of which only the load stage runs."""

    warehouse: Warehouse
    inbox: Inbox
    day: date = date(2023, 9, 1)

    def deliver(self, content: bytes, unit: str = UNIT, name: str = NAME) -> None:
        """Put a file into the inbox on this machine."""
        file = self.warehouse.inbox / unit / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)

    def loader(self, limits: Limits | None = None) -> Loader:
        """What the stage is called with."""
        store = self.warehouse.folder / "home" / "raw"
        return Loader(self.warehouse.dsn, self.inbox, store, limits or Limits(), b"test", "test", self.day)

    def load(self, limits: Limits | None = None) -> None:
        """Take what is new in the inbox."""
        with connect(self.warehouse.dsn) as connection:
            candidates = discover(connection, self.inbox)
        load_shard(candidates, self.loader(limits))

    def statuses(self) -> list[tuple[str, str, str | None]]:
        """Unit, status and reason of every delivery, in the order of their numbers."""
        rows = self.warehouse.query(
            "select unit_code, status, reason_code from ops.delivery order by unit_code, delivery_no"
        )
        return [(row["unit_code"], row["status"], row["reason_code"]) for row in rows]

    def landed(self) -> list[str]:
        """The codes of the rows in landing that count."""
        rows = self.warehouse.query(
            "select l.initiative_code as code from landing.initiative as l"
            " inner join ops.delivery as d using (unit_code, delivery_no) where d.counts order by 1"
        )
        return [row["code"] for row in rows]


def copy_project(folder: Path) -> Path:
    """A copy of what an installation runs, to be changed; PYTHONPATH=<copy>/plugins makes it the one that is run."""
    copy = folder / "project"
    for name in ("plugins", "dbt_project", "expectations"):
        shutil.copytree(PROJECT_ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "target"))
    return copy


@pytest.fixture
def intake(make_warehouse: Callable[[], Warehouse]) -> Intake:
    """An empty one."""
    warehouse = make_warehouse()
    migrate(warehouse.dsn)
    return Intake(warehouse, FolderInbox(warehouse.inbox))
