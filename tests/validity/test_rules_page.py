"""The page of the rules."""

from sangkien.contract.rules import rule_set
from sangkien.settings import PROJECT_ROOT
from sangkien.validity.rules_page import rules_page

PAGE = rules_page(rule_set())


def test_the_page_in_the_docs_is_that_of_the_catalogue() -> None:
    assert (PROJECT_ROOT / "docs" / "rules.md").read_text("utf-8") == PAGE, "run `sangkien rules > docs/rules.md`"


def test_every_rule_is_told_once() -> None:
    assert [PAGE.count(f"| **{code}** ") for code in rule_set().rules] == [1] * len(rule_set().rules)
