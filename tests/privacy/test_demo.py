"""`make demo`, with a thousand planted persons among its deliveries: nothing that it leaves or says tells of one."""

import time
from collections.abc import Iterator

import psycopg
import pytest

from sangkien.database import migrate
from sangkien.demo import forget
from sangkien.local.airflow import METADATA_DATABASE
from sangkien.local.postgres import EmbeddedPostgres
from sangkien.settings import Settings
from tests.conftest import Warehouse
from tests.privacy import persons
from tests.privacy.conftest import say
from tests.privacy.persons import ALL, OTHER, STRINGS, UNIT
from tests.privacy.search import PERSONAL_FOLDERS, PERSONAL_SCHEMAS, found_in_database, found_in_files

ROWS = 200
PATIENCE = 300  # seconds until the bulletin is written; a few on a free machine
SERVER = "home/postgres"  # its cluster is the tables, in PostgreSQL's own form; what it says is looked at apart


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """What the demonstration has left when its bulletin is written; PostgreSQL and Airflow still run."""
    folder = tmp_path_factory.mktemp("demo")
    deliveries = folder / "deliveries"
    persons.deliver(deliveries)
    demo = Warehouse("", folder)  # no server is named: the embedded one
    server = EmbeddedPostgres(folder / "home")
    try:
        say(demo, "demo", f"--rows={ROWS}", f"--deliver={deliveries}")
        demo.dsn = server.dsn()
        _wait_for_bulletin(_metadata(demo))
        for command in ("status", "publications", "alerts"):
            say(demo, command)
        yield demo
    finally:
        demo.dsn = ""
        down = demo.command("down")
        server.destroy()
        assert down.returncode == 0, down.stderr


@pytest.fixture(scope="module")
def in_database(demo: Warehouse) -> list[tuple[str, str]]:
    """Where persons are in the warehouse: table and string."""
    return found_in_database(demo.dsn, STRINGS)


@pytest.fixture(scope="module")
def in_files(demo: Warehouse) -> list[tuple[str, str]]:
    """Where persons are in files: path and string."""
    return found_in_files(demo.folder, STRINGS, but=(SERVER, "deliveries"))


def test_the_search_finds_who_is_planted(in_database: list[tuple[str, str]], in_files: list[tuple[str, str]]) -> None:
    names = {person.name.split()[0] for person in ALL}
    assert names <= {string for table, string in in_database if table == "landing.initiative"}
    for folder in ("inbox/", "home/raw/"):
        assert names <= {string for place, string in in_files if place.startswith(folder)}


def test_no_table_or_view_outside_landing_tells_of_a_person(in_database: list[tuple[str, str]]) -> None:
    assert [found for found in in_database if not found[0].startswith(PERSONAL_SCHEMAS)] == []


def test_airflows_database_tells_of_no_person(demo: Warehouse) -> None:
    """What tasks hand on, their arguments, the runs' parameters, assets and the log of what was done."""
    told = {table for table, _ in found_in_database(_metadata(demo), [UNIT, OTHER])}
    assert {"public.xcom", "public.rendered_task_instance_fields"} <= told  # the search reads what the night left there
    assert found_in_database(_metadata(demo), STRINGS) == []


def test_no_file_outside_the_raw_store_tells_of_a_person(demo: Warehouse, in_files: list[tuple[str, str]]) -> None:
    """Logs of Airflow and its tasks, lineage, dbt, the gate's pages, the bulletin and its downloads, what was said."""
    home = demo.folder / "home"
    written = {file.relative_to(home).parts[0] for file in home.rglob("*") if file.is_file()}
    assert {"airflow", "bulletin", "dbt", "logs", "raw", "reports", "said-demo.txt"} <= written
    assert list((home / "logs" / "tasks").glob("lineage-*.json"))
    assert [found for found in in_files if not found[0].startswith(PERSONAL_FOLDERS)] == []


def test_postgresql_says_nothing_of_a_person(demo: Warehouse) -> None:
    folder = (demo.folder / SERVER).resolve()
    assert found_in_files(folder, ["ready to accept connections"], but=("data",))
    assert found_in_files(folder, STRINGS, but=("data",)) == []


def test_a_demonstration_that_makes_place_leaves_nothing_of_the_one_before(warehouse: Warehouse) -> None:
    own = "select nspname from pg_namespace where nspname !~ '^pg_' and nspname not in ('information_schema', 'public')"
    migrate(warehouse.dsn)
    assert {"landing", "restricted"} <= {row["nspname"] for row in warehouse.query(own)}
    forget(Settings(dsn=warehouse.dsn, home=warehouse.folder / "home"))
    assert warehouse.query(own) == []
    migrate(warehouse.dsn)


def _metadata(demo: Warehouse) -> str:
    return psycopg.conninfo.make_conninfo(demo.dsn, dbname=METADATA_DATABASE)


def _wait_for_bulletin(metadata: str) -> None:
    """The demonstration ends before the DAG that its publication has started."""
    deadline = time.monotonic() + PATIENCE
    with psycopg.connect(metadata, autocommit=True) as connection:
        while time.monotonic() < deadline:
            states = connection.execute("select state from dag_run where dag_id = 'weekly_bulletin'").fetchall()
            if ("success",) in states:
                return
            time.sleep(1)
    raise TimeoutError(f"no bulletin {PATIENCE} s after the demonstration: {states}")
