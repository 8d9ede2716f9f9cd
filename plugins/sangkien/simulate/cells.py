"""From numbers to the texts of the cells, field by field."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from math import gcd

import numpy as np
import polars as pl

from sangkien.contract.lists import read_seed
from sangkien.simulate.draw import IntArray, stream
from sangkien.simulate.faults import SPECIAL_TEXTS
from sangkien.simulate.money import write_money
from sangkien.simulate.plan import UnitPlan
from sangkien.simulate.style import NOTE, ORDINAL, CodeForm, Style
from sangkien.simulate.table import NULL, Table
from sangkien.simulate.words import chosen, digits, joined, pick, size, where

Cells = pl.Series | list[object]
"""A column of texts; in a workbook also of real dates and numbers. None: an empty cell."""
Recipe = pl.Expr | list[object]
"""The same, the texts still to be put together."""

_FIRST_DAY, _LAST_DAY = date(1925, 1, 1).toordinal(), date(2027, 12, 31).toordinal()
_PLACE_NUMBERS = 40
_UPPER_UNIONS = 24
_FIELD_SPELLINGS = 8
_SPELT_OTHERWISE = 10  # one in so many list values is not spelt as the unit prefers
_LISTS = {
    "member_group": ("member_groups", "group"),
    "solution_type": ("solution_types", "solution_type"),
    "content_category": ("content_categories", "content_category"),
    "status": ("report_statuses", "status"),
}
_FLAGS = {"no": ("Không", "không", "KHÔNG"), "yes": ("Có", "có", "CÓ")}
_NOTHING = pl.lit(None, dtype=pl.String)
_GENDERS = (("Nữ", "nữ", "NỮ"), ("Nam", "nam", "NAM"))


@dataclass(frozen=True)
class Page:
    """What the cells of one file are made from.

    Attributes:
        plan: The unit's plan.
        style: How the unit writes.
        table: The rows, in their order.
        code: How the codes of these rows look.
        suffix: What every title ends with.
        native: Whether dates and plain numbers are the spreadsheet's own.
    """

    plan: UnitPlan
    style: Style
    table: Table
    code: CodeForm
    suffix: str
    native: bool


def write_cells(page: Page) -> dict[str, Cells]:
    """The cells of every column of the unit's layout, by column."""
    money = write_money(page.table, page.style, native=page.native)
    cells: dict[str, Cells] = {
        "benefit": list(money.benefit) if page.native else pl.Series(money.benefit, dtype=pl.String),
        "benefit_unit": pl.Series(money.unit, dtype=pl.String),
        "benefit_computable": pl.Series(money.computable, dtype=pl.String),
    }
    recipes = {name: _marked(name, WRITERS[name](page), page.table) for name in page.style.layout if name not in cells}
    cells |= {name: recipe for name, recipe in recipes.items() if isinstance(recipe, list)}
    texts = pl.select(recipe.alias(name) for name, recipe in recipes.items() if isinstance(recipe, pl.Expr))
    return {**cells, **texts.to_dict(as_series=True)}


def chained_cells(parts: Sequence[Mapping[str, Cells]], layout: Sequence[str]) -> list[Cells]:
    """The columns of a layout: the cells of some pages, one after the other."""
    if len(parts) == 1:
        return [parts[0][name] for name in layout]
    return [pl.concat([pl.Series(cells[name]) for cells in parts]) for name in layout]


def _marked(name: str, recipe: Recipe, table: Table) -> Recipe:
    """The cells with empty ones and special texts where the table has marks."""
    if name not in table.marks:
        return recipe
    marks = table.marks[name]
    texts = (None, *SPECIAL_TEXTS.get(name, ()))
    if isinstance(recipe, list):
        return [texts[max(mark, 0)] if mark else cell for cell, mark in zip(recipe, marks.tolist(), strict=True)]
    return where(marks == 0, recipe, chosen(pl.Series(texts, dtype=pl.String), np.maximum(marks, 0)))


# texts ---------------------------------------------------------------------------------------------------------------


def _code(page: Page) -> pl.Expr:
    codes = joined([page.code.prefix, digits(page.table["code"], page.code.digits)])
    return where(page.table["recased"] == 1, codes.str.to_lowercase(), codes)


def title_parts(numbers: IntArray, seed: int) -> list[IntArray]:
    """Each title's number as the numbers of its words: different for different numbers.

    Raises:
        ValueError: There are more titles than combinations of words.
    """
    bounds = (size("verbs"), size("objects"), size("purposes"), size("places"), _PLACE_NUMBERS)
    combinations = int(np.prod(bounds))
    if len(numbers) and int(numbers.max()) >= combinations:
        raise ValueError(f"no more than {combinations:,} different titles can be made")
    factor = combinations * 618_034 // 1_000_003 + seed % 1000  # the golden section: neighbours differ in every word
    while gcd(factor, combinations) != 1:
        factor += 1
    rest, parts = numbers * factor % combinations, []
    for bound in bounds:
        rest, part = np.divmod(rest, bound)
        parts.append(part)
    return parts


