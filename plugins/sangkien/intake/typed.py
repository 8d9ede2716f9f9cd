"""Typing: from a delivery's texts to the columns of staging, judged by the row rules (contract §2, §4)."""

import hmac
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import polars as pl

from sangkien.contract.fields import Dataset, fields
from sangkien.contract.lists import benefit_units, codes_by_key
from sangkien.contract.rules import fired_rules, rule_set
from sangkien.contract.text import clean_columns, code_key, has_two_letters, match_key, match_keys, shortened
from sangkien.intake import values
from sangkien.intake.layout import Layout

DATES = ("applied_on", "recognised_on", "submitted_on")
FLAGS = ("benefit_computable", "against_public_order", "under_ip_protection")
LISTS = ("member_group", "solution_type", "content_category", "status")
GIVEN = (*DATES, "member_group", "solution_type", "recognition_number")
_AUTHOR_AND_BENEFIT = ("author_birth", "author_gender", "recognition_number", "benefit", "benefit_unit")
_NAMES = ("upper_union", "grassroots_union", "field")
_READ_LATER = {
    "initiatives": (*DATES, *FLAGS, *LISTS, *_AUTHOR_AND_BENEFIT, *_NAMES),
    "quotas": tuple(fields("quotas")),
}
_KEYED: dict[Dataset, tuple[str, ...]] = {"initiatives": ("initiative_code", "title", "author_name"), "quotas": ()}
_NUMBER_FIELD: dict[Dataset, str] = {"initiatives": "benefit", "quotas": "quota"}
_DATE_FIELDS: dict[Dataset, tuple[str, ...]] = {"initiatives": (*DATES, "author_birth"), "quotas": ("effective_from",)}
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


@dataclass
class Evidence:
    """What the columns of a delivery prove about how dates and numbers are written in it."""

    dataset: Dataset
    layout: Layout
    text_file: bool
    date_1904: bool
    orders: dict[str, set[values.DayOrder]] = field(default_factory=dict)
    styles: Counter[values.NumberStyle] = field(default_factory=Counter)

    def look_at(self, waiting: pl.DataFrame) -> None:
        """Take the evidence of some more rows; cells that are the spreadsheet's own numbers prove nothing."""
        names = _DATE_FIELDS[self.dataset]
        own = [pl.col(name).filter(~pl.col(f"native_{name}")).drop_nulls().unique().implode() for name in names]
        for name, distinct in waiting.select(own).row(0, named=True).items():
            proven = self.orders.setdefault(name, set())
            proven.update(order for text in distinct if (order := values.day_order_evidence(text)))
        name = _NUMBER_FIELD[self.dataset]
        counts = waiting.filter(~pl.col(f"native_{name}"))[name].drop_nulls().value_counts()
        for text, count in counts.iter_rows():
            if style := values.number_style_evidence(values.amount_text(text)):
                self.styles[style] += count

    def order(self, name: str) -> values.DayOrder:
        """How the dates of a column are written."""
        return values.decide_day_order(self.orders.get(name, set()))

    def style(self) -> values.NumberStyle:
        """How the numbers of the amount column are written."""
        return values.decide_number_style(self.styles)

    def decisions(self) -> dict[str, Any]:
        """The decisions with the evidence they rest on."""
        return {
            "day_order": {name: self.order(name) for name in self.orders if self.layout.position(name) is not None},
            "number_style": self.style(),
            "number_style_evidence": dict(self.styles),
            "benefit_unit_in_heading": self.layout.benefit_unit,
        }


# first pass ----------------------------------------------------------------------------------------------------------


def with_keys(named: pl.DataFrame, dataset: Dataset, pseudonym_key: bytes) -> pl.DataFrame:
    """What typing needs of some rows, cleaned: no name of a person, and no long text, is among it.

    Args:
        named: The rows as delivered, by field; fields may be absent; `native_<field>` marks a spreadsheet's own
            numbers.
        dataset: Which dataset they are of.
        pseudonym_key: The key of the surrogates under which equal authors, and equal title and author, are found again.
    """
    texts = clean_columns(_texts(named, [*_READ_LATER[dataset], *_KEYED[dataset]]))
    natives = [
        _native(named, name).alias(f"native_{name}") for name in (*_DATE_FIELDS[dataset], _NUMBER_FIELD[dataset])
    ]
    cleaned = named.select("line_number", *natives).with_columns(
        texts.select(_READ_LATER[dataset]).with_columns(_without_time(pl.col(_DATE_FIELDS[dataset])))
    )
    if dataset == "quotas":
        return cleaned
    keys = pl.DataFrame(
        {
            "code": texts["initiative_code"],
            "title": match_keys(texts["title"]),
            "author": match_keys(texts["author_name"]),
        }
    )
    described = keys.select(
        initiative_code="code",
        title_given=pl.col("title").is_not_null(),
        author_given=pl.col("author").is_not_null(),
        title_key_length=pl.col("title").str.len_chars().fill_null(0).cast(pl.Int32),
        title_has_two_letters=has_two_letters(keys["title"]),
    )
    return cleaned.with_columns(
        *described,
        code_key(keys["code"]).alias("code_key"),
        _surrogates(keys["title"] + "\x1f" + keys["author"], pseudonym_key).alias("duplicate_key"),
        _surrogates(keys["author"], pseudonym_key).alias("author_key"),
    )


