"""A thousand planted persons: nothing of them outside landing, restricted, the raw store and what goes to a unit."""
# ruff: noqa: S608 - views are named by the catalogue

import gzip
import os
import re
from pathlib import Path

import psycopg
import pytest

from tests.conftest import Warehouse
from tests.privacy.conftest import as_login, say
from tests.privacy.persons import ALL, NAMED_BY_A_FILE, OTHER, PERSONS, STRINGS
from tests.privacy.search import PERSONAL_FOLDERS, PERSONAL_SCHEMAS, found_in_database, found_in_files


@pytest.fixture(scope="module")
def outputs(guarded: Warehouse) -> Path:
    """The folder of the installation, with everything that it can write."""
    for arguments in (["bulletin"], ["status"], ["publications"], ["difference", "1", "--json"]):
        say(guarded, *arguments)
    return guarded.folder


@pytest.fixture(scope="module")
def in_database(guarded: Warehouse) -> list[tuple[str, str]]:
    """Where they are in the database: table and string."""
    return found_in_database(guarded.dsn, STRINGS)


@pytest.fixture(scope="module")
def in_files(outputs: Path) -> list[tuple[str, str]]:
    """Where they are in files: path and string."""
    return found_in_files(outputs, STRINGS)


def test_what_is_planted_can_be_found(in_database: list[tuple[str, str]], in_files: list[tuple[str, str]]) -> None:
    """The search works: each person is in landing, in the raw store and in the inbox."""
    names = {person.name.split()[0] for person in ALL}
    assert names <= {string for table, string in in_database if table == "landing.initiative"}
    for folder in ("inbox/", "home/raw/"):
        assert names <= {string for place, string in in_files if place.startswith(folder)}
    assert any(place.startswith("outbox/") for place, _ in in_files)


def test_what_is_packed_in_a_column_can_be_found(warehouse: Warehouse) -> None:
    with psycopg.connect(warehouse.dsn) as connection:
        connection.execute("create table packed (content bytea)")
        connection.execute("insert into packed values (%s)", [gzip.compress(STRINGS[0].encode())])
    assert found_in_database(warehouse.dsn, STRINGS) == [("public.packed", STRINGS[0])]


def test_no_column_of_a_table_or_view_tells_of_a_person(in_database: list[tuple[str, str]]) -> None:
    assert [found for found in in_database if not found[0].startswith(PERSONAL_SCHEMAS)] == []


def test_no_file_tells_of_a_person(outputs: Path, in_files: list[tuple[str, str]]) -> None:
    """The bulletin with its downloads, the gate's pages, dbt's logs and what it compiled, what commands say."""
    written = {file.relative_to(outputs).parts[1] for file in (outputs / "home").rglob("*") if file.is_file()}
    assert {"bulletin", "reports", "dbt", "raw"} <= written
    assert [found for found in in_files if not found[0].startswith(PERSONAL_FOLDERS)] == []


def test_masked_texts_are_told_to_the_unit(guarded: Warehouse) -> None:
    (found,) = guarded.query(
        "select decisions -> 'personal_data' as cells from ops.delivery where file_name = 'initiatives_2023-03-20.csv'"
        " and unit_code = 'ldld-ha-noi'"
    )
    assert found["cells"] == dict.fromkeys(("description", "field", "grassroots_union"), PERSONS)
    shown = guarded.query("select distinct field_name from marts.fct_initiative where initiative_code like 'P-%'")
    assert {re.sub(" [0-9a-f]{3}]", "]", row["field_name"]) for row in shown} == {"Cơ khí [số điện thoại]"}


@pytest.mark.parametrize("role", ["bi_reader", f"bi_unit_{OTHER}"])
def test_no_reader_sees_a_person_in_the_name_of_a_file(guarded: Warehouse, outputs: Path, role: str) -> None:
    """Those who work on deliveries see what a file is called; nobody else does, nor does the bulletin."""
    strings, login = NAMED_BY_A_FILE.name.split(), f"test_{os.getpid()}_reader"
    seen = set()
    with psycopg.connect(guarded.dsn, autocommit=True) as owner:
        assert [name for (name,) in owner.execute("select file_name from marts.fct_delivery") if strings[0] in name]
        owner.execute(f"create role {login} login password 'test' in role \"{role}\"")
        try:
            with psycopg.connect(as_login(guarded, login)) as reader:
                views = reader.execute(
                    "select quote_ident(viewname) from pg_views where schemaname = 'marts'"
                ).fetchall()
                for (view,) in views:
                    for (row,) in reader.execute(f"select t::text from marts.{view} as t"):
                        seen |= {(view, string) for string in strings if string in row}
                hidden = (
                    "select count(*) from marts.fct_delivery where file_name like '(tên tệp không đúng quy ước) …%'"
                )
                assert reader.execute(hidden).fetchone() == (2,)
        finally:
            owner.execute(f"drop role {login}")
    assert seen == set()
    assert found_in_files(outputs / "home" / "bulletin", strings) == []
