"""Each report equals what plain Python makes of the same deliveries, night by night: three nights, three dates."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

import psycopg
import pytest

from tests.conftest import Warehouse
from tests.warehouse import plain, plain_reports
from tests.warehouse.ground import QUOTAS, Delivery, Ground, Quota, Row, programme
from tests.warehouse.plain_reports import REFERENCE, World

HA_NOI, HA_GIANG, COAL = "ldld-ha-noi", "ldld-ha-giang", "cd-than-khoang-san"
HORIZONS = [date(2022, 5, 31), date(2022, 10, 3), date(2023, 9, 5)]
NIGHTS = [1, 2, 3]
UNDATED = Row("no-day", verdict="invalid", submitted_on=None)
PROGRAMME = [
    *programme(seed=5),
    # Late: exported before the first night's last day, but it came with the second night.
    Delivery(HA_GIANG, date(2022, 5, 20), tuple(Row(f"late-{n}", submitted_on=date(2022, 5, 16)) for n in range(9))),
    Delivery(HA_NOI, date(2022, 5, 2), (), status="quarantined"),
    # The new year of the ISO weeks, the end of a phase, and a day that no phase knows.
    Delivery(
        COAL,
        date(2023, 1, 3),
        (
            UNDATED,
            Row("sunday", submitted_on=date(2023, 1, 1)),
            Row("monday", submitted_on=date(2023, 1, 2)),
            Row("last-day", submitted_on=date(2022, 5, 31)),
            Row("first-day", submitted_on=date(2022, 6, 1)),
            Row("long-ago", verdict="invalid", submitted_on=date(2012, 2, 29)),
        ),
    ),
]
ALL_QUOTAS = [
    *QUOTAS,
    Quota(HA_GIANG, date(2022, 2, 1), "phase_1", 2),
    Quota(HA_GIANG, date(2022, 2, 2), "phase_1", 2, union="Công đoàn Quận A", parent=None),
    Quota(HA_NOI, date(2022, 2, 3), "phase_1", 1, union="CĐCS Bệnh viện 1", parent="Công đoàn quận A"),
    Quota(HA_NOI, date(2022, 2, 4), "phase_2", 3, union="công đoàn ngành y tế", parent="LĐLĐ thành phố Hà Nội"),
    Quota(HA_NOI, date(2022, 2, 5), "phase_2", 1, union="CĐCS Trường 2"),
    Quota(COAL, date(2022, 2, 6), "phase_2", 1, union="CĐCS chưa gửi", parent="Công đoàn công ty than"),
]


def _world(night: int) -> World:
    horizon = HORIZONS[night - 1]
    late = PROGRAMME[-3] if night == 1 else None
    return World(
        [delivery for delivery in PROGRAMME if delivery.export_date <= horizon and delivery is not late],
        [quota for quota in ALL_QUOTAS if quota.export_date <= horizon],
        horizon,
    )


@pytest.fixture(scope="module")
def ground(make_warehouse: Callable[[], Warehouse]) -> Ground:
    """Three nights, each on top of the one before."""
    ground = Ground.prepare(make_warehouse())
    before = World([], [], date.min)
    for night in NIGHTS:
        world = _world(night)
        deliveries = [delivery for delivery in world.deliveries if delivery not in before.deliveries]
        ground.deliver(deliveries, [quota for quota in world.quotas if quota not in before.quotas])
        ground.build(night, base=night - 1, horizon=world.horizon)
        ground.publish(night)
        before = world
    return ground


def _rows(ground: Ground, night: int, query: str, keys: int = 1, day: date | None = None) -> dict[Any, Any]:
    """The first columns of each row to the rest; numbers as exact ones. `:day` in the query is the day."""
    told = {}
    for row in ground.query(query.replace(":day", f"'{day}'"), publication=night):
        values = [Fraction(value) if type(value).__name__ == "Decimal" else value for value in row.values()]
        rest = tuple(values[keys:]) if len(values) > keys + 1 else values[keys]
        told[values[0] if keys == 1 else tuple(values[:keys])] = rest
    return told


@pytest.mark.parametrize("night", NIGHTS)
@pytest.mark.parametrize("report", ["rpt_unit_ranking", "rpt_cluster_ranking"])
def test_rankings(ground: Ground, night: int, report: str) -> None:
    query = "select unit_code, rank_no, submitted_count, valid_count, quota from marts.report where as_of = :day"
    query = query.replace("report", report)
    group = plain_reports.cluster if report == "rpt_cluster_ranking" else plain_reports.everyone
    for day in HORIZONS[:night]:
        rows = _rows(ground, night, query, day=day)
        assert rows == plain_reports.ranking(_world(night), day, group)


def test_late_delivery_is_in_no_earlier_publication(ground: Ground) -> None:
    query = "select unit_code, valid_count from marts.rpt_unit_ranking where as_of = :day"
    then, now = (_rows(ground, night, query, day=HORIZONS[0])[HA_GIANG] for night in (1, 2))
    assert now == then + 9


@pytest.mark.parametrize("night", NIGHTS)
def test_provinces_now(ground: Ground, night: int) -> None:
    merger = _rows(ground, night, "select old_code, new_code from reference.province_merger_2025")
    for day in HORIZONS[:night]:
        rows = _rows(
            ground,
            night,
            "select province_code_now, units, submitted_count, valid_count, quota from marts.rpt_province_now"
            " where as_of = :day",
            day=day,
        )
        assert len(rows) == 35
        assert rows == plain_reports.provinces(_world(night), day, merger)


@pytest.mark.parametrize("night", NIGHTS)
def test_weeks(ground: Ground, night: int) -> None:
    rows = _rows(
        ground,
        night,
        "select unit_code, week_start, new_count, new_valid_count, submitted_count, valid_count, quota, rank_no,"
        " rank_change from marts.rpt_weekly",
        keys=2,
    )
    assert rows == plain_reports.weekly(_world(night))


def test_weeks_are_the_calendars(ground: Ground) -> None:
    rows = ground.query(
        "select date_day, iso_week_label, week_start, week_end, quarter_label, quarter_end, phase_code"
        " from marts.dim_date where date_day in ('2023-01-01', '2023-01-02', '2022-05-31', '2022-06-01')"
    )
    for row in rows:
        day = row["date_day"]
        year, week, _ = day.isocalendar()
        assert row["iso_week_label"] == f"{year}-W{week:02}"
        assert (row["week_start"], row["week_end"]) == tuple(date.fromisocalendar(year, week, n) for n in (1, 7))
        assert row["quarter_label"] == f"{day.year}-Q{(day.month + 2) // 3}"
        assert row["phase_code"] == plain_reports.phase_of(day)


@pytest.mark.parametrize("night", NIGHTS)
def test_quarters(ground: Ground, night: int) -> None:
    rows = _rows(
        ground,
        night,
        "select unit_code, quarter_start, valid_count, quarter_quota, is_recognised"
        " from marts.rpt_quarterly_recognition",
        keys=2,
    )
    expected = plain_reports.quarterly(_world(night))
    told = {key: (valid, recognised) for key, (valid, _, recognised) in rows.items()}
    assert told == {key: (valid, recognised) for key, (valid, _, recognised) in expected.items()}
    for key, (_, quota, _) in expected.items():
        said = rows[key][1]
        assert (said is None) == (quota is None)
        assert quota is None or abs(said - quota) <= Fraction(1, 2 * 10**6)


@pytest.mark.parametrize("night", NIGHTS)
def test_mix(ground: Ground, night: int) -> None:
    rows = _rows(
        ground,
        night,
        "select scope_code, category_kind, category_code, valid_count, valid_total from marts.rpt_category_mix",
        keys=3,
    )
    expected = plain_reports.mix(_world(night))
    assert {key: count for key, (count, _) in rows.items() if count} == expected
    assert len(rows) == 84 * (4 + 6 + 6)
    for (scope, _, _), (_, total) in rows.items():
        assert total == sum(n for (of, kind, _), n in expected.items() if (of, kind) == (scope, "member_group"))


@pytest.mark.parametrize("night", NIGHTS)
def test_unions_below_the_unit(ground: Ground, night: int) -> None:
    world = _world(night)
    levels = _rows(ground, night, "select union_key, union_level from marts.dim_union where union_level <> 'unit'")
    assert levels == plain_reports.unions(world)
    query = (
        "select union_key, valid_count, quota from marts.fct_quota_progress"
        " where union_key <> unit_code and as_of = :day"
    )
    for day in HORIZONS[:night]:
        rows = _rows(ground, night, query, day=day)
        assert rows == plain_reports.union_progress(world, day)


@pytest.mark.parametrize("night", NIGHTS)
def test_initiatives_of_a_union(ground: Ground, night: int) -> None:
    world = _world(night)
    rows = _rows(ground, night, "select unit_code, initiative_code, union_key from marts.fct_initiative", keys=2)
    judged = plain.as_of(world.deliveries, world.horizon)
    assert rows == {(one.unit, one.row.code): plain_reports.union_of(one) for one in judged}


def test_names_show_what_they_were_resolved_to(ground: Ground) -> None:
    rows = ground.query("select upper_union_name as name, union_key from marts.dim_union_name")
    assert {row["name"] for row in rows if row["union_key"] == f"{HA_NOI}/cong doan quan a"} == {
        "Công đoàn quận A",
        "CÔNG ĐOÀN quận A",
    }


def test_fields_are_told_by_their_key(ground: Ground) -> None:
    fields = _rows(ground, 3, "select field_key, spellings from marts.dim_field")
    assert fields == {"y te": 2, "co khi": 1}


@pytest.mark.parametrize("night", NIGHTS)
def test_rewards(ground: Ground, night: int) -> None:
    query = "select phase_code, union_key, rank_no, valid_count from marts.rpt_reward_candidates"
    rows = _rows(ground, night, f"{query} where candidate_kind = 'union'", keys=2)
    assert rows == plain_reports.rewards(_world(night))


@pytest.mark.parametrize("night", NIGHTS)
def test_rewards_of_authors(ground: Ground, night: int) -> None:
    query = (
        "select phase_code, author_key, union_key, valid_count, plausible_vnd from marts.rpt_reward_candidates"
        " where candidate_kind = 'author' order by phase_code, unit_code, rank_no"
    )
    rows = _rows(ground, night, query, keys=2)
    assert rows
    assert rows == plain_reports.authors(_world(night))
    order = [(phase, union.split("/")[0], -valid, -amount) for (phase, _), (union, valid, amount) in rows.items()]
    assert order == sorted(order)


@pytest.mark.parametrize("night", NIGHTS)
def test_every_author_of_an_initiative_is_in_the_dimension(ground: Ground, night: int) -> None:
    rows = _rows(ground, night, "select author_key, union_key, submitted_count from marts.dim_author")
    query = (
        "select author_key, union_key, count(*)::integer from marts.fct_initiative"
        " where verdict <> 'withdrawn' and author_key is not null group by 1, 2"
    )
    assert rows == _rows(ground, night, query)


@pytest.mark.parametrize("night", NIGHTS)
def test_calendar(ground: Ground, night: int) -> None:
    query = "select unit_code, calendar_day, state from marts.rpt_delivery_calendar"
    assert _rows(ground, night, query, keys=2) == plain_reports.calendar(_world(night))


@pytest.mark.parametrize("night", NIGHTS)
def test_quality(ground: Ground, night: int) -> None:
    query = "select unit_code, week_start, rule_code, fired_count, checked_count from marts.rpt_data_quality"
    rows = _rows(ground, night, query, keys=3)
    assert {key: told for key, told in rows.items() if told[0]} == plain_reports.quality(_world(night))
    weeks = {key[:2] for key in rows}
    assert len(rows) == 23 * len(weeks)


@pytest.mark.parametrize("night", NIGHTS)
def test_reconciliation(ground: Ground, night: int) -> None:
    world = _world(night)
    query = "select as_of, measure, scope, method, warehouse_value, difference, agrees from marts.rpt_reconciliation"
    rows = _rows(ground, night, query, keys=4)
    assert len(rows) == 11 + 2 * sum(
        day in {key[0] for key in rows if key[3] == "reported"} for day in {date(2022, 5, 31), date(2023, 8, 31)}
    )
    for (day, measure, scope, method), (said, difference, agrees) in rows.items():
        if day > world.horizon:
            assert (method, said, difference, agrees) == ("none", None, None, None)
            continue
        judged = plain.as_of(world.deliveries, day)
        of_scope = [one for one in judged if scope in ("programme", one.row.group)]
        counts = plain.counts(of_scope)
        expected = {
            "submitted": Fraction(len(of_scope) - counts["withdrawn"]),
            "valid": Fraction(counts["valid"]),
            "quota_completion": Fraction(counts["valid"], 3000 if day == HORIZONS[0] else 10_000),
            "benefit": Fraction(plain.benefits(judged).get(method, 0), 10**9),
        }[measure.removesuffix("_at_least")]
        assert abs(said - expected) <= Fraction(1, 2 * 10**6)
        assert agrees == (difference >= 0 if "at_least" in measure else False)


@pytest.mark.parametrize("night", NIGHTS)
def test_benefit_totals_with_their_coverage(ground: Ground, night: int) -> None:
    world = _world(night)
    judged = plain.as_of(world.deliveries, world.horizon)
    query = (
        "select scope_code, method, amount_vnd, initiatives, amounts, negative, other_currency, not_computable,"
        " missing, held_out from marts.fct_benefit_total where scope in ('programme', 'unit', 'member_group')"
    )
    limit = plain.limits(judged)
    for (scope, method), told in _rows(ground, night, query, keys=2).items():
        if scope == "programme":
            assert told[0] == plain.benefits(judged)[method]
        mine = [one for one in judged if one.verdict == "valid" and scope in ("programme", one.unit, one.row.group)]
        amounts = [one for one in mine if one.row.vnd is not None and one.row.vnd >= 0]
        dollars = [one for one in mine if one.row.vnd is None and one.row.usd is not None]
        unknown = [one for one in mine if one.row.vnd is None and one.row.usd is None]
        not_computable = [one for one in mine if one.row.computable is False and one.row.vnd is None]
        assert told[1:] == (
            len(mine),
            len(amounts),
            sum(one.row.vnd is not None and one.row.vnd < 0 for one in mine),
            len([one for one in dollars if one.row.computable is not False]),
            len(not_computable),
            len([one for one in unknown if one.row.computable is not False]),
            sum((one.row.vnd or 0) > limit[one.unit] for one in amounts),
        )


def test_every_unit_is_in_a_cluster_and_a_ranking(ground: Ground) -> None:
    row = ground.query("select count(*) as n from marts.rpt_cluster_ranking where as_of = '2023-09-05'")[0]
    assert row["n"] == len(REFERENCE.units)


def test_rules_are_the_catalogues(ground: Ground) -> None:
    rows = _rows(ground, 3, "select rule_code, rule_name, effect from marts.dim_rule")
    assert rows["V02"] == ("applied_outside_window", "invalid")
    assert rows["W08"] == ("repeated_in_file", "none")


@pytest.fixture(scope="module")
def corrected(make_warehouse: Callable[[], Warehouse]) -> Ground:
    """The same deliveries, with a correction of a union's name and a change of cluster in the lists."""
    corrected = Ground.prepare(make_warehouse())
    world = _world(3)
    corrected.deliver(world.deliveries, world.quotas)
    corrected.build(1, base=0, horizon=world.horizon)
    with psycopg.connect(corrected.dsn) as connection:
        connection.execute(
            "insert into reference.union_corrections"
            " select %s, upper_union, 'CĐCS TRƯỜNG 2', 'Công đoàn quận A', 'CĐCS Trường hai', '2022-06-01', '', ''"
            " from (values ('công đoàn ngành y tế'), ('CĐ Y tế')) as delivered (upper_union)",
            [HA_NOI],
        )
        connection.execute(
            "insert into reference.cluster_changes values (%s, 'cum-bac-trung-bo', '2022-10-03', 'published', '', '')",
            [HA_GIANG],
        )
    corrected.build(2, base=0, horizon=world.horizon)
    return corrected


