"""Quarantined deliveries are read again once their cause was mended."""

from datetime import date
from pathlib import Path

from sangkien.intake.replay import replay
from sangkien.receipts.write import write_receipts
from sangkien.settings import PROJECT_ROOT, Limits
from sangkien.storage import open_folder
from tests.conftest import Warehouse
from tests.intake.conftest import NAME, UNIT, Intake, copy_project
from tests.scenarios.build import csv_file, initiative

ONE_ROW = Limits(rows=1)
TWO = csv_file([initiative("replay", "SK1"), initiative("replay", "SK2")])
ONE = csv_file([initiative("replay", "SK3")])


def test_a_mended_limit_brings_the_delivery_in(intake: Intake) -> None:
    intake.deliver(TWO)
    intake.load(ONE_ROW)
    assert intake.statuses() == [(UNIT, "quarantined", "too_large")]
    (replayed,) = replay(intake.loader())
    assert (replayed.before.reason_code, replayed.after.status) == ("too_large", "accepted")
    assert intake.statuses() == [(UNIT, "accepted", None)]
    assert intake.landed() == ["SK1", "SK2"]


def test_what_is_not_mended_stays_with_its_reason_of_now(intake: Intake) -> None:
    intake.deliver(TWO)
    intake.load(ONE_ROW)
    (replayed,) = replay(intake.loader(Limits(columns=3)))
    assert replayed.after.reason_values["what"] == "số cột"
    assert intake.landed() == []


def test_a_replayed_delivery_replaces_the_earlier_one_of_its_name(intake: Intake) -> None:
    for content, limits in ((ONE, Limits()), (TWO, ONE_ROW)):
        intake.deliver(content)
        intake.load(limits)
    assert intake.landed() == ["SK3"]
    list(replay(intake.loader()))
    assert intake.statuses() == [(UNIT, "superseded", None), (UNIT, "accepted", None)]
    assert intake.landed() == ["SK1", "SK2"]


def test_a_quarantined_delivery_that_was_replaced_is_left_alone(intake: Intake) -> None:
    for content in (TWO, ONE):
        intake.deliver(content)
        intake.load(ONE_ROW)
    assert list(replay(intake.loader())) == []
    assert intake.landed() == ["SK3"]


def test_only_the_unit_and_the_reason_that_were_asked_for(intake: Intake) -> None:
    intake.deliver(TWO)
    intake.deliver(b"no header", name="initiatives_2023-08-30.csv")
    intake.load(ONE_ROW)
    assert list(replay(intake.loader(), unit_code="ldld-thanh-hoa")) == []
    assert [r.before.reason_code for r in replay(intake.loader(), UNIT, "too_large")] == ["too_large"]


def test_what_a_unit_has_delivered_since_is_not_replaced_by_what_was_nobodys(intake: Intake) -> None:
    intake.deliver(ONE, unit="ldld-moi")
    intake.load()
    intake.warehouse.query(  # as if the unit had been added since, and its folder been renamed
        "update ops.delivery set file_name = %s returning 1", f"{UNIT}/{NAME}"
    )
    intake.deliver(TWO)
    intake.load()
    assert list(replay(intake.loader())) == []
    assert intake.landed() == ["SK1", "SK2"]


def test_a_delivery_that_another_run_has_replayed_is_left_alone(intake: Intake) -> None:
    intake.deliver(TWO)
    intake.deliver(ONE, name="initiatives_2023-08-30.csv")
    intake.load(Limits(columns=3))
    first, second = replay(intake.loader()), replay(intake.loader())
    assert next(first).after.status == "accepted"
    assert next(second).before.file_name == NAME
    assert list(first) == []
    assert intake.statuses() == [(UNIT, "accepted", None), (UNIT, "accepted", None)]


def test_another_reason_is_told_in_another_receipt(intake: Intake) -> None:
    intake.deliver(TWO)
    intake.load(ONE_ROW)
    outbox = open_folder(str(intake.warehouse.outbox), {})
    assert write_receipts(intake.warehouse.dsn, outbox).written == 1
    list(replay(intake.loader(Limits(columns=3))))
    assert write_receipts(intake.warehouse.dsn, outbox).written == 1
    (receipt,) = (intake.warehouse.outbox / UNIT).glob("*.json")
    assert "số cột" in receipt.read_text("utf-8")


def test_a_copy_that_is_gone_stops_no_other(intake: Intake) -> None:
    intake.deliver(TWO)
    intake.deliver(csv_file([initiative("replay", "SK1")] * 2), name="initiatives_2023-08-30.csv")
    intake.load(ONE_ROW)
    (first, second) = sorted((intake.warehouse.folder / "home" / "raw").glob("*/*"))
    first.unlink()
    assert [replayed.after.sha256 for replayed in replay(intake.loader())] == [second.name]


def _project_with(warehouse: Warehouse, file: str, old: str, new: str) -> None:
    """The installation runs a copy of the project from now on, with one file changed."""
    copy = copy_project(warehouse.folder)
    changed = copy / file
    text = changed.read_text("utf-8")
    assert old in text
    changed.write_text(text.replace(old, new, 1), "utf-8")
    warehouse.environment["PYTHONPATH"] = str(copy / "plugins")


def test_a_new_alias_is_one_line_and_the_delivery_is_published(intake: Intake) -> None:
    warehouse = intake.warehouse
    intake.deliver(csv_file([initiative("replay", "SK1")]).replace("Mã sáng kiến".encode(), "Ký hiệu SK".encode()))
    assert warehouse.refresh(date(2023, 9, 1)) == 0
    assert intake.statuses() == [(UNIT, "quarantined", "missing_column")]
    _project_with(warehouse, "plugins/sangkien/contract/fields.yml", "[Mã SK,", "[Ký hiệu SK, Mã SK,")
    done = warehouse.command("replay")
    assert "accepted" in done.stdout, done.stderr
    assert warehouse.refresh(date(2023, 9, 2)) == 0
    assert warehouse.query("select initiative_code, verdict from marts.fct_initiative") == [
        {"initiative_code": "SK1", "verdict": "valid"}
    ]
    (receipt,) = (warehouse.outbox / UNIT).glob("*.json")
    assert '"status": "accepted"' in receipt.read_text("utf-8")


def test_a_new_unit_takes_over_what_was_nobodys(intake: Intake) -> None:
    warehouse = intake.warehouse
    intake.deliver(ONE, unit="ldld-moi")
    intake.load()
    assert intake.statuses() == [("_unknown", "quarantined", "unknown_unit")]
    units = Path("dbt_project/seeds/units.csv")
    header, first = (PROJECT_ROOT / units).read_text("utf-8").splitlines()[:2]
    new = first.replace(first.split(",")[0], "ldld-moi", 1)
    _project_with(warehouse, str(units), header, f"{header}\n{new}")
    done = warehouse.command("replay", "--unit", "_unknown")
    assert "accepted" in done.stdout, done.stderr
    assert intake.statuses() == [("ldld-moi", "accepted", None)]
    assert intake.landed() == ["SK3"]
