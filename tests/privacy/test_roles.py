"""Every cell of the matrix in docs/roles.md: what a role may do works, what it may not do is refused."""
# ruff: noqa: S608 - tables and columns are named by the catalogue

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg
import pytest
from psycopg import sql

from sangkien.privacy.roles import READERS, WORKERS, set_up_roles
from sangkien.settings import PROJECT_ROOT
from tests.conftest import Warehouse
from tests.privacy.conftest import AS_OF, as_login
from tests.privacy.persons import OTHER, UNIT

DETAIL = {
    "fct_initiative", "fct_initiative_version", "fct_verdict_issue", "fct_benefit_estimate", "fct_author_phase",
    "dim_author", "rpt_reward_candidates",
}  # fmt: skip
ROLES = [*WORKERS, *READERS]
# What PostgreSQL says of a table that one may not write, and of a view that nobody can.
REFUSED = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.ObjectNotInPrerequisiteState,
    psycopg.errors.WrongObjectType,
    psycopg.errors.FeatureNotSupported,
)
SUBJECT = {"unit": UNIT, "day": AS_OF, "union": f"{UNIT}/a", "code": "SK-1", "cluster": "dong-bang-song-hong"}
RIGHTS = {"r", "i", "u", "d", "t", "codes", "which", "own unit", ""}


@cache
def matrix() -> dict[tuple[str, str], set[str]]:
    """(table or schema, role) to the rights that docs/roles.md says."""
    page = (PROJECT_ROOT / "docs" / "roles.md").read_text("utf-8")
    lines = [line.strip("|").split("|") for line in page.splitlines() if line.startswith("| ")]
    header = [cell.strip() for cell in lines[0]]
    named = {role.removeprefix("sangkien_"): role for role in ROLES}
    found = {}
    for what, *cells in lines[1:]:
        if len(cells) != len(header) - 1:
            continue
        for name in re.findall(r"`([\w.]+)`", what):
            for role, cell in zip(header[1:], cells, strict=True):
                said = cell.strip()
                rights = {said} if said in RIGHTS else set(said.split())
                assert rights <= RIGHTS
                key = (f"{name}: detail" if what.strip().endswith("detail") else name, named[role])
                found[key] = rights - {""}
    return found


def rights_of(table: str, role: str) -> set[str]:
    schema, _, name = table.partition(".")
    place = "marts: detail" if schema == "marts" and name in DETAIL else schema
    known = matrix()
    return known.get((table, role), known.get((place, role), set()))


@pytest.fixture(scope="module")
def tables(guarded: Warehouse) -> list[str]:
    found = guarded.query(
        "select nspname || '.' || relname as name from pg_class inner join pg_namespace as n on relnamespace = n.oid"
        " where relkind in ('r', 'v') and nspname in ('landing', 'staging', 'intermediate', 'ops', 'warehouse',"
        " 'marts', 'reference', 'restricted', 'public') order by 1"
    )
    return [row["name"] for row in found]


@pytest.fixture(scope="module")
def login(guarded: Warehouse) -> Iterator[Callable[[str], str]]:
    """A maker of logins that have one role; gives the DSN."""
    made: list[str] = []

    def make(role: str) -> str:
        name = f"test_{os.getpid()}_{role}"
        with psycopg.connect(guarded.dsn, autocommit=True) as connection:
            if name not in made:
                made.append(name)
                connection.execute(
                    sql.SQL("create role {} login password 'test' in role {}").format(
                        sql.Identifier(name), sql.Identifier(role)
                    )
                )
        return as_login(guarded, name)

    yield make
    with psycopg.connect(guarded.dsn, autocommit=True) as connection:
        for name in made:
            connection.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))


