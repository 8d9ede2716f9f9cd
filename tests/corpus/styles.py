"""Writes values in the styles of CONTRACT §2: how a date is written, how an amount is, and where its unit stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from tests.corpus.formats import Cell

_SERIAL_0 = date(1899, 12, 30)


def _digits(day: date, pattern: str) -> str:
    return pattern.format(day.day, day.month, day.year)


DATES: dict[str, Callable[[date], Cell]] = {
    "d/m/yyyy": lambda day: _digits(day, "{}/{}/{}"),
    "dd-mm-yyyy": lambda day: _digits(day, "{:02}-{:02}-{}"),
    "d.m.yyyy": lambda day: _digits(day, "{}.{}.{}"),
    "m/d/yyyy": lambda day: _digits(day, "{1}/{0}/{2}"),
    "iso": date.isoformat,
    "d/m/yyyy hh:mm": lambda day: _digits(day, "{}/{}/{} 07:30"),
    # 23:30 in UTC on the day before is 06:30 of the day in Vietnam.
    "iso with offset": lambda day: f"{date.fromordinal(day.toordinal() - 1)}T23:30:00Z",
    "serial text": lambda day: str((day - _SERIAL_0).days),  # in texts only
    "date cell": lambda day: day,
    "date-time cell": lambda day: datetime.combine(day, time(7, 30)),
    "serial cell": lambda day: (day - _SERIAL_0).days,
}
NATIVE_DATES = ("date cell", "date-time cell", "serial cell")


@dataclass(frozen=True)
class AmountStyle:
    """How amounts are written: the cell, the unit column (none: the file has none), what ends the heading."""

    cell: Callable[[Decimal], Cell]
    unit: str | None = "đồng"
    in_heading: str = ""
    per_year: bool = False


def _vietnamese(number: Decimal) -> str:
    return f"{number:,f}".translate({ord(","): ".", ord("."): ","})


def _in(unit: int, amount: Decimal) -> Decimal:
    return Decimal(f"{(amount / unit).normalize():f}")


_MILLION, _BILLION = 10**6, 10**9

AMOUNTS: dict[str, AmountStyle] = {
    "1.234.567": AmountStyle(_vietnamese),
    "1,234,567": AmountStyle(lambda amount: f"{amount:,f}"),
    "1 234 567": AmountStyle(lambda amount: f"{amount:,f}".replace(",", " ")),
    "1234567": AmountStyle(lambda amount: f"{amount:f}"),
    "1.234 nghìn in the cell": AmountStyle(lambda amount: f"{_vietnamese(_in(1000, amount))} nghìn", None),
    "triệu in the column": AmountStyle(lambda amount: _vietnamese(_in(_MILLION, amount)), "triệu đồng"),
    "triệu in the heading": AmountStyle(lambda amount: _vietnamese(_in(_MILLION, amount)), None, " (triệu đồng)"),
    "tỷ/năm in the cell": AmountStyle(
        lambda amount: f"{_vietnamese(_in(_BILLION, amount))} tỷ/năm", "USD", per_year=True
    ),
    "number cell": AmountStyle(int),
    "triệu in a number cell": AmountStyle(lambda amount: float(_in(_MILLION, amount)), "triệu đồng"),
}
NATIVE_AMOUNTS = ("number cell", "triệu in a number cell")
