"""The files: their names, their bytes, and what `until` and a further night change of them."""

import json
import re
import shutil
from copy import deepcopy
from datetime import date
from pathlib import Path

import pytest

from sangkien.contract.lists import unit_names
from sangkien.simulate import run, simulate
from tests.simulate.conftest import END, ROWS, SEED, Simulated, contents, read
from tests.simulate.test_figures import assert_equal

UNTIL, NIGHT = date(2022, 12, 31), date(2023, 9, 1)
NAME = re.compile(
    r"(?P<unit>[a-z-]+)/(?P<dataset>initiatives|quotas)_(?P<day>\d{4}-\d\d-\d\d)(_full)?(_p(\d\d)of(\d\d))?\.(csv|tsv|xlsx)"
)


def test_names_are_those_of_the_contract(simulated: Simulated) -> None:
    names = list(contents(simulated.inbox))
    assert tuple(names) == simulated.result.files
    found = [NAME.fullmatch(name) for name in names]
    assert all(found)
    assert {match["unit"] for match in found if match} == set(unit_names())
    for dataset in ("initiatives", "quotas"):
        days = [date.fromisoformat(match["day"]) for match in found if match and match["dataset"] == dataset]
        assert date(2022, 1, 8) <= min(days)
        assert max(days) <= END


def test_forms_are_mixed(simulated: Simulated) -> None:
    files = contents(simulated.inbox)
    texts = [content for name, content in files.items() if not name.endswith(".xlsx")]
    assert len(files) / 5 < len(files) - len(texts) < len(files) / 2
    assert any(content.startswith(b"\xef\xbb\xbf") for content in texts)
    assert any(content.endswith(b"\r\n") for content in texts)
    assert {max(b",;\t", key=content[: content.index(b"\n")].count) for content in texts} == set(b",;\t")
    assert any("_full_p02of02" in name for name in files)


def test_same_arguments_same_bytes(simulated: Simulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "_ALONE_BELOW", 0)  # in further processes, with other hash seeds
    result = simulate(tmp_path, ROWS, SEED)
    assert contents(tmp_path) == contents(simulated.inbox)
    assert result.expected == simulated.result.expected


def test_another_seed_other_bytes(tmp_path: Path) -> None:
    first, second = (simulate(tmp_path / str(seed), 100, seed) for seed in (1, 2))
    assert first.files != second.files


def test_until_writes_the_first_part_of_the_same(simulated: Simulated, tmp_path: Path) -> None:
    result = simulate(tmp_path, ROWS, SEED, until=UNTIL)
    due = {name: content for name, content in contents(simulated.inbox).items() if _day(name) <= UNTIL}
    assert contents(tmp_path) == due
    assert tuple(result.expected) == (date(2022, 5, 31), date(2022, 10, 3), UNTIL)
    assert_equal(result.expected[UNTIL], simulated.oracle, UNTIL)


def test_night_adds_new_ones_and_corrections(simulated: Simulated, tmp_path: Path) -> None:
    shutil.copytree(simulated.inbox, tmp_path, dirs_exist_ok=True)
    before = {name: (tmp_path / name).stat().st_mtime_ns for name in contents(tmp_path)}
    result = simulate(tmp_path, ROWS, SEED, night=NIGHT, night_rows=400)

    files = contents(tmp_path)
    assert {name: files[name] for name in before} == contents(simulated.inbox)
    assert {name: (tmp_path / name).stat().st_mtime_ns for name in before} == before
    oracle = deepcopy(simulated.oracle)
    oracle.arrive(tmp_path, NIGHT)
    added = [delivery for delivery in oracle.deliveries() if delivery["export_date"] == NIGHT]
    assert {f"{one['unit_code']}/{one['file_name']}" for one in added} == files.keys() - before.keys()
    assert sum(one["rows_read"] for one in added) == 400
    assert_equal(result.expected[NIGHT], oracle, NIGHT)
    known = set(simulated.oracle.initiatives())
    delivered = {key for key, one in oracle.initiatives().items() if "2023-09-01" in one["file_name"]}
    assert len(delivered & known) == 80
    assert len(delivered - known) == 320


def test_night_on_a_day_of_the_programme(simulated: Simulated, tmp_path: Path) -> None:
    """A night in the middle comes beside the deliveries of its day, and takes nothing away from them."""
    day = date(2022, 5, 31)
    result = simulate(tmp_path, ROWS, SEED, until=day, night=day, night_rows=300)
    files = contents(tmp_path)
    due = {name: content for name, content in contents(simulated.inbox).items() if _day(name) <= day}
    assert {name: files[name] for name in due} == due
    assert_equal(result.expected[day], read(tmp_path, day), day)


@pytest.mark.parametrize(
    ("rows", "night", "night_rows"), [(0, None, 0), (100, date(2022, 1, 1), 10), (100, NIGHT, 0), (100, None, 10)]
)
def test_what_makes_no_sense_is_refused(rows: int, night: date | None, night_rows: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"before the first deliveries|needs at least one"):
        simulate(tmp_path, rows, SEED, night=night, night_rows=night_rows)
    assert not list(tmp_path.iterdir())


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    simulate(tmp_path, 100, SEED, progress=lambda done, planned: steps.append((done, planned)))
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1]


def test_truth_is_written_as_json(simulated: Simulated, tmp_path: Path) -> None:
    simulated.result.write_truth(tmp_path / "truth.json")
    assert json.loads((tmp_path / "truth.json").read_text())["2022-10-03"]["submitted"] == 1000


def _day(name: str) -> date:
    match = NAME.fullmatch(name)
    assert match
    return date.fromisoformat(match["day"])
