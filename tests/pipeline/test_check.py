"""`sangkien check`: what would the receipt say, nothing loaded."""

import json
from pathlib import Path

import pytest

from tests.conftest import Warehouse
from tests.scenarios.build import csv_file, initiative

CLEAN = csv_file([initiative("check", "SK1")])
WITH_AN_ISSUE = csv_file([initiative("check", "SK1", {"applied_on": "01/01/2020"})])


@pytest.mark.parametrize(
    ("content", "exit_code", "status"),
    [(CLEAN, 0, "accepted"), (WITH_AN_ISSUE, 1, "accepted_with_issues"), (b"no header", 2, "quarantined")],
    ids=["clean", "issues", "quarantined"],
)
def test_exit_code(unreachable: Warehouse, content: bytes, exit_code: int, status: str) -> None:
    file = unreachable.folder / "initiatives_2023-08-31.csv"
    file.write_bytes(content)
    done = unreachable.command("check", file, "--unit", "ldld-ha-noi", "--json")
    assert (done.returncode, json.loads(done.stdout)["status"]) == (exit_code, status)


def test_an_issue_names_line_column_value_and_what_to_do(unreachable: Warehouse) -> None:
    file = unreachable.folder / "initiatives_2023-08-31.csv"
    file.write_bytes(WITH_AN_ISSUE)
    done = unreachable.command("check", file, "--unit", "ldld-ha-noi", "--json")
    (issue,) = json.loads(done.stdout)["issues"]
    assert (issue["line"], issue["column"], issue["value"], issue["rule"]) == (2, "Ngày áp dụng", "01/01/2020", "V02")
    assert issue["message"]
    assert issue["advice"]


@pytest.fixture
def unreachable(tmp_path: Path) -> Warehouse:
    """An installation without a warehouse: a check needs none."""
    return Warehouse("postgresql://nobody@127.0.0.1:1/none", tmp_path)
