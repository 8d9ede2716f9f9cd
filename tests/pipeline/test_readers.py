"""Readers see publication N or N + 1, whole (promise 4)."""

import threading
from typing import Any

import psycopg

from tests.conftest import Warehouse
from tests.pipeline.conftest import AS_OF

# One statement sees one moment: all of these figures must belong to the same publication.
_FIGURES = """
select
    (select count(*) from marts.fct_initiative),
    (select count(*) from marts.fct_initiative where verdict = 'valid'),
    (select count(*) from marts.fct_verdict_issue),
    (select count(*) from marts.fct_delivery),
    (select sum(valid_count) from marts.fct_quota_progress),
    (select sum(amount_vnd) from marts.fct_benefit_total),
    (select count(*) from marts.rpt_overview)
"""


def test_a_reader_during_a_refresh(two_nights: Warehouse) -> None:
    before, seen, stop = _figures(two_nights), set[tuple[Any, ...]](), threading.Event()
    errors: list[BaseException] = []

    def read() -> None:
        try:
            while not stop.is_set():
                seen.add(_figures(two_nights))
        except BaseException as error:
            errors.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        assert two_nights.refresh(AS_OF) == 0
    finally:
        stop.set()
        reader.join()
    after = _figures(two_nights)
    assert errors == []
    assert before != after
    assert seen <= {before, after}
    assert before in seen


def _figures(warehouse: Warehouse) -> tuple[Any, ...]:
    with psycopg.connect(warehouse.dsn) as connection:
        row = connection.execute(_FIGURES).fetchone()
    assert row is not None
    return row
