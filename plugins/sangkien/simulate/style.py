"""How each unit writes: forms, columns, headings, dates, numbers. A new form is one more entry in a table here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from sangkien.contract.fields import Dataset, fields
from sangkien.simulate.draw import Stream, stream
from sangkien.simulate.plan import UnitPlan

T = TypeVar("T")

ORDINAL, NOTE = "STT", "Ghi chú"
"""Columns that are no fields: one that is known and ignored, one that is unknown."""


class Denomination(IntEnum):
    """What amounts are written in."""

    DONG = 0
    THOUSAND = 1
    MILLION = 2
    BILLION = 3


@dataclass(frozen=True)
class Form:
    """A text file's form."""

    extension: str
    delimiter: str
    bom: bool
    newline: str


@dataclass(frozen=True)
class NumberStyle:
    """What stands between the groups of a number, and before its decimals."""

    group: str
    point: str


@dataclass(frozen=True)
class MoneyForm:
    """Where a unit says what its amounts are in.

    Attributes:
        usual: The denomination; none: one that fits each amount.
        column: Whether the unit column says so.
        heading: Whether the heading of the benefit says so.
        in_cell_percent: How many cells name their own, whatever the column or the heading says.
    """

    usual: Denomination | None
    column: bool = False
    heading: bool = False
    in_cell_percent: int = 0


@dataclass(frozen=True)
class CodeForm:
    """How initiative codes look: `prefix` with the unit's initials, and digits."""

    prefix: str
    digits: int


FORMS = (
    Form("csv", ",", bom=False, newline="\n"),
    Form("csv", ",", bom=True, newline="\r\n"),
    Form("csv", ";", bom=True, newline="\r\n"),
    Form("csv", ",", bom=False, newline="\r\n"),
    Form("csv", ";", bom=False, newline="\n"),
    Form("tsv", "\t", bom=False, newline="\n"),
    Form("csv", ",", bom=True, newline="\r\n"),
)
VIETNAMESE, ENGLISH = NumberStyle(".", ","), NumberStyle(",", ".")
NUMBERS = (
    VIETNAMESE,
    VIETNAMESE,
    NumberStyle("", ","),
    VIETNAMESE,
    NumberStyle(" ", ","),
    VIETNAMESE,
    ENGLISH,
    VIETNAMESE,
)
_IN_DONG = MoneyForm(Denomination.DONG, column=True)
MONEY = (
    MoneyForm(Denomination.MILLION, column=True),
    _IN_DONG,
    MoneyForm(None, column=True),
    MoneyForm(Denomination.MILLION, in_cell_percent=100),
    MoneyForm(Denomination.DONG, column=True, in_cell_percent=25),
    MoneyForm(Denomination.THOUSAND, column=True),
    MoneyForm(Denomination.DONG, in_cell_percent=10),
    MoneyForm(Denomination.MILLION, heading=True, in_cell_percent=10),
    MoneyForm(Denomination.MILLION, column=True),
)
DATES = (
    "{d:02}/{m:02}/{y}",
    "{y}-{m:02}-{d:02}",
    "{d}/{m}/{y}",
    "{d:02}/{m:02}/{y}",
    "{d:02}-{m:02}-{y}",
    "{d:02}.{m:02}.{y}",
)
CODES = (
    CodeForm("SK-{}-", 6),
    CodeForm("{}/", 6),
    CodeForm("SK", 8),
    CodeForm("{}.SK.", 7),
    CodeForm("sk{}", 6),
    CodeForm("", 9),
)
NULLS = ("", "", "-", "", "N/A", "", "—", "", "NULL", "", "(trống)", "#N/A", "–")
# The last column is filled in every row but some: a row can be told to run over it (R02).
_DEFAULT = tuple(fields("initiatives"))
LAYOUTS = (
    (*_DEFAULT[:-1], NOTE, "status"),
    _DEFAULT,
    (ORDINAL, *_DEFAULT),
    (ORDINAL, "title", "initiative_code", *_DEFAULT[2:-2], "status", "submitted_on"),
    (*_DEFAULT[:3], *_DEFAULT[6:16], *_DEFAULT[3:6], *_DEFAULT[16:]),
    tuple(name for name in (ORDINAL, *_DEFAULT) if name not in ("field", "recognition_level", "coauthors")),
)


@dataclass(frozen=True)
class Style:
    """How one unit writes.

    Attributes:
        form: Its text files.
        native: Whether its workbooks hold real dates and numbers.
        layout: The columns of an initiatives file: fields, ORDINAL, NOTE.
        headings: The heading of each column.
        quota_headings: The heading of each column of a quotas file.
        dates: The pattern of its dates.
        timed: Whether the submission bears a time.
        null: What stands in an empty cell.
        numbers: How its numbers look.
        money: Where it says what its amounts are in.
        code: How its initiative codes look.
        spelling: Which spelling of list values it prefers.
    """

    form: Form
    native: bool
    layout: tuple[str, ...]
    headings: Mapping[str, str]
    quota_headings: Mapping[str, str]
    dates: str
    timed: bool
    null: str
    numbers: NumberStyle
    money: MoneyForm
    code: CodeForm
    spelling: int


def choose_style(plan: UnitPlan) -> Style:
    """How a unit writes: by its place in the order of size, so that every form occurs; details are drawn."""
    draws = stream(plan.seed, plan.unit.code, "style")
    turn = plan.rank + plan.seed
    numbers = _nth(NUMBERS, turn // 2)
    # English numbers must prove themselves: whole đồng of two groups do, a single group would be read as Vietnamese.
    money = _IN_DONG if numbers == ENGLISH else _nth(MONEY, turn)
    headings = _headings("initiatives", draws)
    if money.heading:
        headings["benefit"] += " (triệu đồng)"
    code = _nth(CODES, turn // 3)
    return Style(
        form=_nth(FORMS, turn),
        native=bool(turn % 3),
        layout=_nth(LAYOUTS, turn + turn // 6),
        headings=headings,
        quota_headings=_headings("quotas", draws),
        dates=_nth(DATES, turn // 2),
        timed=turn % 4 == 1,
        null=_nth(NULLS, turn),
        numbers=numbers,
        money=money,
        code=CodeForm(code.prefix.format(_initials(plan.unit.code)), code.digits),
        spelling=int(draws.integers(1 << 20)),
    )


def _nth(choices: Sequence[T], number: int) -> T:
    return choices[number % len(choices)]


def _headings(dataset: Dataset, draws: Stream) -> dict[str, str]:
    """The heading of each field, or one of its aliases; all in capitals in some units."""
    capitals = draws.integers(4) == 0
    headings = {ORDINAL: ORDINAL, NOTE: NOTE}
    for name, field in fields(dataset).items():
        choices = (*[field.heading] * 3, *field.aliases)
        chosen = choices[int(draws.integers(len(choices)))]
        headings[name] = chosen.upper() if capitals else chosen
    return headings


def _initials(unit_code: str) -> str:
    return "".join(word[0] for word in unit_code.split("-")[1:]).upper()
