"""A night and an erasure through a real Airflow: what it keeps of them names nobody."""

import re
from collections.abc import Callable
from datetime import timedelta

import psycopg

from sangkien.local.airflow import METADATA_DATABASE
from tests.conftest import Warehouse
from tests.privacy.conftest import AS_OF
from tests.privacy.persons import ALL, ALL_HEADINGS, OTHER, STRINGS, Person
from tests.privacy.search import found_in_database, found_in_files
from tests.scenarios.build import csv_file, put

KEPT, GONE = Person(21), Person(22)


def _request(warehouse: Warehouse, person: Person) -> int:
    found = warehouse.command("person", "find", person.name, "--card", person.card)
    assert found.returncode == 0, found.stderr
    return int(re.findall(r"Request (\d+)", found.stdout)[0])


def test_a_night_and_an_erasure_leave_nobody_in_airflow(
    copy_warehouse: Callable[[Warehouse], Warehouse], guarded: Warehouse
) -> None:
    warehouse = copy_warehouse(guarded)
    more = [person.row(f"N-{person.number}") for person in ALL[:30]]
    put(warehouse.inbox, f"{OTHER}/initiatives_2023-08-30.csv", csv_file(more, ALL_HEADINGS))
    requests = {"Reject": _request(warehouse, KEPT), "Approve": _request(warehouse, GONE)}
    with warehouse.airflow() as airflow:
        with airflow.api() as api:
            day = (AS_OF + timedelta(days=1)).isoformat()
            end = api.wait("nightly_refresh", api.trigger("nightly_refresh", conf={"as_of": day}))
            assert end.state == "success", end
            for answer, request in requests.items():
                run = api.trigger("erase_person", conf={"request": request})
                api.answer("erase_person", run, "ask", answer, patience=600, because="tested")
                end = api.wait("erase_person", run)
                assert end.state == "success", end
        metadata = psycopg.conninfo.make_conninfo(warehouse.dsn, dbname=METADATA_DATABASE)
        assert found_in_database(metadata, STRINGS) == []
    assert found_in_files(airflow.home, STRINGS, but=("raw",)) == []
    assert found_in_database(warehouse.dsn, STRINGS, but=("landing", "restricted")) == []
    assert found_in_database(warehouse.dsn, [GONE.card, f"{GONE.birth:%d/%m/%Y}"]) == []
    answered = warehouse.query("select answer from restricted.person_request order by request_id")
    assert [row["answer"] for row in answered] == ["closed", "erased"]
    assert found_in_database(warehouse.dsn, [KEPT.card])
