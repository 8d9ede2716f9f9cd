"""Values: how dates, numbers and amounts are read, decided per column by evidence (contract §2)."""

import re
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from sangkien.contract.lists import BenefitUnit, benefit_units, not_computable_words
from sangkien.contract.text import match_key

LOCAL_TIME = ZoneInfo("Asia/Ho_Chi_Minh")

EARLIEST_YEAR = 1800  # of birth: a number below it that stands alone is no year

DayOrder = Literal["day_first", "month_first"]
NumberStyle = Literal["vietnamese", "english"]

_TIME = (
    r"(?:[ T](?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<offset>Z|[+-]\d{2}:?\d{2})?)?"
)
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})" + _TIME, re.ASCII)
_PARTS = re.compile(r"(?P<first>\d{1,2})(?P<by>[/.-])(?P<second_part>\d{1,2})(?P=by)(?P<year>\d{4})" + _TIME, re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_SERIAL = re.compile(r"\d{5}", re.ASCII)


# dates ---------------------------------------------------------------------------------------------------------------


def _real_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _at_time(day: date | None, found: re.Match[str]) -> date | None:
    """The day in Vietnam, once the time and its offset are taken into account; none for an impossible time."""
    if day is None or found["hour"] is None:
        return day
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    if found["offset"] is None:
        return day
    offset = found["offset"].replace("Z", "+00:00").replace(":", "")
    hours, minutes = int(offset[1:3]), int(offset[3:5])
    if hours > 23 or minutes > 59:
        return None
    shift = timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1)
    moment = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=timezone(shift))
    try:
        return moment.astimezone(LOCAL_TIME).date()
    except OverflowError:  # past the calendar's end
        return None


def day_order_evidence(text: str) -> DayOrder | None:
    """Which order a date proves: it is a real date in one of them only."""
    found = _PARTS.fullmatch(text)
    if found is None:
        return None
    first, second, year = int(found["first"]), int(found["second_part"]), int(found["year"])
    day_first = _at_time(_real_date(year, second, first), found) is not None
    month_first = _at_time(_real_date(year, first, second), found) is not None
    if day_first == month_first:
        return None
    return "day_first" if day_first else "month_first"


def decide_day_order(proven: set[DayOrder]) -> DayOrder:
    """A column is month-first when some value can only be that, and none can only be day-first."""
    return "month_first" if proven == {"month_first"} else "day_first"


def read_date(text: str, order: DayOrder, *, serials: bool) -> date | None:
    """Read one date; none where it cannot be read.

    Args:
        text: The cleaned cell.
        order: What the column was decided to be.
        serials: Whether whole numbers 30000 to 60000 are spreadsheet serials (text files only).
    """
    if found := _ISO.fullmatch(text):
        return _at_time(_real_date(int(found["year"]), int(found["month"]), int(found["day"])), found)
    if found := _PARTS.fullmatch(text):
        day, month = int(found["first"]), int(found["second_part"])
        if order == "month_first":
            day, month = month, day
        return _at_time(_real_date(int(found["year"]), month, day), found)
    if serials and _SERIAL.fullmatch(text) and 30000 <= int(text) <= 60000:
        return read_serial(text)
    return None


def read_serial(text: str, *, date_1904: bool = False) -> date | None:
    """The day of a spreadsheet serial, 1 to 60000, of the 1900 or the 1904 system; its fraction is the time."""
    days = int(Decimal(text))
    if not 1 <= days <= 60000:
        return None
    if date_1904:
        return date(1904, 1, 1) + timedelta(days=days)
    if days == 60:  # 29 February 1900, which never was
        return None
    return date(1899, 12, 30) + timedelta(days=days + (days < 60))


def read_birth(text: str, order: DayOrder, *, native: bool, serials: bool, date_1904: bool) -> tuple[date, date] | None:
    """The earliest and the latest day of birth; a year alone stands for the whole of it.

    Args:
        text: The cleaned cell.
        order: What the column was decided to be.
        native: Whether it is a number of the spreadsheet's own: a year where it can be one, else a serial.
        serials: As for `read_date`.
        date_1904: As for `read_serial`.
    """
    if _YEAR.fullmatch(text) and int(text) >= EARLIEST_YEAR:
        return date(int(text), 1, 1), date(int(text), 12, 31)
    day = read_serial(text, date_1904=date_1904) if native else read_date(text, order, serials=serials)
    return None if day is None else (day, day)


# numbers -------------------------------------------------------------------------------------------------------------


def _styled(group: str, point: str) -> re.Pattern[str]:
    return re.compile(rf"(?P<whole>[1-9]\d{{0,2}}(?:{group}\d{{3}})+|\d+)(?:{point}(?P<decimals>\d+))?", re.ASCII)


