"""Typing one column of cells: dates, numbers, benefits (CONTRACT §2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal, localcontext

from tests.oracle.cells import Cell, shown
from tests.oracle.fields import NOT_COMPUTABLE
from tests.oracle.layout import benefit_unit
from tests.oracle.text import is_null, match_key

HO_CHI_MINH = timezone(timedelta(hours=7))
_TIME = r"(?:[ T](?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?P<offset>[Zz]|[+-]\d{2}(?::?\d{2})?)?)?"
_SLASHED = re.compile(
    r"(?P<a>\d{1,2})(?P<separator>[/.-])(?P<b>\d{1,2})(?P=separator)(?P<year>\d{4})" + _TIME, re.ASCII
)
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})" + _TIME, re.ASCII)


class _Unreadable:
    def __repr__(self) -> str:
        return "UNREADABLE"


UNREADABLE = _Unreadable()
"""What a non-null cell is that cannot be read."""


@dataclass(frozen=True)
class Year:
    """A birth of which only the year was given."""

    year: int


DateValue = date | Year | _Unreadable | None


# --- dates -----------------------------------------------------------------------------------------------------------


def is_month_first(cells: Iterable[Cell]) -> bool:
    """§2: some value can only be month-first, and none can only be day-first; only real dates prove an order."""
    month_only = day_only = False
    for cell in cells:
        if not isinstance(cell, str) or (found := _SLASHED.fullmatch(shown(cell))) is None:
            continue
        day_first = _moment(found, month=found["b"], day=found["a"]) is not None
        month_first = _moment(found, month=found["a"], day=found["b"]) is not None
        month_only = month_only or (month_first and not day_first)
        day_only = day_only or (day_first and not month_first)
    return month_only and not day_only


def read_date(cell: Cell, *, month_first: bool, is_text: bool, date1904: bool, birth: bool = False) -> DateValue:
    """The date of a cell in Asia/Ho_Chi_Minh, None when null, UNREADABLE when it cannot be read."""
    if isinstance(cell, datetime):
        return cell.date()
    if birth and re.fullmatch(r"[1-9][0-9]{3}", shown(cell)):
        return Year(int(shown(cell)))
    if isinstance(cell, Decimal):
        return _serial(cell, date1904=date1904)
    text = shown(cell)
    if is_null(text):
        return None
    if is_text and re.fullmatch(r"[0-9]{5}", text) and 30000 <= int(text) <= 60000:
        return _serial(Decimal(text), date1904=False)
    return _written_date(text, month_first=month_first) or UNREADABLE


def _written_date(text: str, *, month_first: bool) -> date | None:
    if found := _SLASHED.fullmatch(text):
        month, day = (found["a"], found["b"]) if month_first else (found["b"], found["a"])
        return _moment(found, month=month, day=day)
    if found := _ISO.fullmatch(text):
        return _moment(found, month=found["month"], day=found["day"])
    return None


def _moment(found: re.Match[str], *, month: str, day: str) -> date | None:
    """The day of a matched date with its time, or None when there is no such day or time."""
    try:
        clock = time(int(found["hour"] or 0), int(found["minute"] or 0), int(found["second"] or 0))
        moment = datetime.combine(date(int(found["year"]), int(month), int(day)), clock)
        if found["offset"] is not None:
            moment = moment.replace(tzinfo=_offset(found["offset"])).astimezone(HO_CHI_MINH)
    except (ValueError, OverflowError):
        return None
    return moment.date()


def _offset(text: str) -> timezone:
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    if int(digits[2:]) > 59:
        raise ValueError(text)
    distance = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-distance if text[0] == "-" else distance)


def _serial(serial: Decimal, *, date1904: bool) -> DateValue:
    """§2: an Excel serial, 1 to 60000; the 1900 system has a 29 February 1900 that never was."""
    if not 1 <= serial <= 60000:
        return UNREADABLE
    days = int(serial)
    if date1904:
        return date(1904, 1, 1) + timedelta(days=days)
    if days == 60:
        return UNREADABLE
    return date(1899, 12, 31 if days < 60 else 30) + timedelta(days=days)


# --- numbers ---------------------------------------------------------------------------------------------------------

VIETNAMESE, ENGLISH = "1.234,5", "1,234.5"


@dataclass(frozen=True)
class _Reading:
    """What a text of digits can be: as Vietnamese, as English; equal, or one missing, where it is not ambiguous."""

    vietnamese: Decimal | None
    english: Decimal | None
    proves: str | None = None


_PLAIN = re.compile(r"\d+|\d{1,3}(?: \d{3})+", re.ASCII)
_OWN_STYLE = (
    # grouped by blanks with a decimal, by points with a decimal comma, by commas with a decimal point, two groups
    (re.compile(r"(\d{1,3}(?: \d{3})+),(\d+)", re.ASCII), VIETNAMESE),
    (re.compile(r"(\d{1,3}(?: \d{3})+)\.(\d+)", re.ASCII), ENGLISH),
    (re.compile(r"(\d{1,3}(?:\.\d{3})+),(\d+)", re.ASCII), VIETNAMESE),
    (re.compile(r"(\d{1,3}(?:,\d{3})+)\.(\d+)", re.ASCII), ENGLISH),
    (re.compile(r"(\d{1,3}(?:\.\d{3}){2,})()", re.ASCII), VIETNAMESE),
    (re.compile(r"(\d{1,3}(?:,\d{3}){2,})()", re.ASCII), ENGLISH),
)
_ONE_SEPARATOR = re.compile(r"(\d+)([.,])(\d+)", re.ASCII)


def _readings(text: str) -> _Reading | None:
    """The readings of a number without unit; None when it is no number."""
    sign = -1 if text.startswith("-") else 1
    body = text[1:] if text[:1] in ("+", "-") else text

    def number(whole: str, fraction: str = "") -> Decimal:
        return sign * Decimal(re.sub(r"\D", "", whole) + ("." + fraction if fraction else ""))

    if _PLAIN.fullmatch(body):
        return _Reading(number(body), number(body))
    for pattern, style in _OWN_STYLE:
        if found := pattern.fullmatch(body):
            value = number(found[1], found[2])
            return _Reading(value, value, style)
    found = _ONE_SEPARATOR.fullmatch(body)
    if found is None:
        return None
    whole, separator, fraction = found.groups()
    decimal, grouped = number(whole, fraction), number(whole + fraction)
    if len(fraction) != 3 or len(whole) > 3 or whole == "0":
        return _Reading(decimal, decimal, VIETNAMESE if separator == "," else ENGLISH)
    return _Reading(decimal, grouped) if separator == "," else _Reading(grouped, decimal)


_NUMBER_WITH_UNIT = re.compile(r"([+-]?\d(?:[\d., ]*\d)?)\s*(\D*)", re.ASCII)


def split_number(text: str) -> tuple[str, str] | None:
    """A number and the unit written after it (`12,5 triệu`), or None when the text is not of that form."""
    found = _NUMBER_WITH_UNIT.fullmatch(text)
    return (found[1], found[2].strip()) if found else None


def number_style(cells: Iterable[Cell]) -> str:
    """§2: the majority of the values that prove their style; none or a tie is Vietnamese."""
    votes = {VIETNAMESE: 0, ENGLISH: 0}
    for cell in cells:
        if isinstance(cell, str) and (split := split_number(shown(cell))):
            reading = _readings(split[0])
            if reading is not None and reading.proves is not None:
                votes[reading.proves] += 1
    return ENGLISH if votes[ENGLISH] > votes[VIETNAMESE] else VIETNAMESE


def _read_text_number(text: str, style: str) -> Decimal | None:
    reading = _readings(text)
    if reading is None:
        return None
    return reading.english if style == ENGLISH else reading.vietnamese


def read_number(cell: Cell, style: str) -> Decimal | _Unreadable | None:
    """A plain number without unit (quotas)."""
    if isinstance(cell, bool | datetime):
        return UNREADABLE
    if isinstance(cell, Decimal):
        return cell
    if is_null(cell):
        return None
    value = _read_text_number(shown(cell), style)
    return UNREADABLE if value is None else value


# --- benefits --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Benefit:
    """A benefit as read. `amount` is in whole đồng for VND, as written for another currency."""

    amount: Decimal | None = None
    currency: str | None = None
    per_year: bool = False
    not_computable: bool = False
    unreadable: bool = False  # W02
    unknown_unit: bool = False  # the deciding place holds a unit that is not in the list: W02 and W07

    @property
    def vnd(self) -> int | None:
        """The amount in đồng; USD has none."""
        return int(self.amount) if self.amount is not None and self.currency == "VND" else None


def read_benefit(cell: Cell, unit_cell: Cell, heading: str | None, style: str) -> Benefit:
    """§2: the number of the cell with the unit of the cell, else of the unit column, else of the heading, else đồng."""
    written_unit = ""
    if isinstance(cell, str):
        if is_null(cell):
            return Benefit()
        if match_key(cell) == NOT_COMPUTABLE:
            return Benefit(not_computable=True)
        split = split_number(shown(cell))
        number = _read_text_number(split[0], style) if split else None
        if split is None or number is None:
            return Benefit(unreadable=True)
        written_unit = split[1]
    elif isinstance(cell, bool | datetime):
        return Benefit(unreadable=True)
    else:
        number = cell
    unit_text = written_unit or ("" if is_null(shown(unit_cell)) else shown(unit_cell)) or heading or "đồng"
    unit = benefit_unit(unit_text)
    if unit is None:
        return Benefit(unreadable=True, unknown_unit=True)
    factor, currency, per_year = unit
    with localcontext(prec=200):
        amount = number * factor
        if currency == "VND":
            amount = amount.quantize(Decimal(1), ROUND_HALF_UP)
    return Benefit(amount, currency, per_year)
