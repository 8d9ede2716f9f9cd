"""The oracle says of every scenario what its author expected from reading the contract."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest

from tests.oracle import Oracle
from tests.scenarios import facts as expected
from tests.scenarios import world
from tests.scenarios.cases_quarantine import QUARANTINE_CASES
from tests.scenarios.cases_quotas import QUOTA_CASES, QuotaCase
from tests.scenarios.cases_rows import ROW_CASES, RowCase
from tests.scenarios.facts import Facts
from tests.scenarios.file_case import FileCase
from tests.scenarios.nights_case import NightsCase
from tests.scenarios.world import NIGHTS_CASES, READING_CASES


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("inbox")


@pytest.fixture(scope="module")
def oracle(inbox: Path) -> Oracle:
    """The oracle after all nights of the scenarios."""
    oracle = Oracle()
    for day, files in world.nights():
        world.arrive(inbox, files)
        oracle.arrive(inbox, day)
    return oracle


@pytest.fixture(scope="module")
def facts(oracle: Oracle) -> Facts:
    return Facts.of_oracle(oracle)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("case", ROW_CASES, ids=lambda case: case.name)
def test_row(facts: Facts, case: RowCase, kind: str) -> None:
    if case.only in ("", kind):
        expected.check_row_case(facts, case, kind)


@pytest.mark.parametrize("case", [*QUARANTINE_CASES, *READING_CASES], ids=lambda case: case.name)
def test_file(facts: Facts, case: FileCase) -> None:
    expected.check_file_case(facts, case)
    if case.reason:
        (delivery,) = facts.of_file(world.QUARANTINE_UNIT, world.file_name(case))
        assert delivery["reason"] == case.reason


def test_nothing_of_a_quarantined_file_is_loaded(facts: Facts) -> None:
    expected.check_nothing_of_quarantined(facts)


def test_places(facts: Facts) -> None:
    expected.check_places(facts)


@pytest.mark.parametrize("case", NIGHTS_CASES, ids=lambda case: case.name)
def test_nights(oracle: Oracle, facts: Facts, case: NightsCase) -> None:
    expected.check_nights_case(facts, case)
    for day, outcomes in case.as_of.items():
        as_of = date.fromisoformat(world.dated(day))
        expected.check_outcomes(Facts.of_oracle(oracle, as_of), case, outcomes)


@pytest.mark.parametrize("case", QUOTA_CASES, ids=lambda case: case.name)
def test_quota(oracle: Oracle, case: QuotaCase) -> None:
    for day, (phase, quota) in case.in_force.items():
        progress = oracle.quota_progress(case.unit_code, date.fromisoformat(day))
        assert (progress["phase_code"], progress["quota"]) == (phase, quota)


def test_a_second_look_finds_nothing_new(oracle: Oracle, inbox: Path) -> None:
    before = oracle.deliveries()
    oracle.arrive(inbox, date(2023, 11, 1))
    assert oracle.deliveries() == before


def test_order_of_arrival_does_not_matter(oracle: Oracle, tmp_path: Path) -> None:
    """Files arrive some a night in another order; of one name never two in a night, and in their own order."""
    waiting: dict[str, list[bytes]] = {}
    for _, files in world.nights():
        for place, content in files.items():
            waiting.setdefault(place, []).append(content)
    chance = random.Random(2)
    shuffled = Oracle()
    while waiting:
        for place in chance.sample(sorted(waiting), k=min(40, len(waiting))):
            world.arrive(tmp_path, {place: waiting[place].pop(0)})
            if not waiting[place]:
                del waiting[place]
        shuffled.arrive(tmp_path, world.FIRST_NIGHT)
    assert shuffled.initiatives(None) == oracle.initiatives(None)
    assert sorted(map(str, shuffled.deliveries())) == sorted(map(str, oracle.deliveries()))
