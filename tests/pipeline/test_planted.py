"""Failures planted into a night: the gate catches each, and the old publication stands."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import psycopg
import pytest

from sangkien.settings import PROJECT_ROOT
from tests.conftest import Warehouse
from tests.pipeline.conftest import AS_OF

UNIT = "ldld-ha-noi"
# The stages of a night up to the one named; `sangkien refresh` then goes on from there.
_STAGES = """
import sys
from sangkien import pipeline

until, day = sys.argv[1:]
night = pipeline.night_of("planted", day)
pipeline.begin(night)
for shard in pipeline.find_files(night):
    pipeline.load_files(night, shard)
if until != "load":
    pipeline.judge_changes(night)
if until == "build":
    pipeline.build_marts(night)
"""
# One initiative of the unit that the night has touched and the unit has not withdrawn.
_ONE = """(
    select min(f.code_key) from warehouse.fct_initiative_version as f
    inner join intermediate.changed_initiative as c using (unit_code, code_key)
    where unit_code = '{unit}' and c.publication_id = (select max(publication_id) from ops.publication)
        and f.published_to = 2147483647 and f.as_of_to = date '9999-12-31' and f.verdict <> 'withdrawn'
)"""
# How far the night has come, what is planted then, and the check that catches it.
PLANTED = {
    "a verdict is lost before the marts": (
        "judge",
        "delete from intermediate.initiative_stretch where unit_code = '{unit}' and code_key = {one}",
        "every_version_has_a_verdict",
    ),
    "a verdict is lost in the marts": (
        "build",
        "delete from warehouse.fct_initiative_version where published_to = 2147483647"
        " and unit_code = '{unit}' and code_key = {one}",
        "every_version_has_a_verdict",
    ),
    "a verdict is other than its rules": (
        "build",
        "update warehouse.fct_initiative_version"
        " set verdict = case verdict when 'valid' then 'invalid' else 'valid' end"
        " where published_to = 2147483647 and unit_code = '{unit}' and code_key = {one}",
        "verdicts_follow_rules",
    ),
    "half of a unit's verdicts are turned": (
        "build",
        "update warehouse.fct_initiative_version set verdict = 'invalid' where unit_code = '{unit}'"
        " and published_to = 2147483647 and verdict = 'valid' and get_byte(decode(md5(code_key), 'hex'), 0) < 128",
        "valid_count_falls",
    ),
    "a unit's count is halved": (
        "build",
        "update warehouse.fct_unit_progress set valid_count = valid_count / 2 where unit_code = '{unit}'"
        " and published_to = 2147483647",
        "totals_equal_sums",
    ),
}


def _stages(warehouse: Warehouse, until: str, day: date, **environment: str) -> None:
    """Run the first stages of a night."""
    done = subprocess.run(
        [sys.executable, "-c", _STAGES, until, day.isoformat()],
        env=warehouse.variables() | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _refused_by(warehouse: Warehouse) -> set[str]:
    (row,) = warehouse.query(
        "select summary -> 'refused_by' as checks from ops.publication order by publication_id desc limit 1"
    )
    return set(row["checks"])


@pytest.mark.parametrize("planted", PLANTED)
def test_the_gate_catches(two_nights: Warehouse, planted: str) -> None:
    until, statement, check = PLANTED[planted]
    before = two_nights.published()
    _stages(two_nights, until, AS_OF)
    with psycopg.connect(two_nights.dsn) as connection:
        planting = statement.format(unit=UNIT, one=_ONE.format(unit=UNIT))
        assert connection.execute(planting.encode()).rowcount > 0
    assert two_nights.refresh(AS_OF) == 3
    assert check in _refused_by(two_nights)
    assert two_nights.published() == before


def test_the_gate_catches_a_predicate_that_is_not_that_of_the_suite(two_nights: Warehouse, tmp_path: Path) -> None:
    """The night is loaded under another condition of V02, under the same name; suite and judge know the real one."""
    before = two_nights.published()
    catalogue = (PROJECT_ROOT / "expectations" / "rules.yml").read_text("utf-8")
    altered = catalogue.replace("applied_from: date '2021-09-01'", "applied_from: date '2023-02-01'")
    assert altered != catalogue
    file = tmp_path / "altered.yml"
    file.write_text(altered, "utf-8")
    _stages(two_nights, "load", AS_OF, SANGKIEN_RULES=str(file))
    assert two_nights.refresh(AS_OF) == 3
    assert "V02" in _refused_by(two_nights)
    assert two_nights.published() == before
    _page_names_rows_and_nobody(two_nights)


def _page_names_rows_and_nobody(warehouse: Warehouse) -> None:
    """`status` names the page of the results; it needs nothing from elsewhere, and says unit, file and line."""
    named = re.search(r"What its gate found: (.*\.html)", warehouse.command("status").stdout)
    assert named
    page = Path(named[1]).read_text("utf-8")
    assert not re.search(r"https?:|<script|<link|@import", page)
    (row,) = warehouse.query(
        "select observed -> 'rows' -> 0 as first from ops.gate_result where check_id = 'V02' and not passed limit 1"
    )
    assert {"unit_code", "file_name", "line_number"} <= row["first"].keys()
    assert all(f"<td>{row['first'][name]}</td>" in page for name in ("unit_code", "file_name", "line_number"))
    authors = warehouse.query(
        "select distinct author_name as name from landing.initiative where length(author_name) > 8"
    )
    assert len(authors) > 100
    assert [author["name"] for author in authors if author["name"] in page] == []
    assert Path(named[1]).name in (Path(named[1]).parent / "index.html").read_text("utf-8")


def test_without_a_plant_the_same_night_is_published(two_nights: Warehouse) -> None:
    """The stages called one by one, as above, are a night like any other."""
    _stages(two_nights, "build", AS_OF)
    assert two_nights.refresh(AS_OF) == 0
