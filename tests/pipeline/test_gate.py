"""A candidate that the gate refuses changes nothing that readers see, and a person can decide otherwise."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from tests.conftest import Warehouse
from tests.pipeline.conftest import AS_OF

UNIT = "ldld-ha-noi"
HEADINGS = ("Mã sáng kiến", "Tên sáng kiến", "Họ và tên tác giả", "Nhóm đối tượng", "Trái trật tự công cộng, đạo đức")


@pytest.fixture
def refused(copy_warehouse: Callable[[Warehouse], Warehouse], undisturbed: Warehouse) -> Warehouse:
    """A warehouse whose gate has refused a delivery that makes 60% of a unit's valid initiatives invalid."""
    warehouse = copy_warehouse(undisturbed)
    valid = warehouse.query(
        "select initiative_code from marts.fct_initiative where unit_code = %s and verdict = 'valid' order by 1", UNIT
    )
    assert len(valid) >= 50
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    for row in valid[: len(valid) * 6 // 10 + 1]:
        writer.writerow([row["initiative_code"], "Cải tiến quy trình", "Người gửi", "CNLĐ", "Có"])
    (warehouse.inbox / UNIT / f"initiatives_{AS_OF}_p09of09.csv").write_text(text.getvalue(), "utf-8")
    assert warehouse.refresh(AS_OF) == 3
    return warehouse


def test_the_old_publication_stands(refused: Warehouse, undisturbed: Warehouse) -> None:
    assert refused.published() == undisturbed.published()


def test_status_says_why(refused: Warehouse) -> None:
    said = refused.command("status").stdout
    assert "valid_count_falls" in said
    assert UNIT in said


def test_refused_again_until_something_changes(refused: Warehouse, undisturbed: Warehouse) -> None:
    assert refused.refresh(AS_OF) == 3
    assert refused.published() == undisturbed.published()


def test_a_mended_delivery_publishes(refused: Warehouse, undisturbed: Warehouse) -> None:
    file = refused.inbox / UNIT / f"initiatives_{AS_OF}_p09of09.csv"
    file.write_text(",".join(f'"{heading}"' for heading in HEADINGS) + "\n", "utf-8")
    assert refused.refresh(AS_OF) == 0
    before, after = undisturbed.published(), refused.published()
    assert {name for name in before if before[name] != after[name]} == {"fct_delivery", "rpt_delivery_calendar"}


def alerts(warehouse: Warehouse, morning: str) -> set[str]:
    """The kinds of what needs a person."""
    done = warehouse.command("alerts", "--as-of", morning)
    assert done.returncode == 0, done.stderr
    return {row["kind"] for row in warehouse.query("select kind from ops.alert where closed_at is null")}


def test_a_person_approves_then_goes_back(refused: Warehouse, undisturbed: Warehouse) -> None:
    with psycopg.connect(refused.dsn) as connection:  # as if it had been the next night
        connection.execute("update ops.run set as_of = as_of + 1 where outcome = 'refused'")
    morning = (AS_OF + timedelta(days=1)).isoformat()
    assert alerts(refused, morning) == {"deadline", "refused"}
    newest = refused.query("select max(publication_id) as n from ops.publication")[0]["n"]
    done = refused.command("approve", str(newest), "--because", "checked with the unit")
    assert done.returncode == 0, done.stderr
    assert refused.published() != undisturbed.published()
    assert not alerts(refused, morning)
    assert refused.command("rollback").returncode == 0
    assert refused.published() == undisturbed.published()
