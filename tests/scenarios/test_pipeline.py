"""The product says of every scenario what the contract says: a few real nights for all of them.

What this module expects of tests/conftest.py: the session fixture `make_warehouse`, which makes a `Warehouse` with an
empty database and an empty inbox:

- `.inbox: Path`, where the files of a night are put;
- `.refresh(as_of: date) -> int`, the real nightly job for that logical date (the day of arrival of what is new); 0 when
  it published. The gate lets these nights through: the units that lose initiatives on purpose have fewer than 50;
- `.query(sql, *values) -> list[dict]`, rows as a reader of the current publication sees them;
- `.command(*arguments)`, the command line of this installation, and `.dsn`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest

from sangkien.contract.rules import rule_set
from tests.oracle import Oracle
from tests.scenarios import facts as expected
from tests.scenarios import random_inbox, world
from tests.scenarios.cases_quarantine import QUARANTINE_CASES
from tests.scenarios.cases_rows import ROW_CASES, RowCase
from tests.scenarios.compare import ALWAYS_COMPARED, differences, overview_differences
from tests.scenarios.facts import Facts
from tests.scenarios.file_case import FileCase
from tests.scenarios.nights_case import NightsCase
from tests.scenarios.world import NIGHTS_CASES, READING_CASES

if TYPE_CHECKING:
    from tests.conftest import Warehouse

DAYS = (*ALWAYS_COMPARED, *(date(2023, 8, day) for day in range(1, 5)), date(2023, 9, 30))


@pytest.fixture(scope="module")
def nights(make_warehouse: Callable[[], Warehouse]) -> tuple[Warehouse, Oracle]:
    """A warehouse and an oracle after all nights of the scenarios."""
    warehouse, oracle = make_warehouse(), Oracle()
    for day, files in world.nights():
        world.arrive(warehouse.inbox, files)
        assert warehouse.refresh(day) == 0
        oracle.arrive(warehouse.inbox, day)
    return warehouse, oracle


@pytest.fixture(scope="module")
def facts(nights: tuple[Warehouse, Oracle]) -> Facts:
    """What the marts say after all nights."""
    return Facts.of_marts(nights[0].query)


def _fail_with(found: Iterable[str]) -> None:
    """Fail with every difference on a line of its own; pytest would cut a list short."""
    if told := "\n".join(found):
        pytest.fail(told, pytrace=False)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("case", ROW_CASES, ids=lambda case: case.name)
def test_row(facts: Facts, case: RowCase, kind: str) -> None:
    if case.only in ("", kind):
        expected.check_row_case(facts, case, kind)


@pytest.mark.parametrize("case", [*QUARANTINE_CASES, *READING_CASES], ids=lambda case: case.name)
def test_file(facts: Facts, case: FileCase) -> None:
    expected.check_file_case(facts, case)


def test_nothing_of_a_quarantined_file_is_loaded(facts: Facts) -> None:
    expected.check_nothing_of_quarantined(facts)


def test_places(facts: Facts) -> None:
    expected.check_places(facts)


@pytest.mark.parametrize("case", NIGHTS_CASES, ids=lambda case: case.name)
def test_nights(facts: Facts, case: NightsCase) -> None:
    expected.check_nights_case(facts, case)


def test_the_marts_agree_with_the_oracle(nights: tuple[Warehouse, Oracle]) -> None:
    warehouse, oracle = nights
    with psycopg.connect(warehouse.dsn) as connection:
        _fail_with(differences(oracle, connection, DAYS))


def test_catalogue_suite_verdicts_and_dim_rule_have_the_same_rules(nights: tuple[Warehouse, Oracle]) -> None:
    warehouse, _ = nights
    rules = rule_set().rules

    def codes(query: str) -> set[str]:
        return {row["code"] for row in warehouse.query(query)}

    assert codes("select rule_code as code from marts.dim_rule") == rules.keys()
    assert codes("select check_id as code from ops.gate_result where suite ^@ 'rules_of_'") == {
        code for code, rule in rules.items() if rule.judged == "row"
    }
    fired = codes("select rule_code as code from marts.fct_verdict_issue")
    assert fired == {code for code, rule in rules.items() if rule.judged != "read"}
    assert codes("select rule_code as code from landing.rejected_row") == rules.keys() - fired


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_overview_agrees_with_the_oracle(nights: tuple[Warehouse, Oracle], day: date) -> None:
    warehouse, oracle = nights
    printed = warehouse.command("overview", "--as-of", day.isoformat(), "--json").stdout
    _fail_with(overview_differences(oracle, json.loads(printed)))


def test_a_simulated_inbox_agrees_with_the_oracle(make_warehouse: Callable[[], Warehouse]) -> None:
    """Two nights: the deliveries up to the end of phase I, and all the others on top of them."""
    warehouse, oracle = make_warehouse(), Oracle()
    for until in (date(2022, 5, 31), date(2023, 8, 31)):
        told = ("--rows", "3000", "--seed", "7", "--until", until.isoformat())
        assert warehouse.command("simulate", "--out", warehouse.inbox, *told).returncode == 0
        assert warehouse.refresh(until + timedelta(days=1)) == 0
        oracle.arrive(warehouse.inbox, until + timedelta(days=1))
    with psycopg.connect(warehouse.dsn) as connection:
        _fail_with(differences(oracle, connection))


@pytest.mark.parametrize("seed", [11])
def test_a_random_inbox_agrees_with_the_oracle(make_warehouse: Callable[[], Warehouse], seed: int) -> None:
    warehouse, oracle = make_warehouse(), Oracle()
    for day, files in random_inbox.nights(seed):
        world.arrive(warehouse.inbox, files)
        assert warehouse.refresh(day) == 0
        oracle.arrive(warehouse.inbox, day)
    with psycopg.connect(warehouse.dsn) as connection:
        _fail_with(differences(oracle, connection, DAYS))
