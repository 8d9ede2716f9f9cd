"""The downloads equal the reports, in each format; nothing in them runs."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import lxml.html
import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from sangkien.bulletin.downloads import CUTS, csv_name
from sangkien.bulletin.words import REPORTS
from tests.bulletin.conftest import FORMULA
from tests.conftest import Warehouse


def _mart(told: Warehouse, name: str) -> list[dict[str, Any]]:
    where = CUTS[name].where if name in CUTS else "true"
    rows = told.query(f"select * from marts.{name} where {where}")  # noqa: S608 - of our own names
    return [{k: _plain(v) for k, v in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    """What survives every format: numbers as floats, documents not compared."""
    if isinstance(value, dict):
        return None
    return float(value) if not isinstance(value, bool | str) and hasattr(value, "__float__") else value


def _sorted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: [str(value) for value in row.values()])


def test_every_report_is_there() -> None:
    models = Path(__file__).parents[2] / "dbt_project" / "models" / "marts" / "reports"
    assert {file.stem for file in models.glob("*.sql")} == set(REPORTS)


@pytest.mark.parametrize("name", REPORTS)
def test_parquet_equals_the_report(told: Warehouse, site: Path, name: str) -> None:
    frame = pl.read_parquet(site / "downloads" / f"{name}.parquet")
    rows = [
        {k: None if k == "valid_by_member_group" else _plain(v) for k, v in row.items()}
        for row in frame.iter_rows(named=True)
    ]
    assert rows
    assert _sorted(rows) == _sorted(_mart(told, name))


@pytest.mark.parametrize("name", REPORTS)
def test_csv_and_workbook_hold_the_same(site: Path, name: str) -> None:
    frame = pl.read_parquet(site / "downloads" / f"{name}.parquet")
    lines = _csv(site / "downloads" / csv_name(name))
    sheet = CalamineWorkbook.from_path(site / "downloads" / f"{name}.xlsx").get_sheet_by_name(name).to_python()
    assert lines[0] == sheet[0] == frame.columns
    assert len(lines) == len(sheet) == frame.height + 1
    for column, kind in frame.schema.items():
        at = frame.columns.index(column)
        if kind.is_numeric():
            numbers = [None if value is None else float(value) for value in frame[column]]
            assert [float(line[at]) if line[at] else None for line in lines[1:]] == numbers
            assert [None if line[at] == "" else float(line[at]) for line in sheet[1:]] == numbers  # type: ignore[arg-type]
        elif kind == pl.String:
            assert [line[at].removeprefix("'") for line in lines[1:]] == [value or "" for value in frame[column]]
            assert [line[at] for line in sheet[1:]] == [value or "" for value in frame[column]]


def _csv(file: Path) -> list[list[str]]:
    data = file.read_bytes()
    if file.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            (member,) = archive.namelist()
            assert member == file.stem
            data = archive.read(member)
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_nothing_runs_as_a_formula(site: Path) -> None:
    name = "rpt_reward_candidates"
    assert FORMULA in pl.read_parquet(site / "downloads" / f"{name}.parquet")["union_name"].to_list()
    for name in REPORTS:
        for line in _csv(site / "downloads" / csv_name(name)):
            assert not [cell for cell in line if cell[:1] in "=+@\t\r" and cell], line
    for file in (site / "downloads").glob("*.xlsx"):
        with zipfile.ZipFile(file) as workbook:
            assert b"<f>" not in workbook.read("xl/worksheets/sheet1.xml"), file
            assert not [part for part in workbook.namelist() if "externalLink" in part]


def test_every_column_has_a_meaning(site: Path) -> None:
    for page in ("tu-dien-du-lieu.html", "data-dictionary.html"):
        document = lxml.html.parse(str(site / "downloads" / page)).getroot()
        for name in REPORTS:
            (section,) = document.xpath(f"//section[@id='{name}']")
            meanings = {
                row.xpath("string(./th)"): row.xpath("string(./td[2])").strip() for row in section.xpath(".//tbody/tr")
            }
            frame = pl.read_parquet(site / "downloads" / f"{name}.parquet")
            assert list(meanings) == frame.columns
            assert all(meanings.values()), name
