"""Order does not matter, repetition does no harm (promise 2)."""

import random
from collections.abc import Callable

from tests.conftest import Warehouse
from tests.pipeline.conftest import AS_OF, Programme


def test_a_second_refresh_finds_nothing_new(undisturbed: Warehouse) -> None:
    before = undisturbed.published()
    done = undisturbed.command("refresh", "--as-of", AS_OF.isoformat())
    assert (done.returncode, done.stdout.strip()) == (0, "Nothing new.")
    assert undisturbed.published() == before


def test_shuffled_over_nights_gives_the_same_rows(
    make_warehouse: Callable[[], Warehouse], undisturbed: Warehouse, programme: Programme
) -> None:
    warehouse, files = make_warehouse(), programme.files()
    random.Random(3).shuffle(files)
    for night in range(3):
        programme.deliver(files[night::3], warehouse)
        assert warehouse.refresh(AS_OF) == 0
    assert warehouse.published() == undisturbed.published()


def test_in_the_order_of_their_dates_gives_the_same_rows(two_nights: Warehouse, undisturbed: Warehouse) -> None:
    assert two_nights.refresh(AS_OF) == 0
    assert two_nights.published() == undisturbed.published()
