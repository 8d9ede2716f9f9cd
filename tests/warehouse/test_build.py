"""The build of the marts: real dbt on a real PostgreSQL."""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import date

import psycopg
import pytest

from sangkien.warehouse.build import BuildFailedError
from tests.conftest import Warehouse
from tests.warehouse import plain
from tests.warehouse.ground import GROUPS, HORIZON, PARAMETERS, QUOTAS, UNITS, Delivery, Ground, Row, programme

PROGRAMME = programme()
FIRST = [delivery for delivery in PROGRAMME if delivery.export_date < date(2022, 9, 1)]
REST = [delivery for delivery in PROGRAMME if delivery not in FIRST]
DAYS = [date(2022, 5, 31), date(2022, 10, 3), HORIZON]
GIANG = "ldld-ha-giang"
PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def once(make_warehouse: Callable[[], Warehouse]) -> Ground:
    """The whole programme in one night."""
    ground = Ground.prepare(make_warehouse())
    ground.deliver(PROGRAMME, QUOTAS)
    ground.build(1, base=0)
    ground.publish(1)
    return ground


@pytest.fixture(scope="module")
def first_night(make_warehouse: Callable[[], Warehouse]) -> Ground:
    """The first part of the programme, published; tests work on copies."""
    ground = Ground.prepare(make_warehouse())
    ground.deliver(FIRST, QUOTAS)
    ground.build(1, base=0)
    ground.publish(1)
    return ground


@pytest.fixture
def night(copy_warehouse: Callable[[Warehouse], Warehouse], first_night: Ground) -> Ground:
    """A copy of the first night, for the second."""
    return Ground(copy_warehouse(first_night.warehouse))


@pytest.mark.parametrize("day", DAYS)
def test_overview_of_a_day(once: Ground, day: date) -> None:
    judged = plain.as_of(PROGRAMME, day)
    counts, benefits = plain.counts(judged), plain.benefits(judged)
    row = once.query(f"select * from marts.overview('{day}')")[0]  # noqa: S608
    assert {verdict: row[verdict] for verdict in counts} == counts
    assert row["submitted"] == len(judged) - counts["withdrawn"]
    assert {name: int(row[f"benefit_{name}_vnd"]) for name in benefits} == benefits
    valid = Counter(one.row.group for one in judged if one.verdict == "valid")
    assert row["valid_by_member_group"] == {group: valid[group] for group in GROUPS}


def test_report_tells_milestones_as_the_function_does(once: Ground) -> None:
    rows = once.query("select * from marts.rpt_overview order by as_of")
    assert [row["as_of"] for row in rows] == [*DAYS[:2], date(2023, 8, 31), date(2023, 9, 1), HORIZON]
    assert rows == [once.query(f"select * from marts.overview('{row['as_of']}')")[0] for row in rows]  # noqa: S608


@pytest.mark.parametrize("day", DAYS)
def test_quota_progress_of_a_day(once: Ground, day: date) -> None:
    phase = "phase_1" if day <= date(2022, 5, 31) else "phase_2"
    for row in once.query(f"select * from marts.fct_quota_progress where as_of = '{day}'"):  # noqa: S608
        judged = [one for one in plain.as_of(PROGRAMME, day) if one.unit == row["unit_code"]]
        assert (row["phase_code"], row["valid_count"]) == (phase, plain.counts(judged)["valid"])
        delivered = plain.quota(QUOTAS, row["unit_code"], phase, day)
        assert delivered is None or (row["quota"], row["quota_evidence"]) == (delivered, "delivered")


def test_benefit_of_the_estimates_adds_up_to_the_totals(once: Ground) -> None:
    rows = once.query(
        "select method, t.amount_vnd, round(sum(e.amount_vnd)) as estimates from marts.fct_benefit_total as t"
        " inner join marts.fct_benefit_estimate as e using (method) where scope = 'programme' group by 1, 2"
    )
    assert {row["method"] for row in rows} == {"reported", "plausible", "completed"}
    assert all(row["amount_vnd"] == row["estimates"] for row in rows)


def test_dbt_tests_hold(once: Ground) -> None:
    statuses = {str(result.status) for result in once.dbt(1, "test")}
    assert statuses == {"pass", "success"}


def test_descriptions_are_comments(once: Ground) -> None:
    row = once.query(
        "select obj_description('marts.fct_initiative'::regclass) as of_view,"
        " col_description('marts.fct_initiative_version'::regclass, 1) as of_column"
    )[0]
    assert row["of_view"].startswith("One row per initiative")
    assert row["of_column"]


def test_nights_give_what_one_night_gives(night: Ground, once: Ground) -> None:
    before = night.hashes(1)
    late, rest = REST[3:], REST[:3]
    night.deliver(late)
    night.build(2, base=1)
    night.deliver(reversed(rest))
    night.build(3, base=2)
    assert night.hashes() == before
    night.publish(3)
    assert night.hashes() == once.hashes()
    assert night.hashes(1) == before


def test_night_without_news_stamps_nothing(night: Ground) -> None:
    result = night.build(2, base=1)
    assert not result.compared_everything
    assert set(result.rows.values()) == {0}
    assert night.hashes(2) == night.hashes(1)


