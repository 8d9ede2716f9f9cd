"""Every file of the corpus is delivered through the real stages, and ends as was written down by hand beside it."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import pytest

from sangkien import pipeline
from tests.corpus import good, places
from tests.corpus.intake import Intake, Row, deliver
from tests.corpus.make_corpus import CorpusFile, files

if TYPE_CHECKING:
    from tests.conftest import Warehouse

MOST_BYTES = 2**30
# What the reader of spreadsheets does not give us: an error cell comes as an empty one.
KNOWN = {"formulas and errors.xlsx"}
CHECKED = ("csv, plain", "ods, groups", "gzip bomb.csv.gz", "short and long rows.csv", "half a workbook.xlsx")
FILES = {file.name: file for file in files()}


@dataclass(frozen=True)
class Delivered:
    """The warehouse after the corpus. `odd`: the places, by their path in the warehouse, with what is expected."""

    intake: Intake
    warehouse: Warehouse
    deliveries: dict[str, Row]
    odd: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def delivered(make_warehouse: Callable[[], Warehouse]) -> Iterator[Delivered]:
    """The whole corpus, delivered and loaded, with its receipts."""
    warehouse = make_warehouse()
    intake = Intake(warehouse.dsn, warehouse.folder)
    deliver(intake.inbox, ((file.path, file.write()) for file in FILES.values()))
    odd = dict(places.put(intake.inbox, warehouse.folder / "outside"))
    intake.load()
    pipeline.judge_changes(intake.night)  # no receipt is written before
    pipeline.send_receipts(intake.night)
    yield Delivered(intake, warehouse, intake.deliveries(), odd)
    intake.close()


def _marked(file: CorpusFile) -> object:
    known = any(name in file.name for name in KNOWN)
    return pytest.param(file, id=file.name, marks=[pytest.mark.xfail(strict=True)] if known else [])


@pytest.mark.parametrize("file", map(_marked, FILES.values()))
def test_file(delivered: Delivered, file: CorpusFile) -> None:
    assert file.path not in delivered.intake.lost
    _compare(delivered, file.path, file.expected)


def test_places(delivered: Delivered) -> None:
    for path, told in delivered.odd.items():
        if told:
            _compare(delivered, path, told)
        else:
            assert path not in delivered.deliveries
    expected = {path for path, told in delivered.odd.items() if told} | {file.path for file in FILES.values()}
    assert expected >= delivered.deliveries.keys()


def _compare(delivered: Delivered, path: str, told: dict[str, Any]) -> None:
    """A delivery ended as told; what nothing is told about is not looked at."""
    found = delivered.deliveries[path]
    assert found["reason_code"] != "internal_error"
    if "any" in told:
        return
    if "quarantined" in told:
        assert (found["status"], found["reason_code"] in told["quarantined"]) == ("quarantined", True), found
        assert found["reason_values"].items() >= told.get("values", {}).items()
        return
    assert (found["status"], found["reason_code"]) == (told["status"], None)
    rejected = told.get("rejected", 0)
    counts = [found[f"rows_{what}"] for what in ("read", "accepted", "rejected")]
    assert counts == [told["read"], told["read"] - rejected, rejected]
    if "skipped" in told:
        assert found["skipped_by_class"] == told["skipped"]
    decided = told.get("decisions", {}) | ({"encoding": told["encoding"]} if "encoding" in told else {})
    assert {name: found["decisions"].get(name) for name in decided} == decided
    for key, table in (
        ("landing", "landing.initiative"), ("staging", "staging.initiative"), ("rejected_rows", "landing.rejected_row"),
    ):  # fmt: skip
        if key in told:
            rows = delivered.intake.rows(table, found)
            assert len(rows) == len(told[key])
            assert [_shown(row, one) for row, one in zip(rows, told[key], strict=True)] == told[key]


def _shown(row: Row, told: dict[str, Any]) -> dict[str, Any]:
    """What is told of a row, as it is told."""
    return {name: _as_told(row[name], one) for name, one in told.items()}


def _as_told(found: Any, told: Any) -> Any:
    """A text in one form, for windows-1258 writes a tone behind its letter; an exact number as text, if told so."""
    if isinstance(found, Decimal) and isinstance(told, str):
        return f"{found.normalize():f}"
    return normalize("NFC", found) if isinstance(found, str) else found


def test_no_file_hung_or_killed_the_load(delivered: Delivered) -> None:
    assert (delivered.intake.lost, delivered.intake.slow) == ({}, set())


def test_memory_stays_bounded(delivered: Delivered) -> None:
    assert delivered.intake.peak_bytes < MOST_BYTES


def test_nothing_of_a_quarantined_file_is_loaded(delivered: Delivered) -> None:
    for table in ("landing.initiative", "landing.rejected_row", "staging.initiative"):
        assert not delivered.intake.query(
            f"select file_name from {table} inner join ops.delivery using (unit_code, delivery_no)"  # noqa: S608
            " where ops.delivery.status = 'quarantined'"
        )


def test_each_delivery_has_its_receipts_and_no_value_runs_as_a_formula(delivered: Delivered) -> None:
    written: Counter[tuple[str, str, str]] = Counter()
    for file in (delivered.warehouse.folder / "outbox").rglob("*.json"):
        receipt = json.loads(file.read_text("utf-8"))
        written[file.parent.name, receipt["sha256"], receipt["status"]] += 1
        with zipfile.ZipFile(file.with_suffix(".xlsx")) as workbook:
            sheets = [workbook.read(name) for name in workbook.namelist() if name.startswith("xl/worksheets/")]
        assert not [sheet for sheet in sheets if b"<f>" in sheet or b"<f " in sheet]
        assert receipt["status"] != "quarantined" or receipt["advice"]
    rows = delivered.intake.query("select unit_code, sha256, status from ops.delivery")
    assert written == Counter((row["unit_code"], row["sha256"], row["status"]) for row in rows)


@pytest.mark.parametrize("name", CHECKED)
def test_check_gives_the_same_answer(delivered: Delivered, name: str) -> None:
    file = next(file for file in FILES.values() if name in file.name)
    unit = file.path.split("/")[0]
    done = delivered.warehouse.command("check", delivered.intake.inbox / file.path, "--unit", unit, "--json")
    said, found = json.loads(done.stdout), delivered.deliveries[file.path]
    assert (said["status"], said["sha256"]) == (found["status"], found["sha256"])
    outbox = delivered.warehouse.folder / "outbox" / unit
    (receipt,) = outbox.glob(f"*.{found['sha256'][:12]}.json")
    assert _by_itself(said) == _by_itself(json.loads(receipt.read_text("utf-8")))


def _by_itself(receipt: dict[str, Any]) -> dict[str, Any]:
    """A receipt without what only the warehouse can know."""
    issues = [issue for issue in receipt["issues"] if issue["rule"] not in ("V12", "V13", "W04")]
    return receipt | {"issues": issues, "issue_count": len(issues)}


def test_the_good_files_cover_every_form() -> None:
    """Every value of every form comes at least twice, with something else each time."""
    for name in ("kind", "layout", "encoding", "dates", "amounts", "delimiter"):
        counts = Counter(getattr(form, name) for form in good.forms())
        assert min(counts.values()) > 1, counts
    assert len(set(good.forms())) == len(good.forms())
