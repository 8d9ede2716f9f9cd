"""Judging what changed gives what judging everything gives, night by night, whatever comes in whatever order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.scenarios.build import Value, csv_file, initiative
from tests.validity.judging import Judging
from tests.validity.month import month

if TYPE_CHECKING:
    from tests.conftest import Warehouse

UNITS = ("cd-y-te", "ldld-an-giang", "ldld-ha-noi")
CHANGES: tuple[dict[str, Value], ...] = (
    {},
    {"applied_on": "01/01/2020"},
    {"status": "Rút"},
    {"status": "Đang xem xét", "recognised_on": "", "recognition_number": ""},
)


@pytest.fixture(scope="module")
def judging(make_warehouse: Callable[[], Warehouse]) -> Judging:
    return Judging.of(make_warehouse())


def test_every_night_of_a_month(judging: Judging) -> None:
    judging.clear()
    nights = month(seed=5)
    for files in nights:
        judging.night(files)
    # The month had what it is to prove.
    said = "; ".join(judging.verdicts.values())
    assert all(word in said for word in ("valid", "invalid", "under_review", "withdrawn", "V12", "V13", "W04"))
    statuses = {status for _, status, _ in judging.intake.statuses()}
    assert {"accepted", "accepted_with_issues", "superseded"} <= statuses
    left_out = "select count(*) as n from intermediate.initiative_stretch where left_out"
    assert judging.intake.warehouse.query(left_out)[0]["n"] > 0


@st.composite
def _rows(draw: st.DrawFn) -> bytes:
    """Up to six rows; few codes, titles and days, so that they meet."""
    rows = []
    for _ in range(draw(st.integers(0, 6))):
        code, title = f"SK{draw(st.integers(1, 5))}", draw(st.integers(0, 3))
        row = initiative("nhỏ", code, draw(st.sampled_from(CHANGES)))
        if title:
            row |= {"title": f"Giải pháp dùng chung {title}", "author_name": "Phạm Thị Chung"}
        rows.append(row | {"submitted_on": f"{draw(st.integers(1, 3))}/3/2023", "benefit": "5000000"})
    return csv_file(rows)


_NAMES = st.builds(
    "{}/initiatives_{}{}.csv".format,
    st.sampled_from(UNITS),
    st.sampled_from([date(2023, 8, day) for day in range(1, 5)]),
    st.sampled_from(["", "", "", "_full", "_full_p01of02", "_full_p02of02", "_p01of02"]),
)
_NIGHTS = st.lists(st.dictionaries(_NAMES, _rows(), min_size=1, max_size=3), min_size=1, max_size=6)


@settings(max_examples=10, derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(nights=_NIGHTS, chance=st.randoms(use_true_random=False))
def test_random_deliveries_in_random_order(judging: Judging, nights: list[dict[str, bytes]], chance: Random) -> None:
    """Of one name, the deliveries keep their order: there the last one counts."""
    judging.clear()
    for files in nights:
        judging.night(files)
    said = judging.verdicts

    judging.clear()
    waiting: dict[str, list[bytes]] = {}
    for files in nights:
        for place, content in files.items():
            waiting.setdefault(place, []).append(content)
    while waiting:
        some = chance.sample(sorted(waiting), k=chance.randint(1, len(waiting)))
        judging.night({place: waiting[place].pop(0) for place in some})
        waiting = {place: contents for place, contents in waiting.items() if contents}
    assert judging.verdicts == said
