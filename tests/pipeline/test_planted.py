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
# What is planted into the rows that a built night has brought in: the table, the change, and the check that catches it.
_NIGHTS = "published_from = (select max(publication_id) from ops.publication) and unit_code = '{unit}'"
_ONE = f"(select min(code_key) from warehouse.fct_initiative_version where verdict <> 'withdrawn' and {_NIGHTS})"  # noqa: S608
PLANTED = {
    "a verdict is lost": (
        "fct_initiative_version",
        f"delete from warehouse.fct_initiative_version where {_NIGHTS} and code_key = {_ONE}",  # noqa: S608
        "every_version_has_a_verdict",
    ),
    "a verdict is other than its rules": (
        "fct_initiative_version",
        "update warehouse.fct_initiative_version"  # noqa: S608
        " set verdict = case verdict when 'valid' then 'invalid' else 'valid' end"
        f" where {_NIGHTS} and code_key = {_ONE}",
        "verdicts_follow_rules",
    ),
    "a unit's count is halved": (
        "fct_unit_progress",
        f"update warehouse.fct_unit_progress set valid_count = valid_count / 2 where {_NIGHTS}",  # noqa: S608
        "totals_equal_sums",
    ),
}
# What is planted into the verdicts that the marts are built from.
_HALF = "unit_code = '{unit}' and get_byte(decode(md5(code_key), 'hex'), 0) < 128"
PLANTED_BEFORE = {
    "a verdict is lost": (
        "delete from intermediate.initiative_stretch where (unit_code, code_key) = ("
        " select unit_code, min(code_key) from intermediate.changed_initiative"
        " where unit_code = '{unit}' and publication_id = (select max(publication_id) from ops.publication)"
        " group by unit_code)",
        "every_version_has_a_verdict",
    ),
    "half of a unit's verdicts are turned": (
        f"update intermediate.initiative_stretch set verdict = 'invalid' where verdict = 'valid' and {_HALF};"  # noqa: S608
        "insert into intermediate.changed_initiative select max(publication_id), unit_code, code_key"
        f" from ops.publication cross join intermediate.initiative_stretch where {_HALF}"
        " group by unit_code, code_key on conflict do nothing",
        "valid_count_falls",
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


def _plant(connection: psycopg.Connection, statement: str) -> None:
    assert connection.execute(statement.format(unit=UNIT).encode()).rowcount > 0


def test_the_gate_catches_what_is_planted_and_passes_what_is_mended(
    two_nights: Warehouse, undisturbed: Warehouse
) -> None:
    before = two_nights.published()
    _stages(two_nights, "build", AS_OF)
    for what, (table, statement, check) in PLANTED.items():
        with psycopg.connect(two_nights.dsn) as connection:
            connection.execute(f"create table public.as_it_was as table warehouse.{table}".encode())
            _plant(connection, statement)
        assert two_nights.refresh(AS_OF) == 3, what
        assert check in _refused_by(two_nights), what
        assert two_nights.published() == before, what
        with psycopg.connect(two_nights.dsn) as connection:
            connection.execute(f"delete from warehouse.{table}".encode())  # noqa: S608
            connection.execute(f"insert into warehouse.{table} table public.as_it_was".encode())
            connection.execute("drop table public.as_it_was")
    assert two_nights.refresh(AS_OF) == 0
    assert two_nights.published() == undisturbed.published()


@pytest.mark.parametrize("what", PLANTED_BEFORE)
def test_the_gate_catches_what_is_planted_before_the_marts(two_nights: Warehouse, what: str) -> None:
    statement, check = PLANTED_BEFORE[what]
    before = two_nights.published()
    _stages(two_nights, "judge", AS_OF)
    with psycopg.connect(two_nights.dsn) as connection:
        _plant(connection, statement)
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
