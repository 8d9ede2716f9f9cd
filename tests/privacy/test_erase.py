"""A person is erased wherever something was written of it; every figure stays; no rebuild brings anything back."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Warehouse
from tests.privacy.conftest import AS_OF, figures
from tests.privacy.persons import OTHER, SOUGHT, UNIT, Person
from tests.privacy.search import found_in_database, found_in_files

STRINGS = SOUGHT.strings()


@pytest.fixture(scope="module")
def erased(guarded: Warehouse, copy_for_module: Callable[[Warehouse], Warehouse]) -> Warehouse:
    """A copy of the warehouse from which one person was erased."""
    warehouse = copy_for_module(guarded)
    assert found_in_database(warehouse.dsn, STRINGS)
    assert found_in_files(warehouse.folder, STRINGS)
    found = warehouse.command(
        "person", "find", SOUGHT.name.upper(), "--birth", SOUGHT.birth.isoformat(), "--card", SOUGHT.card
    )
    assert found.returncode == 0, found.stderr
    assert not any(string in found.stdout for string in STRINGS)
    request = re.findall(r"Request (\d+)", found.stdout)[0]
    done = warehouse.command("person", "erase", request, "--because", "Yêu cầu số 12/2026", "--mentions")
    assert done.returncode == 0, done.stderr
    return warehouse


def test_nothing_of_the_person_is_found(erased: Warehouse) -> None:
    assert found_in_database(erased.dsn, STRINGS) == []
    assert found_in_files(erased.folder, STRINGS) == []


def test_every_other_person_is_untouched(erased: Warehouse, guarded: Warehouse) -> None:
    names = "select author_name, author_birth, member_card, job_title from landing.initiative order by 1, 2, 3, 4"
    others = [row for row in guarded.query(names) if row["author_name"] != SOUGHT.name]
    assert [row for row in erased.query(names) if not (row["author_name"] or "").startswith("Da xoa")] == others


def test_every_published_figure_stays(erased: Warehouse, guarded: Warehouse) -> None:
    assert figures(erased) == figures(guarded)
    assert erased.query("select count(distinct author_key) as n from marts.dim_author") == guarded.query(
        "select count(distinct author_key) as n from marts.dim_author"
    )


def test_it_is_logged_without_the_person(erased: Warehouse) -> None:
    (request,) = erased.query("select * from restricted.person_request where answer is not null")
    assert request["answer"] == "erased"
    assert request["because"] == "Yêu cầu số 12/2026"
    assert request["counted"]["rows"] == 3
    assert request["counted"]["rejected_rows"] == 1
    assert request["counted"]["files_rewritten"] == 3
    assert request["counted"]["files_removed"] == 2
    assert [request[name] for name in ("author_name", "author_birth", "member_card", "unit_code")] == [None] * 4


def test_the_next_night_finds_nothing_new(erased: Warehouse) -> None:
    before = erased.published()
    done = erased.command("refresh", "--as-of", AS_OF.isoformat())
    assert (done.returncode, done.stdout.strip()) == (0, "Nothing new.")
    assert erased.published() == before


def test_a_rebuild_from_the_raw_store_tells_the_same_without_the_person(
    erased: Warehouse, make_warehouse: Callable[[], Warehouse], guarded: Warehouse
) -> None:
    """The new inbox is what the raw store keeps, under the names that it was delivered with. Even the file that a unit
    has delivered, with the person in it, brings nothing back."""
    rebuilt = make_warehouse()
    shutil.copytree(erased.folder / "home" / "raw", rebuilt.folder / "home" / "raw")
    for row in erased.query("select unit_code, file_name, sha256 from ops.delivery"):
        kept = erased.folder / "home" / "raw" / row["sha256"][:2] / row["sha256"]
        if kept.exists():
            place = rebuilt.inbox / row["unit_code"] / row["file_name"]
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(kept, place)
    delivered = f"{UNIT}/initiatives_2023-03-20.csv"
    shutil.copyfile(guarded.inbox / delivered, rebuilt.inbox / delivered)
    assert rebuilt.refresh(AS_OF) == 0
    assert found_in_database(rebuilt.dsn, STRINGS) == []
    shutil.rmtree(rebuilt.inbox)  # the unit's own copy
    assert found_in_files(rebuilt.folder, STRINGS) == []
    told, expected = figures(rebuilt), figures(guarded)
    # Two files of which nothing was counted are kept no more: what is told of deliveries lacks them.
    lost = {name for name in told if told[name] != expected[name]}
    assert lost == {"fct_delivery", "rpt_delivery_calendar"}


def test_a_name_alone_is_no_request(erased: Warehouse) -> None:
    refused = erased.command("person", "find", "Nguyễn Văn An")
    assert refused.returncode == 1
    assert "--birth" in refused.stderr


def test_what_is_exported_is_all_of_the_persons_rows(guarded: Warehouse, tmp_path: Path) -> None:
    person = Person(9)
    found = guarded.command("person", "find", person.name, "--initiative", f"{OTHER}/Q-9")
    request = re.findall(r"Request (\d+)", found.stdout)[0]
    done = guarded.command("person", "export", request, "--out", tmp_path / "person.json")
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "person.json").read_text("utf-8"))["rows"]
    # By the initiative the card, by the card the other unit's rows.
    found_codes = [(row["unit_code"], row["initiative_code"]) for row in rows]
    assert found_codes == [
        (UNIT, "P-9"),
        (UNIT, "P-9"),
        (OTHER, "Q-9"),
    ]
    assert {row["member_card"] for row in rows} == {person.card}
    assert (tmp_path / "person.json").stat().st_mode & 0o077 == 0
    closed = guarded.command("person", "close", request, "--because", "given")
    assert closed.returncode == 0, closed.stderr
    assert guarded.command("person", "export", request, "--out", tmp_path / "again.json").returncode == 1
