"""The oracle's benefit estimates, overview and limits beside figures worked out by hand from CONTRACT §1 and §5."""

from __future__ import annotations

import gzip
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from tests.oracle import Limits, Oracle
from tests.oracle.legacy import from_tcvn3, from_vni
from tests.oracle.versions import percentile
from tests.scenarios.build import Overrides, Value, csv_file, initiative, put

NIGHT = date(2023, 9, 1)
MILLION = 10**6
MANAGEMENT: dict[str, Value] = {"solution_type": "Giải pháp quản lý"}
OFFICER: dict[str, Value] = {"member_group": "CBCĐ", "solution_type": ""}


def _deliver(inbox: Path, unit: str, rows: list[Overrides]) -> None:
    table = [initiative(unit, f"M{number}", row) for number, row in enumerate(rows)]
    put(inbox, f"{unit}/initiatives_2023-08-31.csv", csv_file(table))


def _amounts(*millions: str, **changes: Value) -> list[Overrides]:
    return [{"benefit": amount, "benefit_unit": "triệu đồng", **changes} for amount in millions]


@pytest.fixture
def oracle(tmp_path: Path) -> Oracle:
    """Three kinds of units, with cells of donors of every width."""
    _deliver(
        tmp_path,
        "ldld-ca-mau",
        [
            *_amounts("10", "20", "30", "40", "100", ""),  # five donors: their own median
            *_amounts("-5", "", benefit_computable="Không"),
            *_amounts("101 tỷ", "7 USD", "Không tính được"),
            *_amounts("50", member_group="x"),
        ],
    )
    _deliver(
        tmp_path,
        "ldld-bac-lieu",
        [*_amounts("1", "3", "", **MANAGEMENT), *_amounts("", **OFFICER)],  # two donors: the group's; none: the kind's
    )
    _deliver(tmp_path, "cd-dau-khi", _amounts("5", "8", ""))  # two donors in the whole kind: used as it is
    _deliver(tmp_path, "cd-y-te", _amounts(""))  # none in the whole kind: not imputed
    oracle = Oracle()
    oracle.arrive(tmp_path, NIGHT)
    return oracle


def test_three_methods(oracle: Oracle) -> None:
    own, group, kind, corporation = (20, 30, 40), (6.5, 20, 35), (6.5, 20, 35), (5.75, 6.5, 7.25)
    low, middle, high = (sum(quartiles) for quartiles in zip(own, group, kind, corporation, strict=True))
    assert oracle.benefit_total(None)["programme", "programme"] == {
        "reported": 101_217 * MILLION,
        "plausible": 217 * MILLION,
        "completed": (217 + middle) * MILLION,
        "completed_low": (217 + low) * MILLION,
        "completed_high": (217 + high) * MILLION,
    }


def test_totals_of_units(oracle: Oracle) -> None:
    totals = oracle.benefit_total(None)
    assert totals["unit", "ldld-bac-lieu"]["completed"] == (4 + 20 + 20) * MILLION
    assert totals["unit", "cd-y-te"] == dict.fromkeys(totals["unit", "cd-y-te"], 0)


def test_overview(oracle: Oracle) -> None:
    overview = oracle.overview(date(2023, 8, 31))
    counts = {name: overview[name] for name in ("submitted", "valid", "invalid", "under_review", "withdrawn")}
    assert counts == {"submitted": 20, "valid": 19, "invalid": 1, "under_review": 0, "withdrawn": 0}
    assert overview["by_member_group"] == {"enterprise_worker": 18, "union_officer": 1}
    assert overview["quota_completion"] == {"numerator": 19, "denominator": 1_000_000, "basis": "phase_2"}
    assert oracle.overview(date(2022, 5, 31))["quota_completion"]["denominator"] == 300_000
    assert oracle.overview(date(2023, 8, 30))["submitted"] == 0


def test_percentile() -> None:
    assert [percentile([4, 1, 3, 2], Fraction(quarter, 4)) for quarter in (1, 2, 3)] == [1.75, 2.5, 3.25]


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(file_bytes=100), "too_large"),
        (Limits(unpacked_bytes=100), "unpacked_too_large"),
        (Limits(ratio=1), "compression_ratio"),
        (Limits(rows=1), "too_many_rows"),
        (Limits(columns=17), "too_many_columns"),
        (Limits(rows=2, columns=18), None),
    ],
)
def test_limits(tmp_path: Path, limits: Limits, reason: str | None) -> None:
    content = csv_file([initiative("limits", "L1"), initiative("limits", "L2")])
    put(tmp_path, "cd-y-te/initiatives_2023-08-31.csv.gz", gzip.compress(content, mtime=0))
    oracle = Oracle(limits=limits)
    oracle.arrive(tmp_path, NIGHT)
    assert [one["reason"] for one in oracle.deliveries()] == [reason]


@pytest.mark.parametrize(
    ("tcvn3", "vni", "text"),
    [
        ("H÷u kh¸ng, t\u00adëng", "Höõu khaùng, töôûng", "Hữu kháng, tưởng"),
        ("sö dông, lËp kÕ ho¹ch", "söû duïng, laäp keá hoaïch", "sử dụng, lập kế hoạch"),
        ("quý, kü, kú, thñy, tþ", "quyù, kyõ, kyø, thuûy, tî", "quý, kỹ, kỳ, thủy, tỵ"),
        ("b»ng s¾t, dÉn, bÓ, ch½n, ch¼ng", "baèng saét, daãn, beå, chaün, chaúng", "bằng sắt, dẫn, bể, chẵn, chẳng"),
        ("tØ mØ, nghÜ, ý chÝ, thÞ", "tæ mæ, nghó, yù chí, thò", "tỉ mỉ, nghĩ, ý chí, thị"),
    ],
)
def test_legacy_letters(tcvn3: str, vni: str, text: str) -> None:
    assert (from_tcvn3(tcvn3), from_vni(vni)) == (text, text)


def test_capitals_of_vni() -> None:
    assert from_vni("ÑAËNG THÒ ÖÙNG, VUÕ ÑÖÙC HÔÏP, HUYØNH THÓ") == "ĐẶNG THỊ ỨNG, VŨ ĐỨC HỢP, HUỲNH THĨ"
