"""docs/benchmarks.md: what the results say, and nothing else."""

import pytest

from bench.page import DOCS, RESULTS, pages, read_results
from bench.targets import TARGETS


def test_the_page_is_what_the_results_say() -> None:
    written = pages(read_results(RESULTS))
    there = {file.name: file.read_text("utf-8") for file in DOCS.glob("benchmarks*")}
    assert there == written, "make bench-page"


@pytest.mark.parametrize(
    ("seconds", "initiatives", "verdict"),
    [(8.0, 2_400_000, "met"), (10.1, 2_400_000, "not met"), (8.0, 24_000, "(met)"), (10.1, 24_000, "(not met)")],
)
def test_a_target_is_met_or_not(seconds: float, initiatives: int, verdict: str) -> None:
    target = next(one for one in TARGETS if one.what == "Full refresh, of the sum of the steps by hand")
    contenders = [{"name": "by hand", "median": 10.0}, {"name": "sangkien", "median": seconds}]
    results = {"refresh": {"facts": {"initiatives": initiatives}, "contenders": contenders}}
    assert target.verdict(results) == verdict
    assert target.measured(results) == pytest.approx(seconds / 10)


def test_what_was_not_measured_is_not_met() -> None:
    assert {target.verdict({}) for target in TARGETS} == {"not measured"}
