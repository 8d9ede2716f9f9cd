"""As published: nine nights with corrections, a rollback and pruning; what each publication showed, it shows later."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

import psycopg
import pytest

from sangkien.database import Connection, connect
from sangkien.settings import Keep
from sangkien.warehouse import publish
from sangkien.warehouse.prune import prunable, prune
from tests.conftest import Warehouse
from tests.warehouse.ground import QUOTAS, Delivery, Ground, Quota, Row, programme

HA_NOI, HA_GIANG = "ldld-ha-noi", "ldld-ha-giang"
PROGRAMME = programme(seed=3, initiatives=40)
FIRST_SUNDAY = date(2022, 6, 5)
NIGHTS = 9
ROLLED_BACK_AFTER, ROLLED_BACK_TO = 6, 3
OFFICIAL = 3


def _night(number: int) -> date:
    """Sundays, which end a week, and the Wednesdays between."""
    return FIRST_SUNDAY + timedelta(days=7 * (number // 2) + (0 if number % 2 else -4))


@dataclass
class Story:
    """The nights, and the hashes of every mart that were stored when each was published."""

    ground: Ground
    stored: dict[int, dict[str, str]]

    def shown(self) -> dict[int, dict[str, str]]:
        """The hashes of what each of them shows now."""
        return {number: self.ground.hashes(number) for number in self.stored}


@pytest.fixture(scope="module")
def story(make_warehouse: Callable[[], Warehouse]) -> Story:
    """Nights on top of each other: late and superseded deliveries, restated quotas, and a rollback among them."""
    ground = Ground.prepare(make_warehouse())
    stored = {}
    for number in range(1, NIGHTS + 1):
        ground.deliver(PROGRAMME[number - 1 :: NIGHTS], QUOTAS[number - 1 : number])
        if number == 4:
            ground.deliver([Delivery(HA_GIANG, date(2022, 5, 9), (Row("late"), Row("mistake")))])
        if number == 5:
            _supersede(ground, HA_GIANG, "initiatives_2022-05-09.csv")
            ground.deliver([Delivery(HA_GIANG, date(2022, 5, 10), (Row("late", verdict="withdrawn"),))])
            ground.deliver([], [Quota(HA_GIANG, date(2022, 6, 6), "phase_2", 77, date(2022, 6, 1))])
        ground.build(number, base=number - 1, horizon=_night(number))
        ground.publish(number)
        stored[number] = ground.hashes()
        if number == ROLLED_BACK_AFTER:
            with connect(ground.dsn) as connection:
                assert publish.rollback(connection, ROLLED_BACK_TO) == ROLLED_BACK_TO
            assert ground.hashes() == stored[ROLLED_BACK_TO]
    return Story(ground, stored)


@pytest.fixture
def pruned(copy_warehouse: Callable[[Warehouse], Warehouse], story: Story) -> Story:
    """A copy of it, of which the weekly publications of three weeks, the newest and an official one are kept."""
    copy = Story(Ground(copy_warehouse(story.ground.warehouse)), dict(story.stored))
    with connect(copy.ground.dsn) as connection:
        publish.mark_official(connection, OFFICIAL, "Bulletin")
        gone, rows = prune(connection, Keep(newest=1, weeks=3))
    assert gone == [1, 2, 4, 6, 8]
    assert rows["fct_initiative_version"] > 0
    for number in gone:
        del copy.stored[number]
    return copy


def _supersede(ground: Ground, unit: str, file_name: str) -> None:
    with connect(ground.dsn) as connection:
        connection.execute(
            "update ops.delivery set status = 'superseded' where (unit_code, file_name) = (%s, %s)", [unit, file_name]
        )


def test_each_publication_shows_what_it_showed(story: Story) -> None:
    assert story.shown() == story.stored
    assert len({frozenset(hashes.items()) for hashes in story.stored.values()}) == NIGHTS


def test_refresh_after_a_rollback_goes_on_from_the_newest(story: Story) -> None:
    """It is what one night makes of the same deliveries: what the rolled-back publications had brought is in it."""
    with connect(story.ground.dsn) as connection:
        newest = publish.newest(connection, "published")
    assert newest is not None
    assert (newest.publication_id, newest.current) == (NIGHTS, NIGHTS)
    rows = story.ground.query("select initiative_code as code, verdict from marts.fct_initiative")
    told = {row["code"]: row["verdict"] for row in rows}
    assert told["late"] == "withdrawn"
    assert "mistake" not in told


def test_pruning_changes_nothing_that_is_kept(pruned: Story) -> None:
    assert pruned.shown() == pruned.stored


def test_pruned_publication_is_an_error_not_a_wrong_answer(pruned: Story) -> None:
    for number in (2, 999):
        with pytest.raises(psycopg.errors.RaiseException, match=f"publication {number} cannot be shown"):
            pruned.ground.query("select count(*) from marts.fct_initiative", publication=number)
    with _rolled_back(pruned.ground) as connection:
        with pytest.raises(publish.UnknownPublicationError):
            publish.rollback(connection, 2)
        with pytest.raises(publish.UnknownPublicationError):
            publish.mark_official(connection, 2, "too late")


def test_rows_that_nobody_shows_are_gone(pruned: Story) -> None:
    for table in pruned.ground.query(
        "select table_name as name from information_schema.columns"
        " where table_schema = 'warehouse' and column_name = 'published_to'"
    ):
        stamps = pruned.ground.query(
            f"select distinct published_from, published_to from warehouse.{table['name']}"  # noqa: S608
        )
        for row in stamps:
            shown = range(row["published_from"], row["published_to"])
            assert any(number in shown for number in pruned.stored), (table, row)


def test_night_after_pruning_is_the_night_without(
    pruned: Story, story: Story, copy_warehouse: Callable[[Warehouse], Warehouse]
) -> None:
    news = [Delivery(HA_NOI, date(2023, 8, 1), (Row("SK-1"), Row("SK-2", verdict="invalid"), Row("news")))]
    told = []
    for ground in (pruned.ground, Ground(copy_warehouse(story.ground.warehouse))):
        ground.deliver(news)
        ground.build(NIGHTS + 1, base=NIGHTS, horizon=_night(NIGHTS + 1))
        told.append(ground.hashes(NIGHTS + 1))
    assert told[0] == told[1]
    assert pruned.shown() == pruned.stored


def test_nothing_from_the_current_publication_on_is_pruned(story: Story) -> None:
    with _rolled_back(story.ground) as connection:
        publish.rollback(connection, 2)
        assert prunable(connection, Keep(newest=0, weeks=0)) == [1]


def test_built_publication_tells_what_it_changed(story: Story) -> None:
    with connect(story.ground.dsn) as connection:
        first, fifth = (publish.changes(connection, number) for number in (1, 5))
    assert first["fct_initiative_version"].keys() == {"came", "went"}
    assert first["fct_initiative_version"]["went"] == 0
    assert fifth["fct_quota"]["came"] > 0
    assert "dim_phase" not in fifth


@contextmanager
def _rolled_back(ground: Ground) -> Iterator[Connection]:
    """A connection whose transaction comes to nothing."""
    with connect(ground.dsn) as connection, connection.transaction(force_rollback=True):
        yield connection
