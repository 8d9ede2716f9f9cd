"""What MetricFlow answers is what the reports say."""

import csv
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Warehouse
from tests.warehouse.ground import QUOTAS, Ground, programme


@pytest.fixture(scope="module")
def ground(make_warehouse: Callable[[], Warehouse]) -> Ground:
    """One night, published."""
    ground = Ground.prepare(make_warehouse())
    ground.deliver(programme(), QUOTAS)
    ground.build(1, base=0)
    ground.publish(1)
    return ground


@pytest.fixture
def ask(ground: Ground, tmp_path: Path) -> Callable[..., list[dict[str, str]]]:
    """`sangkien mf query` with these options."""

    def query(*options: str) -> list[dict[str, str]]:
        answer = tmp_path / "answer.csv"
        done = ground.warehouse.command("mf", "query", *options, "--decimals", "6", "--csv", answer)
        assert done.returncode == 0, done.stdout + done.stderr
        with answer.open(newline="") as file:
            return list(csv.DictReader(file))

    return query


def _exact(value: Any) -> Decimal | None:
    """Six decimals; MetricFlow writes nothing for null."""
    return None if value in (None, "") else Decimal(value).quantize(Decimal("0.000001"))


def test_headline_figures(ground: Ground, ask: Callable[..., list[dict[str, str]]]) -> None:
    said = ask("--metrics", "benefit_reported,benefit_plausible,benefit_completed,quota_completion")[0]
    told = ground.query(
        "select benefit_reported_vnd as benefit_reported, benefit_plausible_vnd as benefit_plausible,"
        " benefit_completed_vnd as benefit_completed, quota_numerator / quota_denominator::numeric as quota_completion"
        " from marts.rpt_overview order by as_of desc limit 1"
    )[0]
    assert {name: _exact(value) for name, value in said.items()} == {name: _exact(told[name]) for name in said}


def test_counts_by_member_group(ground: Ground, ask: Callable[..., list[dict[str, str]]]) -> None:
    said = ask("--metrics", "valid_initiatives,submitted_initiatives", "--group-by", "initiative__member_group_code")
    mix = ground.query(
        "select category_code, valid_count from marts.rpt_category_mix"
        " where scope = 'programme' and category_kind = 'member_group' and valid_count > 0"
    )
    assert {row["initiative__member_group_code"]: int(row["valid_initiatives"]) for row in said} == {
        row["category_code"]: row["valid_count"] for row in mix
    }
    submitted = ground.query("select submitted from marts.rpt_overview order by as_of desc limit 1")[0]["submitted"]
    assert sum(int(row["submitted_initiatives"]) for row in said) == submitted


def test_weeks_of_submission(ground: Ground, ask: Callable[..., list[dict[str, str]]]) -> None:
    said = ask("--metrics", "submitted_initiatives", "--group-by", "metric_time__week")
    told = ground.query(
        "select week_start, sum(new_count) as n from marts.rpt_weekly group by 1 having sum(new_count) > 0"
    )
    assert {row["metric_time__week"][:10]: int(row["submitted_initiatives"]) for row in said} == {
        row["week_start"].isoformat(): row["n"] for row in told
    }


def test_completion_of_each_unit(ground: Ground, ask: Callable[..., list[dict[str, str]]]) -> None:
    said = ask("--metrics", "unit_quota_completion,valid_as_of", "--group-by", "unit")
    told = ground.query(
        "select unit_code, valid_count, completion_ratio from marts.rpt_unit_ranking"
        " where as_of = (select max(as_of) from marts.fct_unit_progress)"
    )
    assert {row["unit"]: (int(row["valid_as_of"]), _exact(row["unit_quota_completion"])) for row in said} == {
        row["unit_code"]: (row["valid_count"], _exact(row["completion_ratio"])) for row in told
    }


def test_documentation_is_of_the_warehouse(ground: Ground, tmp_path: Path) -> None:
    done = ground.warehouse.command("dbt", "docs", "generate", "--target-path", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    catalog = json.loads((tmp_path / "catalog.json").read_text())
    column = catalog["nodes"]["model.sangkien.fct_initiative"]["columns"]["verdict"]
    assert column["comment"].startswith("valid, invalid")
