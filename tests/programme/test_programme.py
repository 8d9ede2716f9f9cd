"""The full programme's check, in small: it finds no difference, and finds one that is there."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from sangkien.simulate.run import simulate
from tests.conftest import Warehouse
from tests.programme.check import NIGHTS, check

ROWS = 6_000
_ONE_MORE = """
update warehouse.rpt_weekly set new_count = new_count + 1
where week_start = '2022-02-07' and unit_code = 'ldld-ha-noi' and published_to = 2147483647
"""
_ONE_LESS = """
delete from warehouse.fct_delivery
where (unit_code, file_name) = (select unit_code, min(file_name) from marts.fct_delivery group by unit_code limit 1)
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The simulated programme; the same bytes each time."""
    inbox = tmp_path_factory.mktemp("programme")
    simulate(inbox, ROWS, seed=1)
    return inbox


def test_every_number_of_three_nights(source: Path, make_warehouse: Callable[[], Warehouse]) -> None:
    warehouse = make_warehouse()
    assert check(warehouse, source, NIGHTS, processes=1) == []
    with psycopg.connect(warehouse.dsn) as connection:
        connection.execute(_ONE_MORE)
        connection.execute(_ONE_LESS)
    differing = {one.name: one.different for one in check(warehouse, source, NIGHTS[-1:], processes=1)}
    assert differing.pop("rpt_delivery_calendar") > 0  # it tells every day from the deliveries
    assert differing == {"rpt_weekly": 1, "fct_delivery": 1}
