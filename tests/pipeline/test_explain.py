"""`sangkien explain`: the story of one initiative."""

import json
from datetime import date
from typing import Any

from tests.conftest import Warehouse
from tests.scenarios.build import csv_file, initiative

UNIT, OTHER = "ldld-ha-noi", "ldld-thanh-hoa"
SAME = {"title": "Cải tiến lò hơi tiết kiệm than", "author_name": "Lê Thị Hoa"}


def _explained(warehouse: Warehouse, unit: str, code: str) -> dict[str, Any]:
    done = warehouse.command("explain", unit, code, "--json")
    assert done.returncode == 0, done.stderr
    story: dict[str, Any] = json.loads(done.stdout)
    return story


def _deliver(warehouse: Warehouse, unit: str, name: str, content: bytes) -> None:
    folder = warehouse.inbox / unit
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)


def test_a_duplicate_tells_who_filed_first_and_a_correction_what_it_corrected(warehouse: Warehouse) -> None:
    first = initiative("explain", "SK1", SAME | {"submitted_on": "01/02/2023"})
    later = initiative("explain", "SK2", SAME | {"submitted_on": "02/02/2023"})
    _deliver(warehouse, OTHER, "initiatives_2023-03-31.csv", csv_file([first]))
    wrong = csv_file([later | {"applied_on": "01/01/2020"}])
    _deliver(warehouse, UNIT, "initiatives_2023-03-31.csv", wrong)
    assert warehouse.refresh(date(2023, 3, 31)) == 0
    _deliver(warehouse, UNIT, "initiatives_2023-04-30.csv", csv_file([later]))
    assert warehouse.refresh(date(2023, 4, 30)) == 0

    _deliver(warehouse, OTHER, "initiatives_2023-05-31.csv", csv_file([initiative("explain", "SK3")]))
    assert warehouse.refresh(date(2023, 5, 31)) == 0

    story = _explained(warehouse, UNIT, "sk2")
    assert [(row["file_name"], row["line_number"]) for row in story["rows"]] == [
        ("initiatives_2023-03-31.csv", 2),
        ("initiatives_2023-04-30.csv", 2),
    ]
    assert story["rows"][0]["issues"] == [{"column": "applied_on", "value": "01/01/2020", "rule": "V02"}]
    assert [(d["rule_codes"], d["first_unit_code"], d["first_code_key"]) for d in story["duplicates"]] == [
        (["V13"], OTHER, "sk1")
    ]
    said = ("from_publication", "to_publication", "verdict", "rule_codes", "file_name")
    assert [[p[name] for name in said] for p in story["published"]] == [
        [1, 1, "invalid", ["V02"], "initiatives_2023-03-31.csv"],
        [2, 3, "invalid", ["V13"], "initiatives_2023-04-30.csv"],
    ]


def test_a_code_that_nobody_wrote_is_an_error(warehouse: Warehouse) -> None:
    assert warehouse.refresh(date(2023, 3, 31)) == 0
    assert warehouse.command("explain", UNIT, "SK9").returncode == 1