def _texts(named: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in names if name not in named.columns]
    return named.with_columns(absent).select(names)


def _without_time(dates: pl.Expr) -> pl.Expr:
    """A real time without an offset says nothing about the day, and makes every value a distinct one."""
    return dates.str.replace(r"^(\S{8,10})[ T](?:[01]?[0-9]|2[0-3])(?::[0-5][0-9]){1,2}$", "$1")


def _native(named: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(f"native_{name}") if f"native_{name}" in named.columns else pl.lit(value=False)


def _surrogates(keys: pl.Series, pseudonym_key: bytes) -> pl.Series:
    """A keyed hash of each key: equal exactly where the keys are (contract §4, "Duplicates")."""
    surrogates = [
        None if key is None else hmac.digest(pseudonym_key, key.encode(), "sha256")[:16].hex() for key in keys
    ]
    return pl.Series(surrogates, dtype=pl.String)


# second pass ---------------------------------------------------------------------------------------------------------


def type_initiatives(waiting: pl.DataFrame, evidence: Evidence, export_date: date) -> pl.DataFrame:
    """Type the rows of an initiatives delivery and judge them by the row rules.

    Returns:
        The columns of staging.initiative but the delivery's (unit_code, delivery_no).
    """
    dates = [_dates(waiting, name, evidence) for name in DATES]
    lists = [_codes(waiting[name], name).alias(f"{name}_code") for name in LISTS]
    flags = [by_distinct(waiting[name], _flag, pl.Boolean) for name in FLAGS]
    typed = waiting.select(
        "line_number", "initiative_code", "code_key", "title_given", "author_given", "title_key_length",
        "title_has_two_letters", "duplicate_key", "author_key", "repeated_in_file",
        *[pl.col(name).is_not_null().alias(f"{name}_given") for name in GIVEN],
        *lists, *flags, *dates, *_names(waiting),
    )  # fmt: skip
    births = _births(waiting, evidence)
    ages = births.with_columns(typed["submitted_on"]).select(
        author_age_least=_completed_years(pl.col("latest"), pl.col("submitted_on")),
        author_age_most=_completed_years(pl.col("earliest"), pl.col("submitted_on")),
    )
    typed = pl.concat([typed, _benefits(waiting, evidence), ages], how="horizontal").with_columns(
        export_date=pl.lit(export_date)
    )
    typed = typed.with_columns(
        _unknown_values(waiting, typed, births).alias("unknown_value_fields"),
        benefit_computable=pl.col("benefit_computable") & ~pl.col("_not_computable"),
    )
    return _judged(typed.drop("^_.*$"), "initiatives")


def type_quotas(waiting: pl.DataFrame, evidence: Evidence, export_date: date) -> pl.DataFrame:
    """Type the rows of a quotas delivery.

    Returns:
        The columns of staging.quota but the delivery's (unit_code, delivery_no).
    """
    style = evidence.style()
    quotas = [
        None if text is None else Decimal(text) if native else values.read_number(text, style)
        for text, native in waiting.select("quota", "native_quota").iter_rows()
    ]
    typed = waiting.select(
        "line_number",
        "decision_number",
        pl.lit(export_date).alias("export_date"),
        _dates(waiting, "effective_from", evidence),
        _codes(waiting["phase"], "phase").alias("phase_code"),
        _codes(waiting["quota_type"], "quota_type"),
        pl.Series("quota", quotas, dtype=_AMOUNT),
        union_name=shortened(waiting["union"]),
        union_key=shortened(match_keys(waiting["union"])),
        parent_union_name=shortened(waiting["parent_union"]),
        parent_union_key=shortened(match_keys(waiting["parent_union"])),
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


def _dates(waiting: pl.DataFrame, name: str, evidence: Evidence) -> pl.Series:
    order, native = evidence.order(name), waiting[f"native_{name}"]
    texts = waiting[name]
    read = by_distinct(texts, lambda text: values.read_date(text, order, serials=evidence.text_file), pl.Date)
    if not native.any():
        return read
    numbers = texts.zip_with(native, pl.Series([None], dtype=pl.String).new_from_index(0, texts.len()))
    serials = by_distinct(numbers, lambda text: values.read_serial(text, date_1904=evidence.date_1904), pl.Date)
    return serials.zip_with(native, read)


def _names(waiting: pl.DataFrame) -> list[pl.Series]:
    """The free names of unions and of the field, and the keys under which equal unions are equal."""
    names = [shortened(waiting[name]).alias(f"{name}_name") for name in _NAMES]
    keys = [
        by_distinct(waiting[name], match_key, pl.String).alias(f"{name}_key")
        for name in ("upper_union", "grassroots_union")
    ]
    return [*names, *map(shortened, keys)]


def _births(waiting: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    """The earliest and the latest day on which each author can be born."""
    order = evidence.order("author_birth")

    def read(text: str | None, native: bool) -> tuple[date | None, date | None]:
        if text is None:
            return None, None
        read_as = {"native": native, "serials": evidence.text_file, "date_1904": evidence.date_1904}
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


def _benefits(waiting: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    style, heading = evidence.style(), evidence.layout.benefit_unit

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