def _title(page: Page) -> pl.Expr:
    table = page.table
    verb, thing, purpose, place, number = title_parts(table["title"], page.plan.seed)
    group = table["group"]
    titles = joined(
        [
            pick("verbs", verb), " ", pick("objects", thing, group), " ", pick("purposes", purpose), " ",
            pick("places", place, group), " số ", digits(number + 1), page.suffix,
        ]
    )  # fmt: skip
    rows = np.flatnonzero(table["title_variant"])
    if not len(rows):
        return titles
    plain = pl.select(titles).to_series()
    respelt = map(_respelt, plain.gather(rows), table["title_variant"][rows].tolist())
    return pl.lit(plain.scatter(rows, list(respelt)))


def _respelt(title: str, variant: int) -> str:
    """The same title under match_key."""
    if variant == 1:
        return title.upper()
    if variant == 2:
        return title.lower().replace(" số ", "  -  số ")
    bare = unicodedata.normalize("NFKD", title).replace("đ", "d").replace("Đ", "D")
    return "".join(c for c in bare if not unicodedata.combining(c)) + "."


def _names(numbers: IntArray) -> pl.Expr:
    """Personal names; the number's parity is the gender."""
    gender, rest = numbers % 2, numbers // 2
    family, rest = rest % size("family_names"), rest // size("family_names")
    middle, given = rest % size("middle_names"), rest // size("middle_names")
    return joined(
        [pick("family_names", family), " ", pick("middle_names", middle, gender), " ", pick("given_names", given)]
    )


def _coauthors(page: Page) -> pl.Expr:
    draw, name = page.table["coauthors"], page.table["name"]
    one = joined([_names(name + 7), chosen(pl.Series(["", " (30%)"]), draw % 2)])
    two = joined([_names(name + 7), " (25%); ", _names(name + 1001), " (20%)"])
    return where(draw < 4, two, where(draw < 14, one, _NOTHING))