@contextmanager
def session_as(guarded: Warehouse, login: Callable[[str], str], role: str, way: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(login(role) if way == "login" else guarded.dsn, autocommit=True) as connection:
        if way == "set role":
            connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
        yield connection


def attempts(table: str, columns: list[str]) -> dict[str, str]:
    """By the letter of the right that it needs, a statement that does no harm where it is allowed."""
    names = ", ".join(f'"{name}"' for name in columns)
    return {
        "r": f"select * from {table} limit 1",
        "i": f"insert into {table} ({names}) select {', '.join(['null'] * len(columns))} where false",
        "u": f'update {table} set "{columns[0]}" = null where false',
        "d": f"delete from {table} where false",
        "t": f"truncate {table}",
    }


@pytest.fixture(scope="module")
def columns(guarded: Warehouse) -> dict[str, list[str]]:
    """The columns of each table that can be written."""
    found = guarded.query(
        "select table_schema || '.' || table_name as name, array_agg(column_name::text order by ordinal_position)"
        " as columns from information_schema.columns where is_generated = 'NEVER' and is_identity = 'NO' group by 1"
    )
    return {row["name"]: row["columns"] for row in found}


@pytest.mark.parametrize("way", ["set role", "login"])
@pytest.mark.parametrize("role", ROLES)
def test_every_no_is_refused(
    guarded: Warehouse,
    login: Callable[[str], str],
    tables: list[str],
    columns: dict[str, list[str]],
    role: str,
    way: str,
) -> None:
    went_through, refused = set(), 0
    with session_as(guarded, login, role, way) as session:
        for table in tables:
            rights = rights_of(table, role)
            for what, statement in attempts(table, columns[table]).items():
                if rights & {what, "own unit" if what == "r" else what}:
                    continue
                try:
                    with session.transaction(force_rollback=True):
                        session.execute(statement)
                    went_through.add((what, table))
                except REFUSED:
                    refused += 1
        for schema in (
            "landing",
            "staging",
            "intermediate",
            "ops",
            "warehouse",
            "marts",
            "reference",
            "restricted",
            "public",
        ):
            if role == "sangkien_transformer" and schema in {"warehouse", "marts", "reference"}:
                continue
            with pytest.raises(psycopg.errors.InsufficientPrivilege), session.transaction():
                session.execute(sql.SQL("create table {} ()").format(sql.Identifier(schema, "mine")))
    assert went_through == set()
    assert refused > 100


@pytest.mark.parametrize("role", ROLES)
def test_every_yes_works(
    guarded: Warehouse, login: Callable[[str], str], tables: list[str], columns: dict[str, list[str]], role: str
) -> None:
    tried = 0
    with session_as(guarded, login, role, "login") as session:
        for table in tables:
            rights = rights_of(table, role)
            is_view = guarded.query("select relkind = 'v' as it from pg_class where oid = %s::regclass", table)[0]["it"]
            for what, statement in attempts(table, columns[table]).items():
                if what in rights | ({"r"} if "own unit" in rights else set()) and (what == "r" or not is_view):
                    with session.transaction(force_rollback=True):
                        session.execute(statement)
                    tried += 1
    assert tried


def test_the_transformer_sees_codes_of_rejected_rows_alone(guarded: Warehouse, login: Callable[[str], str]) -> None:
    with session_as(guarded, login, "sangkien_transformer", "login") as session:
        session.execute("select unit_code, delivery_no, code_key from landing.rejected_row")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute("select cells from landing.rejected_row")


def test_a_unit_reads_its_own_detail_and_everybodys_totals(
    guarded: Warehouse, login: Callable[[str], str], tables: list[str]
) -> None:
    with session_as(guarded, login, f"bi_unit_{UNIT}", "login") as session:
        for table in tables:
            if (
                not table.startswith("marts.") or table == "marts.fct_delivery"
            ):  # of which names are told: test_leaks.py
                continue
            all_rows, units = _told(guarded.dsn, table)
            with session.cursor() as cursor:
                seen = cursor.execute(_HASH.format(table)).fetchone()
            if table.removeprefix("marts.") not in DETAIL:
                assert seen == all_rows, table
                continue
            own = session.execute(f"select distinct unit_code from {table} where {_of_persons(table)}").fetchall()
            assert own == [(UNIT,)], table
            assert OTHER in units
            assert session.execute(f"select count(*) from {table} where unit_code = '{UNIT}'").fetchone() == _count(
                guarded.dsn, table
            )
        totals = session.execute("select * from marts.overview(date '2023-08-31')").fetchone()
    with psycopg.connect(guarded.dsn) as owner:
        assert owner.execute("select * from marts.overview(date '2023-08-31')").fetchone() == totals


_HASH = 'select md5(string_agg(t::text, chr(10) order by t::text collate "C")) from {} as t'


def _of_persons(table: str) -> str:
    return "candidate_kind = 'author'" if table.endswith("rpt_reward_candidates") else "true"


def _told(dsn: str, table: str) -> tuple[Any, set[str]]:
    with psycopg.connect(dsn) as owner:
        told = owner.execute(_HASH.format(table)).fetchone()
        if table.removeprefix("marts.") not in DETAIL:
            return told, set()
        units = owner.execute(f"select distinct unit_code from {table} where {_of_persons(table)}").fetchall()
        return told, {unit for (unit,) in units}


def _count(dsn: str, table: str) -> Any:
    with psycopg.connect(dsn) as owner:
        return owner.execute(f"select count(*) from {table} where unit_code = '{UNIT}'").fetchone()


def test_a_function_of_the_readers_own_sees_no_other_units_row(guarded: Warehouse, login: Callable[[str], str]) -> None:
    """A cheap condition is evaluated before others: security must come first."""
    with session_as(guarded, login, f"bi_unit_{UNIT}", "login") as session:
        session.execute(
            "create function pg_temp.spy(unit text) returns boolean language plpgsql cost 0.0000001 as"
            " $$ begin raise notice 'seen %', unit; return true; end $$"
        )
        seen: set[str | None] = set()
        session.add_notice_handler(lambda notice: seen.add(notice.message_primary))
        session.execute("select count(*) from marts.fct_initiative where pg_temp.spy(unit_code)")
    assert seen == {f"seen {UNIT}"}


def test_the_setting_says_whose_detail_a_shared_login_reads(guarded: Warehouse, login: Callable[[str], str]) -> None:
    units = "select distinct unit_code from marts.fct_initiative"
    with session_as(guarded, login, "bi_unit", "login") as session:
        assert session.execute(units).fetchall() == []
        session.execute(f"set sangkien.unit = '{OTHER}'")
        assert session.execute(units).fetchall() == [(OTHER,)]
    for role in (f"bi_unit_{UNIT}", "bi_unit"):  # which it is a member of: it stays the unit's login
        with session_as(guarded, login, f"bi_unit_{UNIT}", "login") as session:
            session.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
            session.execute(f"set sangkien.unit = '{OTHER}'")
            assert session.execute(units).fetchall() == [(UNIT,)], role
    with session_as(guarded, login, f"bi_unit_{UNIT}", "set role") as session:  # a superuser is what it plays
        session.execute(f"set sangkien.unit = '{OTHER}'")
        assert session.execute(units).fetchall() == [(UNIT,)]


def test_readers_see_no_candidate(guarded: Warehouse, login: Callable[[str], str]) -> None:
    with psycopg.connect(guarded.dsn) as owner:
        owner.execute(
            "insert into ops.publication (publication_id, run_id, state, horizon, rule_set)"
            " select 999, run_id, 'refused', horizon, rule_set from ops.publication limit 1"
        )
        owner.commit()
        try:
            owner.execute("set sangkien.publication = 999")
            owner.execute("select count(*) from marts.fct_initiative")
            for role in READERS:
                with session_as(guarded, login, role, "login") as session:
                    session.execute("set sangkien.publication = 999")
                    for asked in ("select count(*) from marts.rpt_overview", "select marts.overview(current_date)"):
                        with pytest.raises(psycopg.errors.RaiseException, match="cannot be shown"):
                            session.execute(asked)
        finally:
            owner.rollback()
            owner.execute("delete from ops.publication where publication_id = 999")


@pytest.mark.usefixtures("guarded")  # the server has the roles
def test_an_owner_that_may_make_no_roles(make_warehouse: Callable[[], Warehouse]) -> None:
    """It is told what an administrator has to run; once that was done, it grants what the roles may do."""
    warehouse, name = make_warehouse(), f"test_{os.getpid()}_owner"
    with psycopg.connect(warehouse.dsn, autocommit=True) as connection:
        connection.execute(f"create role {name} login password 'test'")
        connection.execute(f"grant create on database {connection.info.dbname} to {name}")
        connection.execute(f"alter schema public owner to {name}")
        connection.execute('alter role "bi_unit_cd-cao-su" rename to hidden')
    owned = Warehouse(as_login(warehouse, name), warehouse.folder)
    try:
        refused = owned.command("roles")
        assert refused.returncode == 1
        assert 'create role "bi_unit_cd-cao-su" nologin in role "bi_unit"' in refused.stderr
        assert "Traceback" not in refused.stderr
    finally:
        with psycopg.connect(warehouse.dsn, autocommit=True) as connection:
            connection.execute('alter role hidden rename to "bi_unit_cd-cao-su"')
    assert set_up_roles(owned.dsn) == []
    assert set_up_roles(owned.dsn) == []


def test_a_dashboards_questions_cost_the_programme_office_nothing_more(
    guarded: Warehouse, login: Callable[[str], str]
) -> None:
    """The rows of all units are read as if nothing guarded them: by the plan that the owner gets."""
    questions = sorted((PROJECT_ROOT / "bench" / "questions").glob("*.sql"))
    assert len(questions) == 12
    with psycopg.connect(guarded.dsn) as owner, session_as(guarded, login, "bi_reader", "login") as session:
        for question in questions:
            statement = sql.SQL("explain (costs off) " + question.read_text("utf-8")).format(**SUBJECT)
            assert session.execute(statement).fetchall() == owner.execute(statement).fetchall(), question.name