def test_same_candidate_again_is_no_change(night: Ground) -> None:
    night.deliver(REST)
    night.build(2, base=1)
    tables = night.hashes(schema="warehouse")
    night.build(2, base=1)
    assert night.hashes(schema="warehouse") == tables


def test_only_what_changed_is_stamped(night: Ground) -> None:
    night.deliver([Delivery(GIANG, date(2022, 9, 1), (Row("SK-1"), Row("new")))])
    night.build(2, base=1)
    touched = "select distinct {} from warehouse.{} where 2 in (published_from, published_to)"
    codes = night.query(touched.format("unit_code, code_key", "fct_initiative_version"))
    units = night.query(touched.format("unit_code", "fct_unit_progress"))
    assert {(row["unit_code"], row["code_key"]) for row in codes} == {(GIANG, "new"), (GIANG, "sk-1")}
    assert units == [{"unit_code": GIANG}]


def test_horizon_moves_on(night: Ground) -> None:
    result = night.build(2, base=1, horizon=date(2023, 9, 6))
    assert {name: rows for name, rows in result.rows.items() if rows} == {"fct_unit_progress": 83, "rpt_overview": 1}
    days = night.query("select max(as_of) as last, count(*) as days from marts.rpt_overview", publication=2)[0]
    assert days == {"last": date(2023, 9, 6), "days": 5}


def test_what_an_attempt_has_closed_stays_closed(night: Ground) -> None:
    """The last day told of the base is told no more; an attempt that was killed later has closed its row already."""
    night.build(2, base=1, horizon=date(2023, 9, 6))
    night.build(3, base=2, horizon=date(2023, 9, 13))
    once_built = night.hashes(schema="warehouse")
    night.build(3, base=2, horizon=date(2023, 9, 13))
    assert night.hashes(schema="warehouse") == once_built


def test_killed_candidate_is_built_again(night: Ground, once: Ground) -> None:
    before = night.hashes()
    night.deliver([*REST[1:], Delivery("ldld-ha-noi", date(2023, 9, 1), (Row("SK-0"), Row("mistake")))])
    with psycopg.connect(night.dsn) as blocker, psycopg.connect(night.dsn, autocommit=True) as watch:
        blocker.execute("lock table warehouse.fct_unit_progress in access exclusive mode")
        killer = threading.Thread(target=_terminate_who_waits, args=[watch])
        killer.start()
        with pytest.raises(BuildFailedError, match="fct_unit_progress"):
            night.build(2, base=1)
        killer.join()
    assert night.hashes() == before
    with psycopg.connect(night.dsn) as connection:
        connection.execute(
            "update ops.delivery set status = 'superseded' where file_name = 'initiatives_2023-09-01.csv'"
        )
    night.deliver(REST[:1])
    night.build(2, base=1)
    night.publish(2)
    differ = {"fct_delivery", "rpt_delivery_calendar"}  # the mistake is a delivery that was superseded
    told = {name: value for name, value in night.hashes().items() if name not in differ}
    assert told == {name: value for name, value in once.hashes().items() if name not in differ}


def _terminate_who_waits(watch: psycopg.Connection) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        killed = watch.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and wait_event_type = 'Lock'"
        ).fetchall()
        if killed:
            return
        time.sleep(0.05)


def test_readers_see_one_publication_or_the_other(night: Ground) -> None:
    seen: set[tuple[object, ...]] = set()
    stop = threading.Event()
    question = (
        "select (select count(*) from marts.fct_initiative), (select sum(valid_count) from marts.fct_quota_progress),"
        " (select sum(amount_vnd) from marts.fct_benefit_total), (select sum(submitted) from marts.rpt_overview)"
    )

    def read() -> None:
        with psycopg.connect(night.dsn, autocommit=True) as connection:
            while not stop.is_set():
                seen.update(connection.execute(question).fetchall())

    reader = threading.Thread(target=read)
    reader.start()
    night.deliver(REST)
    night.build(2, base=1)
    night.publish(2)
    time.sleep(0.2)
    stop.set()
    reader.join()
    assert seen == {_answer(night, question, 1), _answer(night, question, 2)}


def _answer(ground: Ground, question: str, publication: int) -> tuple[object, ...]:
    with psycopg.connect(ground.dsn, options=f"-c sangkien.publication={publication}") as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return row


def test_changed_limit_reaches_what_nobody_touched(night: Ground) -> None:
    implausible = "select count(*) as n from marts.fct_initiative where rule_codes @> array['W04']"
    result = night.build(2, base=1, parameters={**PARAMETERS, "benefit_limit_vnd": 5 * 10**7})
    over = night.query("select count(*) as n from marts.fct_initiative where benefit_vnd > 5e7", publication=2)
    assert result.compared_everything
    assert night.query(implausible, publication=2) == over
    assert night.query(implausible, publication=1) != over


def test_environment_is_left_alone(night: Ground) -> None:
    before = dict(os.environ)
    night.build(2, base=1)
    assert dict(os.environ) == before


def test_all_units_have_progress_on_all_days(once: Ground) -> None:
    row = once.query("select count(*) as n, count(distinct unit_code) as units from marts.fct_quota_progress")[0]
    days = (HORIZON - date(2021, 12, 15)).days + 1
    assert (row["n"], row["units"]) == (83 * days, 83)
    assert set(UNITS) <= {row["unit_code"] for row in once.query("select unit_code from marts.dim_union")}
