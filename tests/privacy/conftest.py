"""One warehouse with persons, hostile cells and roles, for all tests of this folder."""

import shutil
from collections.abc import Callable
from datetime import date

import psycopg
import pytest

from sangkien.simulate import simulate
from tests.conftest import Warehouse

AS_OF = date(2023, 8, 31)
UNIT, OTHER = "ldld-ha-noi", "ldld-thanh-hoa"
UNITS = {UNIT, OTHER, "cd-than-khoang-san"}


@pytest.fixture(scope="session")
def guarded(make_warehouse: Callable[[], Warehouse]) -> Warehouse:
    """A published programme, with the roles; tests leave it as it is."""
    warehouse = make_warehouse()
    simulate(warehouse.inbox, 2_000, 11)
    for folder in warehouse.inbox.iterdir():
        if folder.name not in UNITS:
            shutil.rmtree(folder)
    assert warehouse.refresh(AS_OF) == 0
    done = warehouse.command("roles")
    assert done.returncode == 0, done.stderr
    return warehouse


def as_login(warehouse: Warehouse, login: str) -> str:
    """The warehouse's DSN for a login that a test has made, with the password `test`."""
    parts = psycopg.conninfo.conninfo_to_dict(warehouse.dsn) | {"user": login, "password": "test"}
    return psycopg.conninfo.make_conninfo(**parts)
