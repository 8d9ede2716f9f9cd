"""History under another rule set: a candidate that changes nothing until a person says so (decision 6)."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sangkien.settings import PROJECT_ROOT
from tests.conftest import Warehouse
from tests.pipeline.conftest import AS_OF, Programme
from tests.pipeline.killing import kill_in
from tests.scenarios.build import csv_file, initiative

OLD, NEW = "2021-12-30", "2024-01-01"
NEXT_NIGHT = AS_OF + timedelta(days=1)
UNIT = "ldld-ha-noi"


@pytest.fixture
def new_rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue that ends the window earlier, calls P01 invalid, has one rule less, and a lower limit of W04."""
    text = (PROJECT_ROOT / "expectations" / "rules.yml").read_text("utf-8")
    for before, after in (
        (f'rule_set: "{OLD}"', f'rule_set: "{NEW}"'),
        ("applied_to: date '2023-09-01'", "applied_to: date '2023-03-31'"),
        ("verdict: under_review", "verdict: invalid"),
        ("benefit_limit_vnd: 100000000000", "benefit_limit_vnd: 100000000"),
    ):
        assert text.count(before) == 1
        text = text.replace(before, after)
    start, end = text.index("\n  W01:"), text.index("\n  W02:")
    file = tmp_path_factory.mktemp("rules") / "rules.yml"
    file.write_text(text[:start] + text[end:], "utf-8")
    return file


@pytest.fixture
def waiting(copy_warehouse: Callable[[Warehouse], Warehouse], undisturbed: Warehouse, new_rules: Path) -> Warehouse:
    """A warehouse where new rules are installed, and a candidate under them waits for a person."""
    warehouse = copy_warehouse(undisturbed)
    warehouse.environment["SANGKIEN_RULES"] = str(new_rules)
    _done(warehouse, "rejudge")
    return warehouse


