"""A warehouse in the middle of its programme, its bulletin, and a real Chromium to look at it with."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from sangkien.simulate import simulate
from tests.conftest import Warehouse

AS_OF = date(2023, 2, 16)
UNIT, SILENT_UNIT = "ldld-thanh-hoa", "cd-tau-thuy"
PERSON = "Nguyễn Văn Tuyệt Mật"
FORMULA = '=HYPERLINK("https://example.invalid","Bấm vào đây")'
QUOTAS = (
    "Tên công đoàn,Công đoàn cấp trên,Giai đoạn,Loại chỉ tiêu,Chỉ tiêu\n"
    f'"{FORMULA.replace(chr(34), chr(34) * 2)}",,II,Giao,0\n<script>alert(1)</script>,,II,Giao,0\n'
)


@pytest.fixture(scope="session")
def told(make_warehouse: Callable[[], Warehouse]) -> Warehouse:
    """3,000 initiatives up to the middle of the programme, with what a hostile or clumsy sender would add."""
    warehouse = make_warehouse()
    simulate(warehouse.inbox, 3_000, 7, until=AS_OF)
    shutil.rmtree(warehouse.inbox / SILENT_UNIT)
    (warehouse.inbox / UNIT / f"{PERSON}.csv").write_text("Mã sáng kiến\n1\n", "utf-8")
    (warehouse.inbox / UNIT / "quotas_2023-02-10.csv").write_text(QUOTAS, "utf-8")
    (warehouse.inbox / UNIT / "initiatives_2023-02-12.csv").write_bytes(b"")
    assert warehouse.refresh(AS_OF) == 0
    return warehouse


@pytest.fixture(scope="session")
def site(told: Warehouse) -> Path:
    """The folder that `sangkien bulletin` has made."""
    built = told.command("bulletin")
    assert built.returncode == 0, built.stderr
    return (told.folder / "home" / "bulletin" / "latest").resolve()