def workplaces(plan: UnitPlan, numbers: IntArray, groups: IntArray) -> pl.Expr:
    """Names of workplaces: each number one of its own within the unit, of a kind that fits the member group."""
    place = (numbers * 7919 + _offset(plan, "workplaces")) % (10 * 40 * 40)
    kind = pick("workplaces", place % 10, groups)
    return joined([kind, " ", pick("place_heads", place // 10), " ", pick("place_tails", place // 400)])


def _workplace(page: Page) -> pl.Expr:
    return workplaces(page.plan, page.table["workplace"], page.table["group"])


def upper_unions(plan: UnitPlan) -> list[str]:
    """The unions between the unit and its grassroots unions."""
    place = np.arange(_UPPER_UNIONS) * 389 + _offset(plan, "upper unions")
    heads, tails = pick("place_heads", place // 4), pick("place_tails", place // 160)
    return pl.select(joined([pick("upper_unions", place), " ", heads, " ", tails])).to_series().to_list()


@cache
def _drawn_offset(seed: int, unit_code: str, label: str) -> int:
    return int(stream(seed, unit_code, label).integers(1 << 20))


def _offset(plan: UnitPlan, label: str) -> int:
    return _drawn_offset(plan.seed, plan.unit.code, label)


def _upper_union(page: Page) -> pl.Expr:
    names = upper_unions(page.plan)
    return chosen(pl.Series(names), page.table["workplace"] % len(names))


def _description(page: Page) -> pl.Expr:
    table = page.table
    has_problem = table["problem"] < size("problems")
    problem = where(has_problem, joined([pick("problems", table["problem"]), "; "]), pl.lit(""))
    result = pick("results", table["result"] + table["revision"])
    return joined([problem, pick("remedies", table["remedy"]), ": ", result, "."])


def _card(page: Page) -> pl.Expr:
    return joined([f"{page.plan.rank + 10}", digits(page.table["card"], 8)])


def _decision(page: Page) -> pl.Expr:
    return joined([digits(page.table["decision"] + 1), "/QĐ-SK"])


def _ordinal(page: Page) -> Recipe:
    if page.native:
        return list(range(1, len(page.table) + 1))
    return digits(np.arange(1, len(page.table) + 1))


def _note(page: Page) -> pl.Expr:
    return where(page.table["spelling"] % 25 == 0, pl.lit("Đã kiểm tra"), _NOTHING)


# lists ---------------------------------------------------------------------------------------------------------------


@cache
def _spellings(seed: str) -> tuple[pl.Series, int]:
    """Of every value of a reference list, spellings that are read alike; and how many of each."""
    spelt: list[str] = []
    for row in read_seed(seed):
        code, label, aliases = next(iter(row.values())), row["label_vi"], row["aliases"].split("|")
        choices = [label, label, aliases[0], code, label.upper(), aliases[-1].lower(), label.lower(), *aliases]
        spelt += (choices * _FIELD_SPELLINGS)[:_FIELD_SPELLINGS]
    return pl.Series(spelt, dtype=pl.String), _FIELD_SPELLINGS


def _list(name: str) -> Callable[[Page], pl.Expr]:
    seed, column = _LISTS[name]

    def write(page: Page) -> pl.Expr:
        spellings, each = _spellings(seed)
        codes = page.table[column]
        return _spelt(spellings, codes, each, page)

    return write


def _spelt(spellings: pl.Series, codes: IntArray, each: int, page: Page) -> pl.Expr:
    """A spelling of each code: the one that the unit prefers, now and then another; none for NULL."""
    draw = page.table["spelling"]
    preferred = np.where(draw % _SPELT_OTHERWISE == 0, draw // _SPELT_OTHERWISE, page.style.spelling) % each
    texts = chosen(spellings, np.maximum(codes, 0) * each + preferred)
    return where(codes != NULL, texts, _NOTHING)


def _flag(name: str) -> Callable[[Page], pl.Expr]:
    spellings = pl.Series(_FLAGS["no"] + _FLAGS["yes"])
    return lambda page: _spelt(spellings, page.table[name], len(_FLAGS["no"]), page)


def _gender(page: Page) -> pl.Expr:
    return _spelt(pl.Series(_GENDERS[0] + _GENDERS[1]), page.table["name"] % 2, len(_GENDERS[0]), page)


# dates ---------------------------------------------------------------------------------------------------------------


@cache
def _days(pattern: str) -> pl.Series:
    """Every day of a century, written."""
    days = (date.fromordinal(day) for day in range(_FIRST_DAY, _LAST_DAY + 1))
    return pl.Series([pattern.format(d=day.day, m=day.month, y=day.year) for day in days])


@cache
def _minutes(pattern: str) -> pl.Series:
    return pl.Series([pattern.format(h=minute // 60, m=minute % 60) for minute in range(24 * 60)])


def _written_days(days: IntArray, pattern: str) -> pl.Expr:
    return chosen(_days(pattern), days - _FIRST_DAY)


def _date(name: str) -> Callable[[Page], Recipe]:
    def write(page: Page) -> Recipe:
        days = page.table[name]
        if page.native:
            return [date.fromordinal(day) for day in days.tolist()]
        return _written_days(days, page.style.dates)

    return write


def _submitted(page: Page) -> Recipe:
    if not page.style.timed:
        return _date("submitted_on")(page)
    days, minutes = page.table["submitted_on"], page.table["minute"]
    if page.native:
        moments = zip(days.tolist(), minutes.tolist(), strict=True)
        return [datetime.combine(date.fromordinal(day), time(m // 60, m % 60)) for day, m in moments]
    pattern = "T{h:02}:{m:02}:00" if page.style.dates.startswith("{y}") else " {h:02}:{m:02}"
    return joined([_written_days(days, page.style.dates), chosen(_minutes(pattern), minutes)])


def _birth(page: Page) -> Recipe:
    """A day, or for some people only the year."""
    days = page.table["author_birth"]
    only_year = page.table["card"] % 10 < 2
    if page.native:
        born = [date.fromordinal(day) for day in days.tolist()]
        return [str(day.year) if short else day for day, short in zip(born, only_year, strict=True)]
    return where(only_year, _written_days(days, "{y}"), _written_days(days, page.style.dates))


WRITERS: dict[str, Callable[[Page], Recipe]] = {
    ORDINAL: _ordinal,
    NOTE: _note,
    "initiative_code": _code,
    "title": _title,
    "author_name": lambda page: _names(page.table["name"]),
    "author_birth": _birth,
    "author_gender": _gender,
    "member_card": _card,
    "member_group": _list("member_group"),
    "job_title": lambda page: pick("job_titles", page.table["job"], page.table["group"]),
    "workplace": _workplace,
    "grassroots_union": lambda page: joined(["CĐCS ", _workplace(page)]),
    "upper_union": _upper_union,
    "solution_type": _list("solution_type"),
    "content_category": _list("content_category"),
    "field": lambda page: pick("fields", page.table["field"]),
    "description": _description,
    "coauthors": _coauthors,
    "applied_on": _date("applied_on"),
    "recognised_on": _date("recognised_on"),
    "recognition_number": _decision,
    "recognition_level": lambda page: pick("recognition_levels", page.table["level"]),
    "against_public_order": _flag("against_public_order"),
    "under_ip_protection": _flag("under_ip_protection"),
    "submitted_on": _submitted,
    "status": _list("status"),
}