def _done(warehouse: Warehouse, *arguments: str) -> str:
    done = warehouse.command(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _difference(warehouse: Warehouse) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(_done(warehouse, "difference", "--json"))
    return told


def _newest(warehouse: Warehouse) -> str:
    return str(warehouse.query("select max(publication_id) as n from ops.publication")[0]["n"])


def _deliver_a_night(warehouse: Warehouse) -> None:
    """A new initiative, one that the new rules call invalid, and a correction of one that they call invalid."""
    known = warehouse.query(
        "select initiative_code from marts.fct_initiative where unit_code = %s and applied_on > date '2023-03-31'"
        " and verdict = 'valid' order by initiative_code limit 1",
        UNIT,
    )
    rows = [
        initiative("đêm", "N1"),
        initiative("đêm", "N2", {"applied_on": "01/07/2023", "recognised_on": "02/07/2023"}),
    ]
    rows.append(initiative("đêm", known[0]["initiative_code"]))
    (warehouse.inbox / UNIT / f"initiatives_{NEXT_NIGHT}.csv").write_bytes(csv_file(rows))


def test_readers_see_the_candidate_when_it_is_approved_and_it_is_as_from_scratch(
    waiting: Warehouse,
    undisturbed: Warehouse,
    programme: Programme,
    make_warehouse: Callable[[], Warehouse],
) -> None:
    assert waiting.published() == undisturbed.published()
    assert "waits for a person" in _done(waiting, "status").replace("\n", " ")
    assert waiting.refresh(AS_OF) == 0  # a night without news leaves the candidate waiting
    assert waiting.published() == undisturbed.published()
    told = _difference(waiting)

    scratch = make_warehouse()
    scratch.environment["SANGKIEN_RULES"] = waiting.environment["SANGKIEN_RULES"]
    programme.deliver(programme.files(), scratch)
    assert scratch.refresh(AS_OF) == 0
    _done(waiting, "approve", _newest(waiting), "--because", "decided on 1 January")
    assert waiting.query("select distinct rule_set from marts.fct_initiative_version") == [{"rule_set": NEW}]
    before, after = scratch.published(), waiting.published()
    # How many issues a file had when it was loaded stays as the unit was told.
    assert {name for name in before if before[name] != after[name]} <= {"fct_delivery"}

    valid = "select count(*) filter (where verdict = 'valid') as n from marts.fct_initiative"
    assert (told["valid_before"], told["valid_after"]) == (
        undisturbed.query(valid)[0]["n"],
        waiting.query(valid)[0]["n"],
    )
    fired = "select unit_code, rule_code, count(*) as n from marts.fct_verdict_issue group by unit_code, rule_code"
    net = {(row["unit_code"], row["rule_code"]): row["fires_now"] - row["fires_no_more"] for row in told["rules"]}
    counts = [
        {(row["unit_code"], row["rule_code"]): row["n"] for row in warehouse.query(fired)}
        for warehouse in (undisturbed, waiting)
    ]
    changes = {key: counts[1].get(key, 0) - counts[0].get(key, 0) for key in counts[0] | counts[1]}
    assert {key: n for key, n in net.items() if n} == {key: n for key, n in changes.items() if n}
    assert {"V02", "W01", "W04"} <= {rule for _, rule in net}

    waiting.environment["SANGKIEN_RULES"] = str(PROJECT_ROOT / "expectations" / "rules.yml")
    assert "in force already" not in _done(waiting, "rejudge")  # the way back is the same
    _done(waiting, "approve", _newest(waiting), "--because", "it was wrong")
    assert waiting.published() == undisturbed.published()


@pytest.fixture(scope="module")
def next_night(make_warehouse: Callable[[], Warehouse], programme: Programme) -> Warehouse:
    """A warehouse that has never heard of new rules, after the programme and one more night."""
    warehouse = make_warehouse()
    programme.deliver(programme.files(), warehouse)
    assert warehouse.refresh(AS_OF) == 0
    _deliver_a_night(warehouse)
    assert warehouse.refresh(NEXT_NIGHT) == 0
    return warehouse


def test_refused_the_next_night_goes_on_under_the_old_rules(
    waiting: Warehouse, undisturbed: Warehouse, next_night: Warehouse
) -> None:
    _done(waiting, "refuse", _newest(waiting), "--because", "not now")
    assert waiting.published() == undisturbed.published()
    _deliver_a_night(waiting)
    assert waiting.refresh(NEXT_NIGHT) == 0
    assert waiting.published() == next_night.published()


def test_a_night_comes_while_a_candidate_waits(waiting: Warehouse, next_night: Warehouse) -> None:
    candidate = _newest(waiting)
    _deliver_a_night(waiting)
    assert waiting.refresh(NEXT_NIGHT) == 0
    assert waiting.published() == next_night.published()
    assert waiting.command("approve", candidate, "--because", "too late").returncode == 1
    assert waiting.published() == next_night.published()


HELD_AT = {
    "build": ("warehouse.fct_unit_progress", "access exclusive"),
    "gate": ("ops.gate_result", "access exclusive"),
}


@pytest.mark.parametrize("stage", HELD_AT)
def test_killed_then_a_night_then_again(
    copy_warehouse: Callable[[Warehouse], Warehouse],
    undisturbed: Warehouse,
    next_night: Warehouse,
    new_rules: Path,
    stage: str,
) -> None:
    warehouse = copy_warehouse(undisturbed)
    warehouse.environment["SANGKIEN_RULES"] = str(new_rules)
    kill_in(warehouse, ["rejudge"], stage, *HELD_AT[stage])
    assert warehouse.published() == undisturbed.published()
    if stage == "build":
        _done(warehouse, "rejudge")  # goes on where it was killed
        assert _difference(warehouse)["verdicts_changed"] > 0
    _deliver_a_night(warehouse)
    assert warehouse.refresh(NEXT_NIGHT) == 0
    assert warehouse.published() == next_night.published()


def test_other_rules_under_the_same_name_are_refused(
    copy_warehouse: Callable[[Warehouse], Warehouse], undisturbed: Warehouse, new_rules: Path
) -> None:
    warehouse = copy_warehouse(undisturbed)
    new_rules.write_text(new_rules.read_text("utf-8").replace(NEW, OLD), "utf-8")
    warehouse.environment["SANGKIEN_RULES"] = str(new_rules)
    _deliver_a_night(warehouse)
    assert warehouse.refresh(NEXT_NIGHT) == 1
    assert "new version" in warehouse.command("rejudge").stderr.replace("\n", " ")
    assert warehouse.published() == undisturbed.published()


def test_there_is_nothing_to_rejudge(undisturbed: Warehouse) -> None:
    done = undisturbed.command("rejudge")
    assert (done.returncode, "in force already" in done.stderr) == (1, True)
    assert "Last run: refresh-" in _done(undisturbed, "status")  # whoever asked was told: no night has failed
    assert "nobody's word" in _done(undisturbed, "difference")
