"""What a warehouse says, from the oracle or from the product's marts, in one shape; and what the scenarios expect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tests.oracle import Oracle
from tests.oracle.text import code_key
from tests.scenarios import cases_places, world
from tests.scenarios.cases_rows import RowCase
from tests.scenarios.file_case import FileCase
from tests.scenarios.nights_case import NightsCase

Row = dict[str, Any]
Query = Callable[..., Iterable[Row]]

INITIATIVE_COLUMNS = (
    "initiative_code",
    "verdict",
    "member_group_code",
    "solution_type_code",
    "content_category_code",
    "submitted_on",
    "applied_on",
    "recognised_on",
    "benefit_vnd",
    "rules",
)
COUNT_COLUMNS = ("rows_read", "rows_accepted", "rows_rejected", "rows_skipped")


@dataclass
class Facts:
    """Initiatives by (unit_code, code key), and all deliveries."""

    initiatives: dict[tuple[str, str], Row]
    deliveries: list[Row]

    @classmethod
    def of_oracle(cls, oracle: Oracle, as_of: date | None = None) -> Facts:
        """What the oracle says."""
        return cls(oracle.initiatives(as_of), oracle.deliveries())

    @classmethod
    def of_marts(cls, query: Query) -> Facts:
        """What the marts say: fct_initiative with its fct_verdict_issue, and fct_delivery."""
        initiatives: dict[tuple[str, str], Row] = {}
        for row in query("select * from marts.fct_initiative"):
            key = (row["unit_code"], code_key(row["initiative_code"]))
            if key in initiatives:
                raise AssertionError(f"{key} stands twice in marts.fct_initiative")
            initiatives[key] = {**row, "rules": []}
        for issue in query("select unit_code, initiative_code, rule_code from marts.fct_verdict_issue"):
            key = (issue["unit_code"], code_key(issue["initiative_code"]))
            initiatives[key]["rules"].append(issue["rule_code"])
        for row in initiatives.values():
            row["rules"] = sorted(set(row["rules"]))
        return cls(initiatives, list(query("select * from marts.fct_delivery")))

    def of_file(self, unit_code: str, file_name: str) -> list[Row]:
        """The deliveries of one name."""
        return [one for one in self.deliveries if (one["unit_code"], one["file_name"]) == (unit_code, file_name)]


def comparable(value: Any) -> Any:
    """A value as both sides write it: a moment as its date, a whole number as an integer."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, Decimal | float):
        return int(value) if value == int(value) else value
    return value


# --- what the scenarios expect, checked on either side ----------------------------------------------------------------


def check_row_case(facts: Facts, case: RowCase, kind: str) -> None:
    """A row case holds in the unit that delivered it as CSV or as XLSX."""
    found = facts.initiatives[world.ROW_UNITS[kind], code_key(world.row_code(case))]
    assert found["rules"] == sorted(case.rules)
    assert found["verdict"] == case.expected_verdict
    if case.has_vnd:
        assert comparable(found["benefit_vnd"]) == case.vnd
    for name, expected in case.shown.items():
        assert _text(found[name]) == expected


def check_file_case(facts: Facts, case: FileCase) -> None:
    """A file case has its status and counts, and its initiatives are as expected."""
    unit = world.QUARANTINE_UNIT if case.status == "quarantined" else world.READING_UNIT
    (delivery,) = facts.of_file(unit, world.file_name(case))
    assert delivery["status"] == case.status
    if case.counts is not None:
        assert tuple(delivery[name] for name in COUNT_COLUMNS) == case.counts
    for code, expected in case.rows.items():
        found = facts.initiatives[unit, code_key(code)]
        shown = {name: found[name] if name == "rules" else _plain(found[name]) for name in expected if name in found}
        assert shown == {name: value for name, value in expected.items() if name in found}


def check_nothing_of_quarantined(facts: Facts) -> None:
    """Nothing of a quarantined file was loaded."""
    assert [key for key in facts.initiatives if key[0] in (world.QUARANTINE_UNIT, cases_places.UNIT)] == []


def check_places(facts: Facts) -> None:
    """Files out of place are quarantined, what is no delivery is left alone."""
    units = {"_unknown", cases_places.UNIT}
    found = {
        (one["unit_code"], one["file_name"]): one["status"] for one in facts.deliveries if one["unit_code"] in units
    }
    cases = [case for case in cases_places.PLACE_CASES if case.unit_code]
    assert found == {(case.unit_code, case.file_name): "quarantined" for case in cases}


def check_nights_case(facts: Facts, case: NightsCase) -> None:
    """A scenario of several nights ended as expected: its initiatives, all of them, and the deliveries it names."""
    check_outcomes(facts, case, case.after)
    for (letter, name), statuses in case.statuses.items():
        found = facts.of_file(world.unit_of(case, letter), world.dated(name))
        assert Counter(one["status"] for one in found) == Counter(statuses)


def check_outcomes(facts: Facts, case: NightsCase, expected: dict[tuple[str, str], tuple[str, str]]) -> None:
    """The scenario's units have exactly these initiatives, with these verdicts and rules."""
    letters = {letter for night in case.nights for letter, _ in night}
    units = {world.unit_of(case, letter) for letter in letters}
    found = {
        key: (row["initiative_code"], row["verdict"], row["rules"])
        for key, row in facts.initiatives.items()
        if key[0] in units
    }
    assert found == {
        (world.unit_of(case, letter), code_key(code)): (code, verdict, rules.split())
        for (letter, code), (verdict, rules) in expected.items()
    }


def _plain(value: Any) -> Any:
    value = comparable(value)
    return value.isoformat() if isinstance(value, date) else value


def _text(value: Any) -> str | None:
    plain = _plain(value)
    return None if plain is None else str(plain)
