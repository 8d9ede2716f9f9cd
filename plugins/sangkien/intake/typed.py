"""Typing: from rows that waited to the columns of staging, judged by the row rules (contract §2, §4)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import polars as pl

from sangkien.contract.fields import Dataset
from sangkien.contract.lists import benefit_units, codes_by_key
from sangkien.contract.rules import fired_rules, rule_set
from sangkien.contract.text import match_key, match_keys, shortened
from sangkien.intake import values
from sangkien.intake.personal import masked

DATES = ("applied_on", "recognised_on", "submitted_on")
FLAGS = ("benefit_computable", "against_public_order", "under_ip_protection")
LISTS = ("member_group", "solution_type", "content_category", "status")
GIVEN = (*DATES, "member_group", "solution_type", "recognition_number")
NAMES = ("upper_union", "grassroots_union", "field")
_AMOUNT = pl.Decimal(38, 18)  # values.py takes no amount of 10^20 and more

T = TypeVar("T")

_ROW = {"line_number": pl.Int32, "export_date": pl.Date, "rule_codes": pl.String}
STAGING_TYPES: dict[Dataset, dict[str, Any]] = {
    "initiatives": _ROW
    | dict.fromkeys(("title_given", "title_has_two_letters", "author_given", "repeated_in_file"), pl.Boolean)
    | dict.fromkeys((f"{name}_given" for name in GIVEN), pl.Boolean)
    | dict.fromkeys((*FLAGS, "benefit_unreadable"), pl.Boolean)
    | dict.fromkeys((f"{name}_code" for name in LISTS), pl.String)
    | dict.fromkeys(DATES, pl.Date)
    | {"title_key_length": pl.Int32, "author_age_least": pl.Int16, "author_age_most": pl.Int16}
    | {"benefit_amount": _AMOUNT, "unknown_value_fields": pl.String},
    "quotas": _ROW | {"phase_code": pl.String, "quota_type": pl.String, "quota": _AMOUNT} | {"effective_from": pl.Date},
}
"""The columns of staging that the row rules look at, with their types here."""


@dataclass(frozen=True)
class Writing:
    """How dates and numbers are written in a delivery (contract §2): what must be known to read a value.

    Attributes:
        day_orders: Of each column of dates, by field.
        number_style: Of the column of amounts.
        unit_in_heading: The unit of money that stands in the benefit's heading.
        text_file: Whether a whole number may be a spreadsheet's serial.
        date_1904: Whether the spreadsheet's own dates count from 1904.
    """

    day_orders: tuple[tuple[str, values.DayOrder], ...]
    number_style: values.NumberStyle
    unit_in_heading: str | None
    text_file: bool
    date_1904: bool

    def order(self, name: str) -> values.DayOrder:
        """How the dates of a column are written."""
        return dict(self.day_orders)[name]


def type_initiatives(waiting: pl.DataFrame, writing: Writing) -> pl.DataFrame:
    """Type rows of initiatives and judge them by the row rules.

    Args:
        waiting: As `waiting.Waiting` keeps them.
        writing: How their values are written.

    Returns:
        The columns of staging.initiative but the unit's.
    """
    dates = [_dates(waiting, name, writing) for name in DATES]
    lists = [_codes(waiting[name], name).alias(f"{name}_code") for name in LISTS]
    flags = [by_distinct(waiting[name], _flag, pl.Boolean) for name in FLAGS]
    typed = waiting.select(
        "delivery_no", "line_number", "export_date", "initiative_code", "code_key", "title_given", "author_given",
        "title_key_length", "title_has_two_letters", "duplicate_key", "author_key", "repeated_in_file",
        *[pl.col(name).is_not_null().alias(f"{name}_given") for name in GIVEN],
        *lists, *flags, *dates, *_names(waiting),
    )  # fmt: skip
    births = _births(waiting, writing)
    ages = births.with_columns(typed["submitted_on"]).select(
        author_age_least=_completed_years(pl.col("latest"), pl.col("submitted_on")),
        author_age_most=_completed_years(pl.col("earliest"), pl.col("submitted_on")),
    )
    typed = pl.concat([typed, _benefits(waiting, writing), ages], how="horizontal")
    typed = typed.with_columns(
        _unknown_values(waiting, typed, births).alias("unknown_value_fields"),
        benefit_computable=pl.col("benefit_computable") & ~pl.col("_not_computable"),
    )
    return _judged(typed.drop("^_.*$"), "initiatives")


def type_quotas(waiting: pl.DataFrame, writing: Writing) -> pl.DataFrame:
    """Type rows of quotas.

    Args:
        waiting: As `waiting.Waiting` keeps them.
        writing: How their values are written.

    Returns:
        The columns of staging.quota but the unit's.
    """
    style = writing.number_style
    union, parent_union = masked(waiting["union"]), masked(waiting["parent_union"])
    quotas = [
        None if text is None else Decimal(text) if native else values.read_number(text, style)
        for text, native in waiting.select("quota", "native_quota").iter_rows()
    ]
    typed = waiting.select(
        "delivery_no",
        "line_number",
        "export_date",
        "decision_number",
        _dates(waiting, "effective_from", writing),
        _codes(waiting["phase"], "phase").alias("phase_code"),
        _codes(waiting["quota_type"], "quota_type"),
        pl.Series("quota", quotas, dtype=_AMOUNT),
        union_name=shortened(union),
        union_key=shortened(match_keys(union)),
        parent_union_name=shortened(parent_union),
        parent_union_key=shortened(match_keys(parent_union)),
    )
    return _judged(typed, "quotas")


def _judged(typed: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    rules = rule_set()
    return typed.with_columns(rule_codes=fired_rules(dataset), rule_set=pl.lit(rules.version))


def by_distinct(series: pl.Series, read: Callable[[Any], T], dtype: Any) -> pl.Series:
    """Apply a function to each distinct value once; what it cannot read is null."""
    distinct = series.unique().drop_nulls()
    results = pl.Series(series.name, [read(value) for value in distinct], dtype=dtype)
    return results.gather(series.cast(pl.Enum(distinct)).to_physical())


def _codes(texts: pl.Series, kind: str) -> pl.Series:
    codes = codes_by_key(kind)
    return by_distinct(texts, lambda text: codes.get(match_key(text)), pl.String)


def _flag(text: str) -> bool | None:
    return {"co": True, "khong": False}.get(codes_by_key("flag").get(match_key(text), ""))


def _dates(waiting: pl.DataFrame, name: str, writing: Writing) -> pl.Series:
    order, native = writing.order(name), waiting[f"native_{name}"]
    texts = waiting[name]
    read = by_distinct(texts, lambda text: values.read_date(text, order, serials=writing.text_file), pl.Date)
    if not native.any():
        return read
    numbers = texts.zip_with(native, pl.Series([None], dtype=pl.String).new_from_index(0, texts.len()))
    serials = by_distinct(numbers, lambda text: values.read_serial(text, date_1904=writing.date_1904), pl.Date)
    return serials.zip_with(native, read)


def _names(waiting: pl.DataFrame) -> list[pl.Series]:
    """The free names of unions and of the field, masked, and the keys under which equal unions are equal."""
    told = {name: masked(waiting[name]) for name in NAMES}
    names = [shortened(texts).alias(f"{name}_name") for name, texts in told.items()]
    keys = [
        by_distinct(told[name], match_key, pl.String).alias(f"{name}_key")
        for name in ("upper_union", "grassroots_union")
    ]
    return [*names, *map(shortened, keys)]


def _births(waiting: pl.DataFrame, writing: Writing) -> pl.DataFrame:
    """The earliest and the latest day on which each author can be born."""
    order = writing.order("author_birth")

    def read(text: str | None, native: bool) -> tuple[date | None, date | None]:
        if text is None:
            return None, None
        read_as = {"native": native, "serials": writing.text_file, "date_1904": writing.date_1904}
        return values.read_birth(text, order, **read_as) or (None, None)

    return _by_distinct_rows(
        waiting.select("author_birth", "native_author_birth"), read, {"earliest": pl.Date, "latest": pl.Date}
    )


def _by_distinct_rows(rows: pl.DataFrame, read: Callable[..., tuple[Any, ...]], schema: dict[str, Any]) -> pl.DataFrame:
    """Apply a function to each distinct row once."""
    distinct = rows.unique()
    results = pl.DataFrame([read(*row) for row in distinct.iter_rows()], schema=schema, orient="row")
    return rows.join(
        pl.concat([distinct, results], how="horizontal"),
        on=rows.columns, how="left", nulls_equal=True, maintain_order="left",
    ).select(results.columns)  # fmt: skip


def _completed_years(born: pl.Expr, on: pl.Expr) -> pl.Expr:
    had_birthday = (on.dt.month() > born.dt.month()) | (
        (on.dt.month() == born.dt.month()) & (on.dt.day() >= born.dt.day())
    )
    return (on.dt.year() - born.dt.year() - (~had_birthday).cast(pl.Int32)).cast(pl.Int16)


_BENEFIT = {
    "benefit_amount": _AMOUNT,
    "benefit_currency": pl.String,
    "benefit_per_year": pl.Boolean,
    "benefit_vnd": pl.Decimal(38, 0),
    "_not_computable": pl.Boolean,
    "benefit_unreadable": pl.Boolean,
    "_unknown_unit": pl.Boolean,
}


def _benefits(waiting: pl.DataFrame, writing: Writing) -> pl.DataFrame:
    style, heading = writing.number_style, writing.unit_in_heading

    def read(text: str | None, native: bool, unit: str | None) -> tuple[Any, ...]:
        if text is None:
            return values.NO_BENEFIT
        return values.read_benefit(text, native=native, style=style, unit_cell=unit, unit_heading=heading)

    return _by_distinct_rows(waiting.select("benefit", "native_benefit", "benefit_unit"), read, _BENEFIT)


def _unknown_values(waiting: pl.DataFrame, typed: pl.DataFrame, births: pl.DataFrame) -> pl.Series:
    """The fields whose value is not in its list (W07), named one after the other."""
    given = waiting.select(pl.col(pl.String).is_not_null())
    units = by_distinct(waiting["benefit_unit"], lambda text: match_key(text) in benefit_units(), pl.Boolean)
    unknown = pl.DataFrame(
        {
            "author_gender": given["author_gender"] & _codes(waiting["author_gender"], "gender").is_null(),
            "author_birth": given["author_birth"] & births["earliest"].is_null(),
            "benefit_unit": typed["_unknown_unit"] | (given["benefit_unit"] & ~units),
            **{name: given[name] & typed[f"{name}_code"].is_null() for name in ("content_category", "status")},
            **{name: given[name] & typed[name].is_null() for name in FLAGS},
        }
    )
    named = [pl.when(pl.col(name)).then(pl.lit(name)) for name in unknown.columns]
    joined = unknown.select(pl.concat_str(named, separator=",", ignore_nulls=True)).to_series()
    return joined.replace("", None)
