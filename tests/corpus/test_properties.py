"""Properties of the intake: every table comes back equal from every form; any bytes end as one delivery.

`HYPOTHESIS_PROFILE=thorough` draws more examples than the deterministic few that every run of the tests draws.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import date
from itertools import cycle
from typing import TYPE_CHECKING
from unicodedata import normalize

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.corpus.intake import Intake, Row, deliver
from tests.corpus.strategies import EXTENSIONS, Written, anything, tables

if TYPE_CHECKING:
    from tests.conftest import Warehouse

_CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile(
    "few",
    max_examples=10,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # a file that hangs the load would hang it again and again
    suppress_health_check=_CHECKS,
)
settings.register_profile("thorough", max_examples=250, deadline=None, suppress_health_check=_CHECKS)
PROFILE = settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "few"))
UNIT = "ldld-ha-noi"
AT_ONCE = 8
"""Files in an example: each load has its price, whatever it loads."""
# An export date of its own for each file, over and over: the bytes are other ones, and what was is replaced.
_days = map(date.fromordinal, cycle(range(date(2022, 1, 1).toordinal(), date(2023, 12, 31).toordinal())))


@pytest.fixture(scope="module")
def intake(make_warehouse: Callable[[], Warehouse]) -> Iterator[Intake]:
    warehouse = make_warehouse()
    intake = Intake(warehouse.dsn, warehouse.folder)
    yield intake
    intake.close()


def _take(intake: Intake, files: list[tuple[str, bytes]]) -> list[Row]:
    """Deliver some files (their extension and content); the one delivery that each became."""
    intake.lost.clear()
    intake.slow.clear()
    paths = [f"{UNIT}/initiatives_{next(_days)}.{extension}" for extension, _ in files]
    deliver(intake.inbox, zip(paths, (content for _, content in files), strict=True))
    intake.load()
    for path in paths:
        (intake.inbox / path).unlink()
    assert (intake.lost, intake.slow) == ({}, set())
    deliveries = intake.deliveries()
    return [deliveries[path] for path in paths]


@settings(PROFILE)
@given(written=st.lists(tables(), min_size=1, max_size=AT_ONCE))
def test_any_table_comes_back_equal(intake: Intake, written: list[Written]) -> None:
    deliveries = _take(intake, [(file.extension, file.content) for file in written])
    for file, delivery in zip(written, deliveries, strict=True):
        assert (delivery["reason_code"], delivery["rows_read"]) == (None, len(file.values))
        landed, staged = intake.rows("landing.initiative", delivery), intake.rows("staging.initiative", delivery)
        for values, cells, raw, typed in zip(file.values, file.cells, landed, staged, strict=True):
            delivered = {field: cell for field, cell in cells.items() if isinstance(cell, str)}
            assert {field: normalize("NFC", raw[field]) for field in delivered} == {
                field: normalize("NFC", cell) for field, cell in delivered.items()
            }
            for name in ("initiative_code", "applied_on", "submitted_on", "benefit"):
                assert typed["benefit_vnd" if name == "benefit" else name] == values[name]
            assert typed["member_group_code"] is not None


@settings(PROFILE)
@given(files=st.lists(st.tuples(st.sampled_from(EXTENSIONS), anything()), min_size=1, max_size=AT_ONCE))
def test_any_bytes_end_as_one_delivery(intake: Intake, files: list[tuple[str, bytes]]) -> None:
    for delivery in _take(intake, files):
        assert delivery["reason_code"] != "internal_error", delivery["reason_values"]
        assert delivery["rows_read"] == delivery["rows_accepted"] + delivery["rows_rejected"]
    assert intake.peak_bytes < 2**30
