"""One warehouse with persons, hostile cells and roles, for all tests of this folder."""
# ruff: noqa: S608 - tables and columns are named by the catalogue

import shutil
from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
import pytest

from sangkien.simulate import simulate
from tests.conftest import Warehouse
from tests.privacy import hostile, persons
from tests.privacy.persons import OTHER, THIRD, UNIT

AS_OF = date(2023, 8, 31)
KEYED = {"author_key"}
UNITS = {UNIT, OTHER, THIRD}


@pytest.fixture(scope="session")
def guarded(make_warehouse: Callable[[], Warehouse]) -> Warehouse:
    """A published programme, with the roles; tests leave it as it is."""
    warehouse = make_warehouse()
    simulate(warehouse.inbox, 2_000, 11)
    for folder in warehouse.inbox.iterdir():
        if folder.name not in UNITS:
            shutil.rmtree(folder)
    persons.deliver(warehouse.inbox)
    hostile.deliver(warehouse.inbox)
    assert warehouse.refresh(AS_OF) == 0
    done = warehouse.command("roles")
    assert done.returncode == 0, done.stderr
    return warehouse


def say(warehouse: Warehouse, command: str, *arguments: str) -> None:
    """Run a command, and keep what it says beside what it leaves."""
    done = warehouse.command(command, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    (warehouse.folder / "home" / f"said-{command}.txt").write_text(done.stdout + done.stderr, "utf-8")


def as_login(warehouse: Warehouse, login: str) -> str:
    """The warehouse's DSN for a login that a test has made, with the password `test`."""
    return psycopg.conninfo.make_conninfo(warehouse.dsn, user=login, password="test")


def figures(warehouse: Warehouse) -> dict[str, Any]:
    """A hash over each mart without the surrogates of authors."""
    told = {}
    with psycopg.connect(warehouse.dsn) as connection:
        for table, columns in connection.execute(
            "select table_name, array_agg(column_name::text order by ordinal_position)"
            " from information_schema.columns where table_schema = 'marts' group by 1"
        ).fetchall():
            kept = ", ".join(f'"{name}"' for name in columns if name not in KEYED)
            told[table] = connection.execute(
                f'select count(*), md5(string_agg(t::text, chr(10) order by t::text collate "C"))'
                f" from (select {kept} from marts.{table}) as t"
            ).fetchone()
    return told
