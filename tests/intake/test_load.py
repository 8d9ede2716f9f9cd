"""The load stage by itself: what only shows in landing, or between two files."""

import os
import signal
import subprocess
import sys

import psutil

from sangkien.intake import workbook
from tests.intake.conftest import UNIT, Intake
from tests.scenarios.build import csv_file, initiative, xlsx_file

ROWS = [initiative("load", "SK1"), initiative("load", "SK2")]


def test_a_delimiter_that_the_file_does_not_use_does_not_decide(intake: Intake) -> None:
    """With `;` between the cells, the second line of the title would open a quote that is never closed."""
    text = csv_file([initiative("load", "SK1", {"title": "Giải pháp\n", "author_name": "Lê Thị Hoa; Trần Văn Nam"})])
    intake.deliver(text)
    intake.load()
    assert [status for _, status, _ in intake.statuses()] != ["quarantined"]
    assert intake.landed() == ["SK1"]


def test_a_delivery_that_gave_way_and_counts_again_has_its_rows_once(intake: Intake) -> None:
    for name, content in (("txt", ROWS), ("csv", ROWS), ("csv", ROWS[:1])):
        intake.deliver(csv_file(content), name=f"initiatives_2023-08-31.{name}")
        intake.load()
    assert [status for _, status, _ in intake.statuses()] == ["accepted", "superseded", "accepted"]
    assert intake.landed() == ["SK1", "SK1", "SK2"]


def test_authors_of_one_name_have_one_surrogate(intake: Intake) -> None:
    names = ("Lê Thị Hoa", "LÊ THỊ  HOA", "Trần Văn Nam")
    intake.deliver(csv_file([initiative("load", f"SK{n}", {"author_name": name}) for n, name in enumerate(names)]))
    intake.load()
    rows = intake.warehouse.query("select author_key, duplicate_key from staging.initiative order by line_number")
    first, same, other = (row["author_key"] for row in rows)
    assert first == same != other
    assert first not in {row["duplicate_key"] for row in rows}


def test_a_reading_process_that_died_is_replaced(intake: Intake) -> None:
    for day in ("2023-08-30", "2023-08-31"):
        intake.deliver(xlsx_file(ROWS), name=f"initiatives_{day}.xlsx")
        intake.load()
        os.kill(workbook._process()._process.pid, signal.SIGKILL)
        workbook._process()._process.wait()
    assert intake.statuses() == [(UNIT, "accepted", None), (UNIT, "accepted", None)]


def test_the_reading_process_ends_with_the_one_that_uses_it() -> None:
    code = (
        "from sangkien.intake import workbook; import os, signal\n"
        "print(workbook._process()._process.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    pid = int(told.stdout)
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=10)
    assert not psutil.pid_exists(pid)
