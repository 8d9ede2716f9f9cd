"""A stage killed in the middle, then a new run: the same rows (promise 2).

Each stage is held at one of its statements by a lock of ours on a table that it uses there, and killed.
"""

import os
import signal
import subprocess
import time

import psycopg
import pytest

from tests.conftest import SANGKIEN, Warehouse
from tests.pipeline.conftest import AS_OF

# The table at which each stage is held, in the middle of its work, and the lock that holds it there and none before.
HELD_AT = {
    "discover": ("ops.inbox_file", "access exclusive"),
    "load": ("ops.inbox_file", "share"),
    "judge": ("intermediate.duplicate_stretch", "access exclusive"),
    "build": ("warehouse.fct_unit_progress", "access exclusive"),
    "gate": ("ops.gate_result", "access exclusive"),
    "publish": ("ops.current_publication", "share"),
    "receipts": ("landing.initiative", "access exclusive"),
}
HELD_ONCE_IT_RUNS = {"receipts"}  # an earlier stage uses its table too
PATIENCE_SECONDS = 120


@pytest.mark.parametrize("stage", HELD_AT)
def test_killed_then_run_again(two_nights: Warehouse, undisturbed: Warehouse, stage: str) -> None:
    _kill_in(two_nights, stage)
    stages = two_nights.query("select stage from ops.stage_outcome where outcome = 'running'")
    assert stage in {row["stage"] for row in stages}
    assert two_nights.refresh(AS_OF) == 0
    assert two_nights.published() == undisturbed.published()
    files = undisturbed.query("select count(*) as n from ops.delivery where receipt_status is not distinct from status")
    sent = two_nights.query("select count(*) as n from ops.delivery where receipt_status is not distinct from status")
    assert sent == files


def _kill_in(warehouse: Warehouse, stage: str) -> None:
    """Start a refresh, hold the stage at its table, kill every process of the refresh."""
    table, mode = HELD_AT[stage]
    hold = f"lock table {table} in {mode} mode"
    with psycopg.connect(warehouse.dsn, autocommit=True) as watch, psycopg.connect(warehouse.dsn) as blocker:
        if stage not in HELD_ONCE_IT_RUNS:
            blocker.execute(hold)
        run = subprocess.Popen(
            [SANGKIEN, "refresh", "--as-of", AS_OF.isoformat()],
            env=warehouse.variables(),
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(watch, "select from ops.stage_outcome where stage = %s and outcome = 'running'", stage)
            if stage in HELD_ONCE_IT_RUNS:
                blocker.execute(hold)
            _wait_for(watch, "select from pg_locks where not granted and database = %s", _database(watch))
        finally:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()


def _database(watch: psycopg.Connection) -> int:
    row = watch.execute("select oid::bigint from pg_database where datname = current_database()").fetchone()
    assert row
    return int(row[0])


def _wait_for(watch: psycopg.Connection, query: str, value: object) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while watch.execute(f"{query} limit 1", [value]).fetchone() is None:
        assert time.monotonic() < deadline, query
        time.sleep(0.02)
