"""A stage killed in the middle, then a new run: the same rows (promise 2).

Each stage is held at one of its statements by a lock of ours on a table that it uses there, and killed.
"""

import pytest

from tests.conftest import Warehouse
from tests.pipeline.conftest import AS_OF
from tests.pipeline.killing import kill_in

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


@pytest.mark.parametrize("stage", HELD_AT)
def test_killed_then_run_again(two_nights: Warehouse, undisturbed: Warehouse, stage: str) -> None:
    table, mode = HELD_AT[stage]
    refresh = ["refresh", "--as-of", AS_OF.isoformat()]
    kill_in(two_nights, refresh, stage, table, mode, once_it_runs=stage in HELD_ONCE_IT_RUNS)
    stages = two_nights.query("select stage from ops.stage_outcome where outcome = 'running'")
    assert stage in {row["stage"] for row in stages}
    assert two_nights.refresh(AS_OF) == 0
    assert two_nights.published() == undisturbed.published()
    files = undisturbed.query("select count(*) as n from ops.delivery where receipt_status is not distinct from status")
    sent = two_nights.query("select count(*) as n from ops.delivery where receipt_status is not distinct from status")
    assert sent == files