def test_correction_moves_what_was_exported_from_its_day_on(corrected: Ground) -> None:
    right = f"{HA_NOI}/cong doan quan a/cdcs truong hai"
    rows = corrected.query(
        "select unit_code, grassroots_union_name as name, upper_union_name as upper, export_date, union_key,"
        " union_corrected from marts.fct_initiative_version",
        publication=2,
    )
    meant = [
        row
        for row in rows
        if (row["unit_code"], row["name"], row["upper"]) == (HA_NOI, "CĐCS Trường 2", "Công đoàn ngành Y tế")
    ]
    assert {row["export_date"] < date(2022, 6, 1) for row in meant} == {True, False}
    assert all((row["union_key"] == right) == (row["export_date"] >= date(2022, 6, 1)) for row in meant)
    assert [row for row in rows if row["union_corrected"]] == [row for row in meant if row["union_key"] == right]
    unions = corrected.query("select union_key, union_name, parent_union_key as parent from marts.dim_union", 2)
    assert [(row["union_name"], row["parent"]) for row in unions if row["union_key"] == right] == [
        ("CĐCS Trường hai", f"{HA_NOI}/cong doan quan a")
    ]
    assert not corrected.query("select from marts.fct_initiative_version where union_corrected", publication=1)


def test_change_of_cluster_is_told_from_its_day_on(corrected: Ground) -> None:
    query = "select as_of, cluster_code, units_in_cluster from marts.rpt_cluster_ranking"
    rows = corrected.query(f"{query} where unit_code = '{HA_GIANG}' and as_of in ('2022-10-02', '2022-10-03')", 2)
    told = {row["as_of"]: (row["cluster_code"], row["units_in_cluster"]) for row in rows}
    north = sum(unit["cluster_code"] == "cum-trung-du-mien-nui-phia-bac" for unit in REFERENCE.units.values())
    coast = sum(unit["cluster_code"] == "cum-bac-trung-bo" for unit in REFERENCE.units.values())
    assert told == {
        date(2022, 10, 2): ("cum-trung-du-mien-nui-phia-bac", north),
        date(2022, 10, 3): ("cum-bac-trung-bo", coast + 1),
    }