_STYLES: dict[NumberStyle, re.Pattern[str]] = {
    "vietnamese": _styled(r"\.", ","),
    "english": _styled(",", r"\."),
}
_BLANK_GROUPS = re.compile(r"\d{1,3}(?: \d{3})+(?=$|[.,]\d+$)", re.ASCII)
_AMBIGUOUS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_UNSIGNED = re.compile(r"(?P<sign>[-+−]?)\s*(?P<digits>\d[\d., ]*)", re.ASCII)


def _unsigned(text: str) -> tuple[bool, str] | None:
    """Whether a number is negative, and its digits with the blanks between groups taken out; none for no number."""
    found = _UNSIGNED.fullmatch(text)
    if found is None:
        return None
    digits = found["digits"].rstrip(" ")
    if " " in digits:
        grouped = _BLANK_GROUPS.match(digits)
        if grouped is None:
            return None
        digits = grouped.group().replace(" ", "") + digits[grouped.end() :]
    return found["sign"] in ("-", "−"), digits


def number_style_evidence(text: str) -> NumberStyle | None:
    """Which style a number proves: it reads in one of them only."""
    unsigned = _unsigned(text)
    if unsigned is None or _AMBIGUOUS.fullmatch(unsigned[1]):
        return None
    readings = [style for style, pattern in _STYLES.items() if pattern.fullmatch(unsigned[1])]
    return readings[0] if len(readings) == 1 else None


def decide_number_style(proven: Counter[NumberStyle]) -> NumberStyle:
    """The style of the majority of the proven values of a column; Vietnamese without one."""
    return "english" if proven["english"] > proven["vietnamese"] else "vietnamese"


def read_number(text: str, style: NumberStyle) -> Decimal | None:
    """Read one number exactly: in the style that it proves, or else in the column's."""
    unsigned = _unsigned(text)
    if unsigned is None:
        return None
    negative, digits = unsigned
    found = _STYLES[number_style_evidence(text) or style].fullmatch(digits)
    if found is None:
        return None
    value = Decimal(f"{re.sub('[.,]', '', found['whole'])}.{found['decimals'] or 0}")
    return -value if negative else value


# money ---------------------------------------------------------------------------------------------------------------


class Benefit(NamedTuple):
    """A benefit cell, read.

    Attributes:
        amount: Whole đồng; in another currency, as written.
        vnd: Whole đồng; none in another currency.
        unreadable: Neither a number nor a known word, or its unit is unknown.
        unknown_unit: The place that decides the unit holds one that is not in the list.
    """

    amount: Decimal | None = None
    currency: str | None = None
    per_year: bool | None = None
    vnd: Decimal | None = None
    not_computable: bool = False
    unreadable: bool = False
    unknown_unit: bool = False


NO_BENEFIT = Benefit()
_TOO_MANY_DIGITS = Decimal(10) ** 20  # no sum of money; kept as text only
_AMOUNT_AND_UNIT = re.compile(r"(?P<number>[-+−]?\s*\d(?:[\d., ]*\d)?)\s*(?P<unit>[^\W\d_].*)?", re.DOTALL)


def amount_text(text: str) -> str:
    """The number in a benefit cell, without the unit that may follow it: what is evidence of the column's style."""
    found = _AMOUNT_AND_UNIT.fullmatch(text)
    return found["number"] if found else text


def find_unit(text: str | None) -> BenefitUnit | None:
    """The unit of money that a text names."""
    return benefit_units().get(match_key(text)) if text else None


def read_benefit(
    text: str, *, native: bool, style: NumberStyle, unit_cell: str | None, unit_heading: str | None
) -> Benefit:
    """Read one benefit cell.

    Args:
        text: The cleaned cell.
        native: Whether it is a number of the spreadsheet's own: then it is exact as it stands.
        style: What the column was decided to be.
        unit_cell: The cell of the unit column.
        unit_heading: The unit in the column's heading.
    """
    if match_key(text) in not_computable_words():
        return Benefit(not_computable=True)
    found = _AMOUNT_AND_UNIT.fullmatch(text)
    if found is None:
        return Benefit(unreadable=True)
    number = Decimal(text) if native else read_number(found["number"], style)
    named = found["unit"] or unit_cell or unit_heading or "đồng"
    unit = find_unit(named)
    if number is None or unit is None or abs(number) >= _TOO_MANY_DIGITS:
        return Benefit(unreadable=True, unknown_unit=unit is None)
    if unit.vnd is None:
        return Benefit(number, unit.code.upper(), unit.per_year)
    vnd = (number * unit.vnd).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return Benefit(vnd, "VND", unit.per_year, vnd)
