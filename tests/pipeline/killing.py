"""Kill a command of ours in the middle of a stage: held by a lock of ours on a table that the stage uses there."""

import os
import signal
import subprocess
import time

import psycopg

from tests.conftest import SANGKIEN, Warehouse

PATIENCE_SECONDS = 120


def kill_in(
    warehouse: Warehouse, arguments: list[str], stage: str, table: str, mode: str, *, once_it_runs: bool = False
) -> None:
    """Start a command, hold a stage at a table, kill every process of the command.

    Args:
        warehouse: Where.
        arguments: The command of `sangkien`.
        stage: The stage to be killed in.
        table: The table at which it is held.
        mode: The lock that holds it there, and no stage before it.
        once_it_runs: Lock only when the stage runs: an earlier one uses its table too.
    """
    hold = f"lock table {table} in {mode} mode"
    with psycopg.connect(warehouse.dsn, autocommit=True) as watch, psycopg.connect(warehouse.dsn) as blocker:
        if not once_it_runs:
            blocker.execute(hold)
        run = subprocess.Popen(
            [SANGKIEN, *arguments],
            env=warehouse.variables(),
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(watch, "select from ops.stage_outcome where stage = %s and outcome = 'running'", stage)
            if once_it_runs:
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
