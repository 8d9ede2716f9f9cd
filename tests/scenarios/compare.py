"""The oracle beside the product's marts, row by row: what the simulated inboxes and the scenarios are checked with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tests.oracle import Oracle
from tests.oracle.measures import METHODS
from tests.oracle.text import code_key
from tests.scenarios.facts import COUNT_COLUMNS, INITIATIVE_COLUMNS, Facts, Query, Row, comparable

ALWAYS_COMPARED = (date(2022, 5, 31), date(2022, 6, 1), date(2023, 8, 31))
PLACE_COLUMNS = {"file_name": "file_name", "line": "line_number"}
NOT_LOADED = ("quarantined", "duplicate")
COUNTED = ("submitted", "valid", "invalid", "under_review", "withdrawn")


def differences(
    oracle: Oracle, connection: psycopg.Connection[Any], days: Iterable[date] | None = None, most: int = 50
) -> list[str]:
    """Everything that the marts of the current publication say other than the oracle; empty when they agree.

    Args:
        oracle: has seen the same files on the same days as the product.
        connection: to the warehouse; the schema `marts` is read.
        days: the as-of dates for versions, quota progress and the overview; by default the ends of the phases and
            the first and last export date.
        most: how many differences of each kind are told.
    """

    def query(text: str, *values: object) -> list[Row]:
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(text.encode(), values or None).fetchall()

    chosen = sorted(set(days)) if days is not None else _days(oracle)
    found: list[str] = []
    facts = Facts.of_marts(query)
    for kind in (
        _deliveries(oracle, facts),
        _initiatives(oracle, facts),
        _versions(oracle, query, chosen),
        _quota_progress(oracle, query, chosen),
        _benefit_totals(oracle, query),
    ):
        found += islice(kind, most)
    for row in query("select * from marts.rpt_overview"):
        if row["as_of"] in chosen:
            found += islice(overview_differences(oracle, _as_printed(row)), most)
    return found


def overview_differences(oracle: Oracle, said: Mapping[str, Any]) -> Iterator[str]:
    """Differences of one overview: what `sangkien overview --json` prints, or a row of rpt_overview."""
    as_of = said["as_of"] if isinstance(said["as_of"], date) else date.fromisoformat(said["as_of"])
    mine = oracle.overview(as_of)
    for name in COUNTED:
        yield from _unequal(f"overview {as_of} {name}", mine[name], said[name])
    groups, completion, benefits = (said.get(name) for name in ("by_member_group", "quota_completion", "benefit_vnd"))
    if groups is not None:
        found = {code: count for code, count in groups.items() if count}
        yield from _unequal(f"overview {as_of} by_member_group", mine["by_member_group"], found)
    if completion is not None:
        for name in ("numerator", "denominator"):
            expected = mine["quota_completion"][name]
            yield from _unequal(f"overview {as_of} {name}", expected, comparable(completion[name]))
    if benefits is not None:
        for name, amount in mine["benefit_vnd"].items():
            yield from _unequal(f"overview {as_of} benefit {name}", amount, int(benefits[name] or 0))


def _as_printed(row: Row) -> Row:
    """A row of rpt_overview in the shape that the command line prints."""
    return {
        **row,
        "by_member_group": row["valid_by_member_group"],
        "quota_completion": {name: row[f"quota_{name}"] for name in ("numerator", "denominator")},
        "benefit_vnd": {method: row[f"benefit_{method}_vnd"] for method in METHODS},
    }


def _days(oracle: Oracle) -> list[date]:
    exports = [one["export_date"] for one in oracle.deliveries() if one["status"] not in NOT_LOADED]
    return sorted({*ALWAYS_COMPARED, *((min(exports), max(exports)) if exports else ())})


def _unequal(what: str, expected: object, found: object) -> Iterator[str]:
    if expected != found:
        yield f"{what}: the contract says {expected!r}, the marts say {found!r}"


def _deliveries(oracle: Oracle, facts: Facts) -> Iterator[str]:
    """As multisets: the same bytes may have been seen twice under one name.

    Counts only of what was loaded, and the export date only of what was not quarantined (it may be in no known name).
    """

    def shown(delivery: Row) -> tuple[object, ...]:
        known = tuple(delivery[name] for name in ("unit_code", "file_name", "sha256", "status"))
        export_date = () if delivery["status"] == "quarantined" else (delivery["export_date"],)
        counts = () if delivery["status"] in NOT_LOADED else tuple(delivery[name] for name in COUNT_COLUMNS)
        return (*known, *export_date, *counts)

    expected, found = (Counter(map(shown, rows)) for rows in (oracle.deliveries(), facts.deliveries))
    for delivery in sorted((expected - found).elements(), key=str):
        yield f"delivery missing in the marts: {delivery}"
    for delivery in sorted((found - expected).elements(), key=str):
        yield f"delivery only in the marts: {delivery}"


def _initiatives(oracle: Oracle, facts: Facts) -> Iterator[str]:
    expected = Facts.of_oracle(oracle).initiatives
    yield from _keys("initiative", expected.keys(), facts.initiatives.keys())
    for key in sorted(expected.keys() & facts.initiatives.keys()):
        mine, said = expected[key], facts.initiatives[key]
        for name in INITIATIVE_COLUMNS:
            yield from _unequal(
                f"{key} {name} ({mine['file_name']}:{mine['line']})", mine[name], comparable(said[name])
            )
        for name, column in PLACE_COLUMNS.items():
            if column in said:
                yield from _unequal(f"{key} {name}", mine[name], said[column])


def _keys(what: str, expected: Iterable[tuple[str, str]], found: Iterable[tuple[str, str]]) -> Iterator[str]:
    for key in sorted(set(expected) - set(found)):
        yield f"{what} missing in the marts: {key}"
    for key in sorted(set(found) - set(expected)):
        yield f"{what} only in the marts: {key}"


def _versions(oracle: Oracle, query: Query, days: list[date]) -> Iterator[str]:
    """As of each day: verdict and rules of the version in force then. W04 is compared for today only."""
    for day in days:
        said = {
            (row["unit_code"], code_key(row["initiative_code"])): row
            for row in query(
                "select unit_code, initiative_code, verdict, rule_codes from marts.fct_initiative_version "
                "where as_of_from <= %s and as_of_to > %s",
                day,
                day,
            )
        }
        expected = oracle.initiatives(day)
        yield from _keys(f"as of {day}: initiative", expected.keys(), said.keys())
        for key in sorted(expected.keys() & said.keys()):
            mine = (expected[key]["verdict"], set(expected[key]["rules"]) - {"W04"})
            theirs = (said[key]["verdict"], set(said[key]["rule_codes"]) - {"W04"})
            yield from _unequal(f"as of {day}: {key}", mine, theirs)


def _quota_progress(oracle: Oracle, query: Query, days: list[date]) -> Iterator[str]:
    """Each unit's own row on each day that the mart covers."""
    seen = set()
    for row in query("select * from marts.fct_quota_progress where union_key = unit_code and as_of = any(%s)", days):
        place = (row["unit_code"], row["as_of"])
        if place in seen:
            yield f"quota progress {place}: more than one row"
        seen.add(place)
        mine = oracle.quota_progress(*place)
        for name in ("phase_code", "valid_count", "quota"):
            expected = comparable(mine[name])
            yield from _unequal(f"quota progress {place} {name}", expected, comparable(row[name]))
    for day in days:
        missing = oracle.reference.units.keys() - {unit for unit, as_of in seen if as_of == day}
        if missing and any(as_of == day for _, as_of in seen):
            yield f"quota progress {day}: no row for {sorted(missing)}"


def _benefit_totals(oracle: Oracle, query: Query) -> Iterator[str]:
    """The programme and each unit, three methods with the range of the third. A unit without a row counts nothing."""
    said = {
        (row["scope"], row["scope_code"], row["method"]): row
        for row in query("select * from marts.fct_benefit_total where scope in ('programme', 'unit')")
    }
    for (scope, code), sums in oracle.benefit_total(None).items():
        for method in ("reported", "plausible", "completed"):
            row = said.get((scope, code, method), {})
            what = f"benefit {scope} {code} {method}"
            yield from _unequal(what, sums[method], int(row.get("amount_vnd") or 0))
            if method == "completed":
                for end in ("low", "high"):
                    yield from _unequal(f"{what} {end}", sums[f"completed_{end}"], int(row.get(f"{end}_vnd") or 0))
