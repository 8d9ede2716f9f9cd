"""How a bulletin is built: whole or not at all, of any publication, without a person's name."""

import html
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import psycopg
import pytest

from tests.bulletin.conftest import AS_OF, PERSON, UNIT
from tests.conftest import Warehouse


@pytest.fixture
def copied(told: Warehouse, copy_warehouse: Callable[[Warehouse], Warehouse]) -> tuple[Warehouse, Path]:
    """A copy of the warehouse, and where its bulletin will be."""
    warehouse = copy_warehouse(told)
    folder = warehouse.folder / "home" / "bulletin"
    shutil.rmtree(folder, ignore_errors=True)  # the original's, if it has one
    return warehouse, folder


def test_no_person_is_named(told: Warehouse, site: Path) -> None:
    authors = {row["name"] for row in told.query("select distinct author_name as name from landing.initiative")}
    authors = {name for name in authors if name and len(name.split()) > 2}
    assert len(authors) > 500
    for file in site.rglob("*"):
        if file.suffix in (".html", ".csv"):
            text = file.read_text("utf-8-sig")
            assert PERSON not in text, file
            assert not {name for name in authors if name in text}, file


def test_what_a_sender_writes_cannot_run(site: Path) -> None:
    for file in site.rglob("*.html"):
        text = file.read_text("utf-8")
        assert "<script>alert" not in text
        assert not re.search(r"<[^>]+\son[a-z]+=|<[^>]+\sstyle=|https?://(?!www\.w3\.org/)", text), file
        assert "default-src 'none'" in html.unescape(text)


def test_a_quarantined_file_says_what_to_do(site: Path) -> None:
    text = (site / f"units/{UNIT}.html").read_text("utf-8")
    assert "Tên tệp không đúng quy ước." in text
    assert "Tệp rỗng. Xuất lại dữ liệu và kiểm tra tệp trước khi gửi." in text


def test_a_failed_build_keeps_the_last_good_one(copied: tuple[Warehouse, Path]) -> None:
    warehouse, folder = copied
    assert warehouse.command("bulletin").returncode == 0
    good = (folder / "latest").resolve()
    with psycopg.connect(warehouse.dsn) as connection:
        connection.execute("drop view marts.rpt_reward_candidates")  # read last, when the pages are written
    assert warehouse.command("bulletin").returncode == 1
    assert (folder / "latest").resolve() == good
    assert (good / "index.html").exists()
    (left,) = folder.glob(".building-*")  # what it got to, until the next build
    assert not (left / "downloads" / "rpt_reward_candidates.csv").exists()


def test_an_earlier_publication_is_told_again(site: Path, copied: tuple[Warehouse, Path]) -> None:
    warehouse, folder = copied
    source = next((warehouse.inbox / UNIT).glob("initiatives_2022-*"))
    (warehouse.inbox / UNIT / f"initiatives_2023-02-16{source.suffix}").write_bytes(source.read_bytes())
    assert warehouse.refresh(AS_OF) == 0
    assert warehouse.command("bulletin").returncode == 0
    new = (folder / "latest" / "index.html").read_text("utf-8")
    assert warehouse.command("bulletin", "--publication", "1").returncode == 0
    again = (folder / "latest" / "index.html").read_text("utf-8")
    assert new != again == (site / "index.html").read_text("utf-8")
    assert len(list(folder.glob("publication-*"))) == 2  # the one shown, and the one shown before


def test_pdf_is_a4(copied: tuple[Warehouse, Path]) -> None:
    if not shutil.which("chromium"):
        pytest.skip("needs chromium")
    warehouse, folder = copied
    built = warehouse.command("bulletin", "--pdf")
    assert built.returncode == 0, built.stderr
    pdf = (folder / "latest" / "ban-tin-tuan.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-")
    width, height = map(float, re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)[0])
    assert (round(width), round(height)) in ((595, 842), (594, 842), (595, 841))


def test_a_programme_that_has_hardly_begun(warehouse: Warehouse) -> None:
    folder = warehouse.inbox / UNIT
    folder.mkdir()
    (folder / "initiatives_2022-01-10.csv").write_text(
        "Mã sáng kiến,Tên sáng kiến,Họ và tên tác giả,Nhóm đối tượng\n1,Cải tiến máy tuốt lúa,,\n", "utf-8"
    )
    assert warehouse.refresh(date(2022, 1, 10)) == 0
    built = warehouse.command("bulletin")
    assert built.returncode == 0, built.stderr


def test_what_is_missing_is_said_in_a_line(warehouse: Warehouse) -> None:
    said = warehouse.command("bulletin")
    assert said.returncode == 1
    assert "nothing is published yet" in said.stderr
    warehouse.environment = {"PATH": "/nonexistent"}
    said = warehouse.command("bulletin", "--pdf")
    assert said.returncode == 1
    assert "apt-get install chromium" in said.stderr


def test_each_receipt_that_a_page_names_is_in_the_units_folder(told: Warehouse, site: Path) -> None:
    named = 0
    for page in (site / "units").glob("*.html"):
        receipts = {file.name for file in (told.outbox / page.stem).glob("*.xlsx")}
        for name in re.findall('<code class="receipt">([^<]+)</code>', page.read_text("utf-8")):
            assert any(file.endswith(name.removeprefix("….")) for file in receipts), (page.name, name)
            named += 1
    assert named > 83
