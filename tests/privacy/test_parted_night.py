"""A night of which each stage has a login of its own, with the rights of docs/roles.md and no more."""
# ruff: noqa: S608 - views are named by the catalogue

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from urllib.parse import urlsplit

import psycopg
import pytest

from sangkien import pipeline
from sangkien.settings import Settings
from sangkien.simulate import simulate
from tests.conftest import Warehouse

AS_OF = date(2023, 8, 31)
UNIT = "ldld-ha-noi"


@pytest.fixture(scope="module")
def parted(make_warehouse: Callable[[], Warehouse]) -> tuple[Warehouse, dict[str, pipeline.Night]]:
    """A warehouse that has the roles and nothing else, and by its role the night of each worker, and of a reader."""
    warehouse = make_warehouse()
    simulate(warehouse.inbox, 2_000, 5)
    for folder in warehouse.inbox.iterdir():
        if folder.name != UNIT:
            shutil.rmtree(folder)
    done = warehouse.command("roles")
    assert done.returncode == 0, done.stderr
    settings = Settings(
        home=warehouse.folder / "home", inbox=str(warehouse.inbox), outbox=str(warehouse.outbox), shards=1
    )
    owner = pipeline.Night("parted", AS_OF, warehouse.dsn, settings)
    nights = {}
    with psycopg.connect(warehouse.dsn, autocommit=True) as connection:
        for role in ("sangkien_loader", "sangkien_transformer", "sangkien_publisher", "bi_reader"):
            login = f"test_{os.getpid()}_night_{role}"
            connection.execute(f"create role {login} login password 'test' in role {role}")
            url = urlsplit(warehouse.dsn)
            parted = url._replace(netloc=f"{login}:test@{url.hostname}:{url.port}")
            nights[role] = replace(owner, dsn=parted.geturl())
    return warehouse, nights


def _run(nights: dict[str, pipeline.Night], run_id: str) -> str:
    loader, transformer, publisher = (
        replace(nights[f"sangkien_{role}"], run_id=run_id) for role in ("loader", "transformer", "publisher")
    )
    pipeline.begin(loader)
    for shard in pipeline.find_files(loader):
        pipeline.load_files(loader, shard)
    pipeline.judge_changes(transformer)
    pipeline.build_marts(transformer)
    gated = pipeline.pass_gate(publisher)
    if gated is not None:
        assert gated.passed, gated.refused_by
        pipeline.publish_candidate(publisher, gated.publication)
    pipeline.send_receipts(loader)
    return pipeline.end(publisher)


def test_a_night_under_parted_logins_publishes(parted: tuple[Warehouse, dict[str, pipeline.Night]]) -> None:
    """The first, one in which other bytes came under a name, and one in which nothing is new."""
    warehouse, nights = parted
    assert _run(nights, "first") == "published"
    first = warehouse.query("select count(*) as n from marts.fct_initiative")
    files = sorted((warehouse.inbox / UNIT).glob("initiatives_*"))
    shutil.copyfile(files[0], files[-1])
    assert _run(nights, "second") == "published"
    assert warehouse.query("select count(*) as n from marts.fct_initiative") != first
    assert list(warehouse.outbox.rglob("*.xlsx"))
    with psycopg.connect(nights["bi_reader"].dsn) as reader:
        for mart in warehouse.published():
            counted = f"select count(*) as n from marts.{mart}"
            assert reader.execute(counted).fetchone() == (warehouse.query(counted)[0]["n"],), mart
    assert _run(nights, "third") == "nothing_new"
    owners = warehouse.query(
        "select distinct r.rolname from pg_class as c inner join pg_roles as r on c.relowner = r.oid"
        " where c.relnamespace = 'marts'::regnamespace"
    )
    assert [row["rolname"] for row in owners] == [f"test_{os.getpid()}_night_sangkien_transformer"]
