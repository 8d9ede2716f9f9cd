"""The rules on one row, word by word from the table of CONTRACT §4. V12, V13 and W04 are in `versions`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from tests.oracle.fields import FLAGS, GENDERS
from tests.oracle.layout import benefit_unit
from tests.oracle.reference import Reference
from tests.oracle.text import match_key
from tests.oracle.values import UNREADABLE, Benefit, DateValue, Year

APPLIED_FROM, APPLIED_TO = date(2021, 9, 1), date(2023, 9, 1)


@dataclass
class Row:
    """A loaded row: texts and dates by field, codes of its list values, and the rules that fired on it."""

    line: int
    initiative_code: str
    texts: dict[str, str | None]
    dates: dict[str, DateValue]
    benefit: Benefit
    member_group: str | None = None
    solution_type: str | None = None
    content_category: str | None = None
    status: str | None = None
    rules: set[str] = field(default_factory=set)

    def text(self, name: str) -> str | None:
        return self.texts.get(name)

    def day(self, name: str) -> date | None:
        """A date that could be read."""
        value = self.dates.get(name)
        return value if isinstance(value, date) else None

    def flag(self, name: str) -> bool | None:
        """Có, Không or null; an unknown word counts as null."""
        return FLAGS.get(match_key(self.text(name) or ""))


def judge_row(row: Row, export_date: date, reference: Reference) -> None:
    """Look up the list values of a row and add every rule that fires on the row alone."""
    row.member_group = _look_up(reference.member_groups, row.text("member_group"))
    row.solution_type = _look_up(reference.solution_types, row.text("solution_type"))
    row.content_category = _look_up(reference.content_categories, row.text("content_category"))
    row.status = _look_up(reference.statuses, row.text("status"))
    row.rules |= _validity(row, export_date, reference) | _warnings(row)
    if row.status == "under_review":
        row.rules.add("P01")


def _look_up(values: dict[str, str], text: str | None) -> str | None:
    return None if text is None else values.get(match_key(text))


def _validity(row: Row, export_date: date, reference: Reference) -> set[str]:
    rules = _validity_of_dates(row, export_date, reference)
    title = row.text("title")
    required_dates = [row.dates.get("applied_on"), row.dates.get("submitted_on")]
    if None in (title, row.text("author_name"), row.text("member_group"), *required_dates):
        rules.add("V01")
    if row.flag("against_public_order"):
        rules.add("V04")
    if row.flag("under_ip_protection"):
        rules.add("V05")
    if row.text("member_group") is not None and row.member_group is None:
        rules.add("V07")
    if row.text("solution_type") is not None and row.solution_type is None:
        rules.add("V08")
    if title is not None:
        key = match_key(title)
        if len(key) < 10 or len({char for char in key if char.isalpha()}) <= 1:
            rules.add("V11")
    if row.status == "returned":
        rules.add("V14")
    return rules


def _validity_of_dates(row: Row, export_date: date, reference: Reference) -> set[str]:
    """A rule on a date is not judged when that date is missing or unreadable."""
    rules: set[str] = set()
    applied, recognised, submitted = (row.day(name) for name in ("applied_on", "recognised_on", "submitted_on"))
    if applied is not None and not APPLIED_FROM <= applied <= APPLIED_TO:
        rules.add("V02")
    not_recognised = row.dates.get("recognised_on") is None or row.text("recognition_number") is None
    if not_recognised and row.status != "under_review":
        rules.add("V03")
    if submitted is not None and not any(
        phase.upload_from <= submitted <= phase.upload_to for phase in reference.phases
    ):
        rules.add("V06")
    if any(day is not None and day > export_date for day in (applied, recognised, submitted)):
        rules.add("V09")
    if any(row.dates.get(name) is UNREADABLE for name in ("applied_on", "recognised_on", "submitted_on")):
        rules.add("V10")
    return rules


def _warnings(row: Row) -> set[str]:
    rules: set[str] = set()
    applied, recognised = row.day("applied_on"), row.day("recognised_on")
    if applied is not None and recognised is not None and recognised < applied:
        rules.add("W01")
    if row.benefit.unreadable:
        rules.add("W02")
    if row.benefit.amount is not None and row.benefit.amount < 0:
        rules.add("W03")
    if is_computable(row) and row.benefit.amount is None:
        rules.add("W05")
    if _implausible_birth(row):
        rules.add("W06")
    if row.benefit.unknown_unit or _unknown_value(row):
        rules.add("W07")
    return rules


def is_computable(row: Row) -> bool:
    """Neither the flag says Không, nor the benefit cell `Không tính được`."""
    return row.flag("benefit_computable") is not False and not row.benefit.not_computable


def _unknown_value(row: Row) -> bool:
    if row.dates.get("author_birth") is UNREADABLE:
        return True
    unit = row.text("benefit_unit")
    if unit is not None and benefit_unit(unit) is None:
        return True
    if row.text("author_gender") is not None and match_key(row.text("author_gender") or "") not in GENDERS:
        return True
    if row.text("content_category") is not None and row.content_category is None:
        return True
    if row.text("status") is not None and row.status is None:
        return True
    flags = ("benefit_computable", "against_public_order", "under_ip_protection")
    return any(row.text(name) is not None and row.flag(name) is None for name in flags)


def _implausible_birth(row: Row) -> bool:
    """W06: a year only counts as its 31 December for "under", and as its 1 January for "over"."""
    birth, submitted = row.dates.get("author_birth"), row.day("submitted_on")
    if submitted is None:
        return False
    if isinstance(birth, Year):
        return (
            completed_years((birth.year, 12, 31), submitted) < 15
            or completed_years((birth.year, 1, 1), submitted) >= 81
        )
    if isinstance(birth, date):
        years = completed_years((birth.year, birth.month, birth.day), submitted)
        return years < 15 or years >= 81
    return False


def completed_years(birth: tuple[int, int, int], on: date) -> int:
    """How many years somebody born on a day has completed on another."""
    year, month, day = birth
    return on.year - year - ((on.month, on.day) < (month, day))
