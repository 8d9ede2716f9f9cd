"""What is simulated shows the published figures in proportion, when it is read by the contract."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from sangkien.simulate import Figures, simulate
from sangkien.simulate.programme import read_programme
from tests.oracle import Oracle
from tests.simulate.conftest import END, Simulated, read

MILESTONES = (date(2022, 5, 31), date(2022, 10, 3), END)
BILLION = 10**9
RULES = {*(f"V{n:02}" for n in range(1, 15)), "P01", *(f"W{n:02}" for n in range(1, 9))}


def test_published_figures_in_proportion(simulated: Simulated) -> None:
    submitted = [simulated.oracle.overview(day)["submitted"] for day in MILESTONES]
    end = simulated.oracle.overview(END)
    assert submitted == [697, 1000, 2400]
    assert end["valid"] == 2034
    assert end["by_member_group"] == {"public_sector": 956, "enterprise_worker": 732, "union_officer": 346}


def test_published_figures_at_full_size() -> None:
    programme = read_programme()
    assert programme.submitted_at(2_400_000) == (696_948, 1_000_000, 2_400_000)
    assert programme.valid_at(2_400_000).tolist() == [955_824, 732_120, 345_723]


def test_benefit_in_proportion(simulated: Simulated) -> None:
    first, end = (simulated.oracle.overview(day)["benefit_vnd"] for day in (MILESTONES[0], END))
    for method in ("reported", "plausible", "completed"):
        assert 10_000 * BILLION <= first[method] * 1000 < 11_500 * BILLION
        assert 33_000 * BILLION <= end[method] * 1000 < 36_000 * BILLION


def test_truth_is_what_the_deliveries_say(simulated: Simulated) -> None:
    assert tuple(simulated.result.expected) == MILESTONES
    for day, figures in simulated.result.expected.items():
        assert_equal(figures, simulated.oracle, day)
    assert simulated.result.initiatives == 2400


@pytest.mark.parametrize("rows", [100, 500])
def test_small_sizes_are_exact_too(rows: int, tmp_path: Path) -> None:
    result = simulate(tmp_path, rows, seed=rows)
    oracle = read(tmp_path, END)
    for day, figures in result.expected.items():
        assert_equal(figures, oracle, day)
    assert result.initiatives == rows


def test_every_rule_occurs(simulated: Simulated) -> None:
    fired = Counter(rule for one in simulated.oracle.initiatives().values() for rule in one["rules"])
    assert set(fired) == RULES
    assert max(fired.values()) < 240  # each has a modest share
    rejected = {rule for delivery in simulated.oracle.deliveries() for rule in delivery["rules"]} & {
        "R01",
        "R02",
        "R03",
    }
    assert rejected == {"R01", "R02"}


def test_every_delivery_is_accepted_and_counted(simulated: Simulated) -> None:
    deliveries = simulated.oracle.deliveries()
    assert {delivery["status"] for delivery in deliveries} == {"accepted", "accepted_with_issues"}
    assert sum(delivery["rows_skipped"] for delivery in deliveries) == 0
    of_initiatives = [one for one in deliveries if one["file_name"].startswith("initiatives_")]
    assert sum(delivery["rows_read"] for delivery in of_initiatives) == simulated.result.rows


def test_withdrawn_by_status_and_by_a_full_export(simulated: Simulated) -> None:
    withdrawn = [one for one in simulated.oracle.initiatives().values() if one["verdict"] == "withdrawn"]
    full_units = {path.parent.name for path in simulated.inbox.glob("*/*_full*")}
    left_out = [one for one in withdrawn if one["unit_code"] in full_units]
    assert left_out
    assert len(withdrawn) > len(left_out)


def test_first_filer_of_a_duplicate_is_withdrawn(simulated: Simulated) -> None:
    """A duplicate that was invalid before its first filer was withdrawn stands at the end."""
    days = sorted({delivery["export_date"] for delivery in simulated.oracle.deliveries()})
    once_duplicate = {
        key
        for day in days
        for key, one in simulated.oracle.initiatives(day).items()
        if {"V12"} & set(one["rules"]) and one["verdict"] == "invalid"
    }
    assert any(simulated.oracle.initiatives()[key]["verdict"] == "valid" for key in once_duplicate)


def test_quotas_add_up(simulated: Simulated) -> None:
    units = sorted(path.name for path in simulated.inbox.iterdir())
    for day, total in ((MILESTONES[0], 300), (date(2022, 6, 1), 1000), (END, 1000)):
        quotas = [simulated.oracle.quota_progress(unit, day)["quota"] for unit in units]
        assert sum(quota or 0 for quota in quotas) == total
    assert simulated.oracle.quota_progress("ldld-ha-noi", END)["quota"] == 60


def test_sizes_are_very_unequal(simulated: Simulated) -> None:
    sizes = Counter(unit for unit, _ in simulated.oracle.initiatives()).most_common()
    assert [unit for unit, _ in sizes[:2]] == ["ldld-ha-noi", "ldld-ho-chi-minh"]
    assert sizes[0][1] > 20 * sizes[-1][1]


def test_truth_as_of_any_day(simulated: Simulated) -> None:
    days = sorted({delivery["export_date"] for delivery in simulated.oracle.deliveries()})
    for day in days[::6]:
        assert_equal(simulated.result.as_of(day), simulated.oracle, day)


def assert_equal(figures: Figures, oracle: Oracle, day: date) -> None:
    """The figures are those of the oracle."""
    said = oracle.overview(day)
    for name in ("submitted", "valid", "invalid", "under_review", "withdrawn"):
        assert getattr(figures, name) == said[name], name
    assert {code: n for code, n in figures.by_member_group.items() if n} == said["by_member_group"]
    assert figures.reported_vnd == said["benefit_vnd"]["reported"]
    assert figures.plausible_vnd == said["benefit_vnd"]["plausible"]
