"""Two hundred hostile cell values: nothing executes, nothing breaks, each is shown as the text that it is."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from selenium.webdriver import Chrome

from sangkien.contract.text import clean
from sangkien.intake.personal import masked
from tests.conftest import Warehouse
from tests.intake.conftest import Intake, intake
from tests.privacy.hostile import EVERYWHERE, FILE, VALUES
from tests.privacy.persons import OTHER, THIRD, UNIT

__all__ = ["intake"]


def test_each_value_lands_as_delivered(guarded: Warehouse) -> None:
    rows = guarded.query(
        "select l.* from landing.initiative as l inner join ops.delivery as d using (unit_code, delivery_no)"
        " where d.file_name = %s order by line_number",
        FILE,
    )
    assert len(rows) == len(VALUES)
    for row, value in zip(rows, VALUES, strict=True):
        assert {row[name] for name in EVERYWHERE if name != "note"} == {value.replace("\0", "\u2400")}


def test_each_value_is_a_text_in_the_marts(guarded: Warehouse) -> None:
    shown = guarded.query(
        "select field_name, grassroots_union_name from marts.fct_initiative where unit_code = %s and file_name = %s"
        " order by line_number",
        THIRD,
        FILE,
    )
    expected = masked(clean(pl.Series(VALUES)))
    assert len(shown) == len(VALUES)
    for row, value in zip(shown, expected, strict=True):
        if value is None or len(value.encode()) <= 400:
            assert row["field_name"] == row["grassroots_union_name"] == value


def test_the_receipt_quotes_them_as_texts(guarded: Warehouse) -> None:
    (receipt,) = (guarded.outbox / THIRD).glob(f"{FILE}.*.json")
    quoted = {issue["value"] for issue in json.loads(receipt.read_text("utf-8"))["issues"]}
    assert "=1+1" in quoted
    assert "{{ 7*7 }}" in quoted
    with zipfile.ZipFile(receipt.with_suffix(".xlsx")) as workbook:
        parts = {name: workbook.read(name) for name in workbook.namelist()}
    assert not any(b"<f>" in part or b"<f " in part or b"<hyperlink" in part for part in parts.values())


def test_no_download_has_a_formula(site: Path) -> None:
    texts = 0
    for file in (site / "downloads").glob("*.csv"):
        for line in csv.reader(io.StringIO(file.read_text("utf-8-sig"), newline="")):
            for cell in line:
                texts += cell.startswith("'")
                assert not cell.startswith(("=", "@", "\t", "\r")), (file.name, cell)
    assert texts
    for file in (site / "downloads").glob("*.xlsx"):
        with zipfile.ZipFile(file) as workbook:
            assert not any(b"<f>" in workbook.read(name) for name in workbook.namelist())


@pytest.fixture(scope="module")
def site(guarded: Warehouse) -> Path:
    """The bulletin of the warehouse."""
    built = guarded.command("bulletin")
    assert built.returncode == 0, built.stderr
    return (guarded.folder / "home" / "bulletin" / "latest").resolve()


def log(browser: Chrome, kind: str) -> list[dict[str, Any]]:
    """What the browser has noted since it was last asked."""
    return list(browser.get_log(kind))  # type: ignore[no-untyped-call]


def test_no_page_of_the_bulletin_runs_or_loads_anything(site: Path, browser: Chrome) -> None:
    pages = sorted(site.rglob("*.html"))
    assert any(THIRD in page.name for page in pages)
    looked_at = [page for page in pages if page.name in {"index.html", f"{THIRD}.html", f"{UNIT}.html"}]
    assert len(looked_at) >= 3
    for page in looked_at:
        browser.get("about:blank")  # Chromium's own page loads what it needs
        log(browser, "browser")
        log(browser, "performance")
        browser.get(page.as_uri())
        assert browser.execute_script("return window.hit") is None
        asked = [
            message["params"]["request"]["url"]
            for entry in log(browser, "performance")
            if (message := json.loads(entry["message"])["message"])["method"] == "Network.requestWillBeSent"
        ]
        assert all(url.startswith(("file://", "data:", "blob:")) for url in asked), asked
        assert [entry for entry in log(browser, "browser") if entry["level"] == "SEVERE"] == []


def test_no_page_of_the_gate_runs_anything(guarded: Warehouse, browser: Chrome) -> None:
    pages = sorted((guarded.folder / "home" / "reports").rglob("*.html"))
    assert pages
    for page in pages:
        browser.get(page.as_uri())
        assert browser.execute_script("return window.hit") is None


def test_nothing_was_run_by_a_shell_or_the_database(guarded: Warehouse) -> None:
    assert not Path("/tmp/hit").exists()  # noqa: S108 - what the values would make
    tables = guarded.query("select count(*) as n from pg_views where schemaname = 'marts'")
    assert tables[0]["n"] > 30


def test_a_units_folder_writes_for_no_other_unit(guarded: Warehouse, intake: Intake) -> None:
    """What the rows say of their unit changes nothing, nor does a name that points elsewhere."""
    rows = guarded.query("select distinct unit_code from staging.initiative inner join ops.delivery"
                         " using (unit_code, delivery_no) where file_name = %s", FILE)  # fmt: skip
    assert [row["unit_code"] for row in rows] == [THIRD]
    warehouse = intake.warehouse
    folder = warehouse.inbox / UNIT
    folder.mkdir()
    (warehouse.inbox / OTHER).mkdir()
    data = (guarded.inbox / THIRD / FILE).read_bytes()
    for name in (f"..%2f{OTHER}%2f{FILE}", f"..\\{OTHER}\\{FILE}", f"{OTHER}_{FILE}", f"{FILE}\n", f"\u202e{FILE}"):
        (folder / name).write_bytes(data)
    (folder / OTHER).mkdir()
    (folder / OTHER / FILE).write_bytes(data)
    (folder / FILE).symlink_to(guarded.inbox / THIRD / FILE)
    (folder / "link").symlink_to(warehouse.inbox / OTHER)
    intake.load()
    found = warehouse.query("select unit_code, file_name, status from ops.delivery")
    assert {row["status"] for row in found} == {"quarantined"}
    assert OTHER not in {row["unit_code"] for row in found}
