"""Benefits: their amounts, and how a unit writes them (contract §2, "Numbers")."""

from dataclasses import dataclass
from functools import cache
from math import exp, log
from statistics import NormalDist

import numpy as np

from sangkien.simulate.draw import BoolArray, IntArray, Stream
from sangkien.simulate.faults import Benefit
from sangkien.simulate.history import Fates
from sangkien.simulate.plan import Batch
from sangkien.simulate.recipe import HUGE_BENEFIT, LARGE_BENEFIT, VALID_CLASSES
from sangkien.simulate.style import Denomination, NumberStyle, Style
from sangkien.simulate.table import Table

MILLION, BILLION = 10**6, 10**9

# What an amount is a multiple of, by Denomination: one decimal of a million, two of a billion. Never three decimals,
# which would look like a group of thousands.
_STEPS = np.array([1000, 1000, MILLION // 10, BILLION // 100], dtype=np.int64)

# Spellings, by Denomination.
SIZES = (1, 10**3, MILLION, BILLION)
UNIT_TEXTS = (
    ("đồng", "VNĐ", "đ", "Đồng"),
    ("nghìn đồng", "nghìn", "ngàn", "Nghìn đồng"),
    ("triệu đồng", "triệu", "tr.đ", "Triệu đồng"),
    ("tỷ đồng", "tỷ", "tỉ", "Tỷ đồng"),
)
IN_CELL = (
    (" đồng", " đ", " VNĐ"),
    (" nghìn đồng", " nghìn", " ngàn"),
    (" triệu", "tr", " triệu đồng"),
    (" tỷ", " tỷ đồng", " tỉ"),
)
PER_YEAR = ("đồng/năm", "nghìn đồng/năm", "triệu đồng/năm", "tỷ đồng/năm")
UNREADABLE = ("nhiều", "rất lớn", "đang thống kê", "chưa tổng hợp", "tiết kiệm đáng kể")
UNKNOWN_UNITS = ("cây vàng", "công", "tấn thóc")
COMPUTABLE = ("Có", "có", "CÓ")
NOT_COMPUTABLE_FLAGS = ("Không", "không", "KHÔNG")
NOT_COMPUTABLE = ("Không tính được", "không tính được", "KHÔNG TÍNH ĐƯỢC")

# A log-normal amount, by quantile. Its extremes stay far below 1,000 times the median (W04).
_QUANTILES, _MEDIAN, _SIGMA, _LEAST = 1024, 8 * MILLION, 1.4, MILLION
_PER_YEAR_PERCENT = 5


@cache
def _amounts() -> IntArray:
    normal = NormalDist(log(_MEDIAN), _SIGMA)
    quantiles = [(i + 0.5) / _QUANTILES for i in range(_QUANTILES)]
    return np.array([round(exp(normal.inv_cdf(q)) / 1000) * 1000 for q in quantiles], dtype=np.int64)


def set_amounts(batch: Batch, fates: Fates, table: Table, style: Style, draws: Stream) -> None:
    """Draw the amounts, in đồng (in US dollars where the kind says so), and what each is written in.

    In each period the valid ones with a plain amount are scaled to the planned mean, rounded to what is written.
    """
    count = len(table)
    amounts = _amounts()[draws.integers(0, _QUANTILES, count)]
    periods = np.array(batch.periods)[fates.delivery]
    plain = np.isin(fates.kind, VALID_CLASSES) & (table["benefit_kind"] == Benefit.AMOUNT)
    for period, mean in enumerate(batch.mean_amounts):
        rows = np.flatnonzero(plain & (periods == period))
        if len(rows):
            amounts[rows] = np.rint(amounts[rows] * (len(rows) * mean / int(amounts[rows].sum()))).astype(np.int64)
    spread = draws.integers(100, 130, count)
    kind = table["benefit_kind"]
    amounts = np.where(kind == Benefit.HUGE, HUGE_BENEFIT // 115 * spread, amounts)
    amounts = np.where(kind == Benefit.LARGE, LARGE_BENEFIT // 115 * spread, amounts)
    table["in_cell"] = (draws.integers(0, 100, count) < style.money.in_cell_percent).astype(np.int64)
    table["denomination"] = _denominations(amounts, table["in_cell"] == 1, style)
    steps = _STEPS[table["denomination"]]
    amounts = np.maximum((amounts + steps // 2) // steps * steps, _LEAST)
    amounts = np.where(kind == Benefit.NEGATIVE, -amounts, amounts)
    table["amount"] = np.where(kind == Benefit.USD, draws.integers(2, 400, count) * 25, amounts)
    table["per_year"] = (draws.integers(0, 100, count) < _PER_YEAR_PERCENT).astype(np.int64)


def _denominations(amounts: IntArray, in_cell: BoolArray, style: Style) -> IntArray:
    """What each amount is written in: the unit's usual denomination, or one that fits the amount."""
    fitting = np.where(amounts >= BILLION, int(Denomination.BILLION), int(Denomination.MILLION))
    usual = style.money.usual
    if usual is None:
        return np.where(amounts >= 10 * MILLION, fitting, int(Denomination.DONG)).astype(np.int64)
    return np.where(in_cell, fitting, int(usual)).astype(np.int64)


# writing -------------------------------------------------------------------------------------------------------------

Cell = str | int | float | None


@dataclass(frozen=True)
class MoneyCells:
    """The cells of the three benefit columns, row by row."""

    benefit: list[Cell]
    unit: list[str | None]
    computable: list[str | None]


def write_money(table: Table, style: Style, *, native: bool) -> MoneyCells:
    """Write the benefits of some rows.

    Args:
        table: The rows.
        style: How the unit writes.
        native: Whether plain numbers are the spreadsheet's own.
    """
    names = ("benefit_kind", "amount", "denomination", "in_cell", "per_year", "spelling")
    rows = zip(*(table[name].tolist() for name in names), strict=True)
    written = [_write(*row, style=style, native=native) for row in rows]
    benefit, unit, computable = zip(*written, strict=True) if written else ((), (), ())
    return MoneyCells(list(benefit), list(unit), list(computable))


def _write(
    kind: int, amount: int, denomination: int, in_cell: int, per_year: int, spelling: int, *, style: Style, native: bool
) -> tuple[Cell, str | None, str | None]:
    """Benefit, unit and whether it can be computed."""
    computable = None if spelling % 5 == 0 else COMPUTABLE[spelling % 3]
    usual = denomination if not in_cell or style.money.usual is None else int(style.money.usual)
    unit = _column_unit(usual, spelling) if style.money.column else None
    benefit: Cell = None
    if kind == Benefit.NOT_COMPUTABLE:
        benefit = None if spelling % 10 < 3 else NOT_COMPUTABLE[spelling % 3]
        unit, computable = None, NOT_COMPUTABLE_FLAGS[spelling % 3]
    elif kind == Benefit.UNREADABLE:
        benefit = UNREADABLE[spelling % len(UNREADABLE)]
    elif kind == Benefit.UNKNOWN_UNIT:
        benefit, unit = str(2 + spelling % 40), UNKNOWN_UNITS[spelling % len(UNKNOWN_UNITS)]
    elif kind == Benefit.USD:
        benefit, unit = (str(amount), "USD") if style.money.column else (f"{amount} USD", None)
    elif kind != Benefit.MISSING:
        if in_cell:
            spellings = IN_CELL[denomination]
            named = f" {PER_YEAR[denomination]}" if per_year else spellings[spelling % len(spellings)]
            benefit = number_text(amount, denomination, style.numbers) + named
        else:
            unit = PER_YEAR[denomination] if per_year and unit else unit
            benefit = _number(amount, denomination, style, native=native)
    return benefit, unit, computable


def _column_unit(denomination: int, spelling: int) -> str:
    """Mostly the plain name of the denomination."""
    spellings = UNIT_TEXTS[denomination]
    return spellings[0] if spelling % 4 else spellings[spelling // 4 % len(spellings)]


def _number(amount: int, denomination: int, style: Style, *, native: bool) -> Cell:
    if not native:
        return number_text(amount, denomination, style.numbers)
    size = SIZES[denomination]
    return amount // size if amount % size == 0 else amount / size


def number_text(amount: int, denomination: int, style: NumberStyle) -> str:
    """An amount in đồng as a number of a denomination."""
    whole, rest = divmod(abs(amount), SIZES[denomination])
    sign = "-" if amount < 0 else ""
    text = f"{sign}{whole:,}".replace(",", style.group)
    if not rest:
        return text
    return f"{text}{style.point}{str(SIZES[denomination] + rest)[1:].rstrip('0')}"
