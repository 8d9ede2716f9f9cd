"""Operating it from the command line: by day, what needs a person, housekeeping, and what each stage cost."""

import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import psycopg

from sangkien.operations.alerts import Message, take_stock, tell
from tests.conftest import Warehouse
from tests.pipeline.conftest import AS_OF, FIRST_UNTIL, Programme


def receipts(warehouse: Warehouse) -> dict[str, bool]:
    """For each receipt, whether it is preliminary."""
    return {
        str(file.relative_to(warehouse.outbox)): json.loads(file.read_text("utf-8"))["preliminary"]
        for file in warehouse.outbox.rglob("*.json")
    }


def test_by_day_receipts_are_sent_and_nothing_is_published(two_nights: Warehouse, undisturbed: Warehouse) -> None:
    before = two_nights.published()
    day = AS_OF.isoformat()
    done = two_nights.command("intake", "--as-of", day)
    assert done.returncode == 0, done.stderr
    assert two_nights.published() == before
    (waiting,) = two_nights.query(
        "select count(*) filter (where receipt_status is distinct from status) as without_receipt,"
        " count(*) filter (where judged_status is distinct from status) as unjudged from ops.delivery"
    )
    assert waiting["without_receipt"] == 0
    assert waiting["unjudged"] > 0
    assert sum(receipts(two_nights).values()) == waiting["unjudged"]
    again = two_nights.command("intake", "--as-of", day)
    assert again.stdout.strip() == "Nothing new."
    assert two_nights.query("select outcome from ops.run where kind = 'intake'") == [{"outcome": "done"}]

    # The night judges, publishes, and replaces the receipts. One made good late tells all that is there by then.
    assert two_nights.refresh(FIRST_UNTIL + timedelta(days=1)) == 0
    assert two_nights.published() == undisturbed.published()
    assert not any(receipts(two_nights).values())
    stages = two_nights.query(
        "select stage, seconds > 0 as took_time, row_count, byte_count from ops.stage_statistics"
        " where kind = 'intake' and stage = 'load'"
    )
    assert [stage["took_time"] for stage in stages] == [True]
    assert stages[0]["row_count"] > 0
    assert stages[0]["byte_count"] > 0


def test_each_cause_is_told_once_by_each_channel(
    copy_warehouse: Callable[[Warehouse], Warehouse], undisturbed: Warehouse
) -> None:
    warehouse = copy_warehouse(undisturbed)
    dsn, morning = warehouse.dsn, AS_OF + timedelta(days=40)
    with psycopg.connect(dsn) as connection:  # five nights that were quick, and one that was not
        for night in range(6):
            run_id, seconds = f"night-{night}", 600 if night == 5 else 10
            connection.execute(
                "insert into ops.run (run_id, as_of, started_at, finished_at, outcome)"
                " values (%s, %s, now() + %s * interval '1 hour', now(), 'published')",
                [run_id, AS_OF, night + 1],
            )
            connection.execute(
                "insert into ops.stage_outcome (run_id, stage, attempt, started_at, finished_at, outcome)"
                " values (%s, 'judge', 1, now(), now() + %s * interval '1 second', 'done')",
                [run_id, seconds],
            )
        connection.execute(
            "update ops.delivery set status = 'quarantined', reason_code = 'too_large', rows_read = 0,"
            " rows_accepted = 0, rows_rejected = 0"
            " where (unit_code, delivery_no) = (select min(unit_code), 1 from ops.delivery)"
        )
    sent: list[Message] = []
    take_stock(dsn, morning)
    assert tell(dsn, "email", sent.append)
    assert not tell(dsn, "email", sent.append)
    assert tell(dsn, "webhook", sent.append)
    kinds = {alert["kind"] for alert in sent[0].alerts}
    assert {"deadline", "quarantined", "slow"} <= kinds
    assert sent[1].document()["alerts"] == sent[0].document()["alerts"]
    assert "judge: 600 s; usual is 10 s" in sent[0].text

    take_stock(dsn, morning + timedelta(days=1))  # a new morning without a publication is a new cause, the rest is not
    assert tell(dsn, "email", sent.append)
    assert [alert["kind"] for alert in sent[2].alerts] == ["deadline"]
    assert sent[2].standing == len(sent[0].alerts) - 1

    def fails(message: Message) -> None:
        raise ConnectionError(message.subject)

    take_stock(dsn, morning + timedelta(days=2))
    with suppress(ConnectionError):
        tell(dsn, "email", fails)
    assert tell(dsn, "email", sent.append)  # what could not be sent is told the next time
    listed = warehouse.command("alerts", "--as-of", morning.isoformat())
    assert "Files quarantined" in listed.stdout


def test_housekeeping_keeps_what_may_be_needed(two_nights: Warehouse, programme: Programme) -> None:
    for name in programme.files()[:2]:  # a duplicate, and a file that nobody can read yet
        unit = name.split("/")[0]
        original = two_nights.inbox / name
        original.parent.mkdir(exist_ok=True)
        original.write_bytes((programme.inbox / name).read_bytes())
        (two_nights.inbox / unit / "danh sách.csv").write_text(f"? {unit}", "utf-8")
    assert two_nights.refresh(AS_OF) == 0
    raw = two_nights.folder / "home" / "raw"
    long_ago = time.time() - 3 * 86_400
    left_by_a_kill = raw / "tmpabc"
    left_by_a_kill.write_bytes(b"half")
    for file in raw.rglob("*"):
        os.utime(file, (long_ago, long_ago))
    before = {file.name for file in raw.rglob("*") if file.is_file()}
    published = two_nights.published()

    done = two_nights.command("housekeeping")  # by default every raw file stays
    assert done.returncode == 0, done.stderr
    assert {file.name for file in raw.rglob("*") if file.is_file()} == before - {"tmpabc"}

    two_nights.environment["SANGKIEN_KEEP__RAW_DAYS"] = "30"
    assert two_nights.command("housekeeping").returncode == 0
    needed = two_nights.query("select sha256 from ops.delivery where status in ('quarantined', 'duplicate')")
    assert {file.name for file in raw.rglob("*") if file.is_file()} == {row["sha256"] for row in needed}
    assert two_nights.published() == published
    assert "danh sách.csv" in two_nights.command("replay").stdout
