"""The catalogue has the rules of the contract, whole, and each rule has its cases (contract §4).

That the product does what the cases say, and that suite, verdicts and `dim_rule` have the same rules, is tested where
the cases are run: tests/scenarios/test_pipeline.py.
"""

from __future__ import annotations

import pytest
import yaml

from sangkien.contract.rules import ACTORS, RuleSet, fired_rules_sql, rule_set
from sangkien.settings import get_settings
from tests.scenarios.cases_rows import ROW_CASES
from tests.scenarios.world import NIGHTS_CASES

RULES = rule_set().rules
# The table of contract §4, and Q01 of docs/contract-readings.md.
CONTRACT = {
    "V01": "required_missing",
    "V02": "applied_outside_window",
    "V03": "not_recognised",
    "V04": "against_public_order",
    "V05": "under_ip_protection",
    "V06": "submitted_outside_phases",
    "V07": "unknown_member_group",
    "V08": "unknown_solution_type",
    "V09": "date_after_export",
    "V10": "unreadable_date",
    "V11": "placeholder_title",
    "V12": "duplicate_in_unit",
    "V13": "duplicate_across_units",
    "V14": "returned",
    "P01": "awaiting_review",
    "W01": "recognised_before_applied",
    "W02": "benefit_unreadable",
    "W03": "benefit_negative",
    "W04": "benefit_implausible",
    "W05": "benefit_missing",
    "W06": "implausible_birth",
    "W07": "unknown_value",
    "W08": "repeated_in_file",
    "R01": "no_code",
    "R02": "too_many_cells",
    "R03": "oversize_cell",
    "Q01": "quota_unreadable",
}
VERDICTS = {"V": "invalid", "P": "under_review", "W": None, "R": "rejected", "Q": "rejected"}


def test_the_catalogue_has_the_rules_of_the_contract() -> None:
    assert {code: rule.name for code, rule in RULES.items()} == CONTRACT
    assert {code: rule.verdict for code, rule in RULES.items()} == {code: VERDICTS[code[0]] for code in CONTRACT}


def test_nothing_of_an_entry_is_lost() -> None:
    """A comma in a YAML text in braces would end it there."""
    document = yaml.safe_load(get_settings().rules.read_text("utf-8"))
    known = {"name", "dataset", "verdict", "judged", "columns", "vi", "en", *document["defaults"]}
    for code, entry in document["rules"].items():
        assert entry.keys() <= known, code
        assert entry["vi"].keys() == entry["en"].keys() == {"message", "advice"}, code


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_says_who_acts_since_when_and_why(rule: object) -> None:
    assert all(vars(rule)[name] for name in ("message_vi", "advice_vi", "message_en", "advice_en", "source"))
    assert vars(rule)["acts"] in ACTORS
    assert str(vars(rule)["holds_from"]) <= rule_set().version


def test_a_kept_rule_set_is_the_same_again() -> None:
    kept = RuleSet.from_json(yaml.safe_load(rule_set().as_json()))
    assert kept == rule_set()
    assert fired_rules_sql(kept, "initiatives") == fired_rules_sql(rule_set(), "initiatives")


# For each rule, cases of one row: it fires in the first of a pair, and is silent in the second, beside the boundary.
NEAR_MISSES = {
    "V01": [("applied missing", "unreadable is not missing"), ("title missing", "nothing wrong")],
    "V02": [
        ("applied the day before the window", "applied on the first day"),
        ("applied the day after the window", "applied on the last day"),
    ],
    "V03": [
        ("recognition date missing", "not recognised but under review"),
        ("recognition date missing", "recognition date unreadable"),
        ("recognition number missing", "not recognised but under review"),
    ],
    "V04": [("against public order", "a flag of another word is null"), ("against public order", "flags empty")],
    "V05": [("under IP protection", "unknown protection"), ("under IP protection", "flags empty")],
    "V06": [
        ("before phase I", "first day of phase I"),
        ("after phase II", "last minute of phase II"),
        ("first second of the next day there", "last second in Ho Chi Minh time"),
    ],
    "V07": [
        ("unknown member group", "member group by label without marks"),
        ("unknown member group", "member group missing"),
    ],
    "V08": [("unknown solution type", "solution type by alias"), ("unknown solution type", "solution type empty")],
    "V09": [("recognised after the export", "recognised on the day of export")],
    "V10": [("impossible date", "submitted missing"), ("recognition date unreadable", "recognition date missing")],
    "V11": [
        ("title of nine characters", "title of ten characters"),
        ("punctuation does not", "blanks count"),
        ("one distinct letter", "two distinct letters"),
    ],
    "V14": [("returned", "just submitted")],
    "P01": [("under review", "just submitted")],
    "W01": [("recognised the day before use", "recognised on the day of use")],
    "W02": [("benefit '5-6 triệu' unit '' ", "benefit '12,5 triệu' unit '' ")],
    "W03": [("benefit '-1' unit '' ", "benefit '0' unit '' ")],
    "W04": [("benefit '100.000.000.001' unit '' ", "benefit '100 tỷ' unit '' ")],
    "W05": [("benefit '' unit '' ", "benefit '' unit '' {'benefit_computable': 'Không'}")],
    "W06": [
        ("fifteen tomorrow", "fifteen today"),
        ("eighty-one today", "eighty-one tomorrow"),
        ("year, not fifteen by its last day", "year, fifteen by its last day"),
        ("year, eighty-one by its first day", "year, eighty by its first day"),
    ],
    "W07": [("unknown gender", "gender without marks"), ("unknown status", "status empty")],
}
# Rules in cases of several nights: the case, the row on which the rule fires, and the one on which it does not.
NEAR_MISSES_OF_SETS = {
    "V09": ("V09 looks at the export date of the version", ("a", "A3"), ("a", "A2")),
    "V12": ("those under review are candidates, those returned or broken are not", ("a", "A4"), ("a", "A2")),
    "V13": ("the first filer by date stands, across units", ("a", "A1"), ("b", "B1")),
    "W04": ("thirty valid ones give a median: over a thousand times of it is implausible", ("a", "A30"), ("a", "A29")),
    "W08": ("the order within a day: part, then file name, then line", ("a", "A3"), ("a", "A2")),
}


@pytest.mark.parametrize("code", NEAR_MISSES)
def test_a_rule_fires_and_is_silent_just_beside(code: str) -> None:
    cases = {case.name: case for case in ROW_CASES}
    for fires, silent in NEAR_MISSES[code]:
        assert code in cases[fires].rules, fires
        assert code not in cases[silent].rules, silent


@pytest.mark.parametrize("code", NEAR_MISSES_OF_SETS)
def test_a_rule_on_several_rows_fires_and_is_silent_just_beside(code: str) -> None:
    name, fires, silent = NEAR_MISSES_OF_SETS[code]
    (case,) = (case for case in NIGHTS_CASES if case.name == name)
    assert code in case.after[fires][1].split()
    assert code not in case.after[silent][1].split()


def test_no_rule_on_initiatives_is_without_a_near_miss() -> None:
    assert NEAR_MISSES.keys() | NEAR_MISSES_OF_SETS.keys() == {code for code in CONTRACT if code[0] in "VPW"}
