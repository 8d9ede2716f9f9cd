"""The warehouse says what the deliveries say."""

import json
from dataclasses import asdict
from datetime import date

import psycopg
import pytest

from tests.conftest import Warehouse
from tests.oracle import Oracle
from tests.pipeline.conftest import AS_OF, Programme
from tests.scenarios.compare import differences

MILESTONES = (date(2022, 5, 31), date(2022, 10, 3), AS_OF)


def test_marts_equal_the_oracle_row_by_row(undisturbed: Warehouse) -> None:
    oracle = Oracle()
    oracle.arrive(undisturbed.inbox, AS_OF)
    with psycopg.connect(undisturbed.dsn) as connection:
        assert differences(oracle, connection) == []


@pytest.mark.parametrize("day", MILESTONES, ids=str)
def test_overview_equals_what_was_simulated(undisturbed: Warehouse, programme: Programme, day: date) -> None:
    said = json.loads(undisturbed.command("overview", "--as-of", day.isoformat(), "--json").stdout)
    expected = asdict(programme.result.expected[day])
    assert {name: said[name] for name in said.keys() & expected.keys()} == {
        name: expected[name] for name in said.keys() & expected.keys()
    }
    assert {"submitted", "valid"} <= said.keys() & expected.keys()


def test_status_says_what_readers_see(undisturbed: Warehouse) -> None:
    said = undisturbed.command("status").stdout
    assert "published" in said
    assert "current" in said


def test_every_delivery_has_its_receipts(undisturbed: Warehouse) -> None:
    rows = undisturbed.query("select unit_code, file_name, sha256 from marts.fct_delivery")
    assert rows
    for row in rows:
        for extension in ("json", "xlsx"):
            name = f"{row['file_name']}.{row['sha256'][:12]}.{extension}"
            assert (undisturbed.outbox / row["unit_code"] / name).is_file()
