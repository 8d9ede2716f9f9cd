"""Waiting: rows that are typed once how their delivery writes dates and numbers is proven (contract §2).

The rows of many small deliveries are typed together: a column costs the same for a thousand values as for ten.
"""

import hmac
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import IO, Any

import polars as pl

from sangkien.contract.fields import Dataset, fields
from sangkien.contract.text import clean_columns, code_key, has_two_letters, match_keys
from sangkien.intake import values
from sangkien.intake.cells import BATCH_ROWS
from sangkien.intake.layout import Layout
from sangkien.intake.personal import count_personal
from sangkien.intake.typed import DATES, FLAGS, LISTS, NAMES, Writing, type_initiatives, type_quotas

_AUTHOR_AND_BENEFIT = ("author_birth", "author_gender", "recognition_number", "benefit", "benefit_unit")
_READ_LATER: dict[Dataset, tuple[str, ...]] = {
    "initiatives": (*DATES, *FLAGS, *LISTS, *_AUTHOR_AND_BENEFIT, *NAMES),
    "quotas": tuple(fields("quotas")),
}
_KEYED: dict[Dataset, tuple[str, ...]] = {"initiatives": ("initiative_code", "title", "author_name"), "quotas": ()}
# Where units write what they like: the names are masked in the marts, the rest is in none.
_FREE_TEXTS: dict[Dataset, tuple[str, ...]] = {
    "initiatives": ("title", "description", *NAMES),
    "quotas": ("union", "parent_union"),
}
_NUMBER_FIELD: dict[Dataset, str] = {"initiatives": "benefit", "quotas": "quota"}
_DATE_FIELDS: dict[Dataset, tuple[str, ...]] = {"initiatives": (*DATES, "author_birth"), "quotas": ("effective_from",)}


@dataclass
class Evidence:
    """What the columns of a delivery prove about how dates and numbers are written in it.

    Attributes:
        dataset: Which dataset it is of.
        layout: Its header.
        text_file: Whether it is a text, and not a spreadsheet.
        date_1904: Whether the spreadsheet's dates count from 1904.
        orders: The orders that the values of each column of dates prove.
        styles: How many values of the column of amounts prove each style.
        personal: In how many cells of which columns of free text a phone number, an e-mail or a citizen id stands.
    """

    dataset: Dataset
    layout: Layout
    text_file: bool
    date_1904: bool
    orders: dict[str, set[values.DayOrder]] = field(default_factory=dict)
    styles: Counter[values.NumberStyle] = field(default_factory=Counter)
    personal: Counter[str] = field(default_factory=Counter)

    def writing(self) -> Writing:
        """What is decided by it."""
        return Writing(
            day_orders=tuple(
                (name, values.decide_day_order(self.orders.get(name, set()))) for name in _DATE_FIELDS[self.dataset]
            ),
            number_style=values.decide_number_style(self.styles),
            unit_in_heading=self.layout.benefit_unit,
            text_file=self.text_file,
            date_1904=self.date_1904,
        )

    def decisions(self) -> dict[str, Any]:
        """The decisions with the evidence they rest on, for ops.delivery."""
        writing = self.writing()
        return {
            "day_order": {name: order for name, order in writing.day_orders if self.layout.position(name) is not None},
            "number_style": writing.number_style,
            "number_style_evidence": dict(self.styles),
            "benefit_unit_in_heading": writing.unit_in_heading,
            **({"personal_data": dict(+self.personal)} if self.personal.total() else {}),
        }


class Waiting:
    """Accepted rows of some deliveries of one dataset. First `add` them all, then take `typed` to its end.

    Beyond so many rows they wait in nameless temporary files (TMPDIR), of which a kill leaves nothing; what is there
    holds no name of a person, and no long text.
    """

    def __init__(self, dataset: Dataset, pseudonym_key: bytes) -> None:
        """Begin with none.

        Args:
            dataset: Which dataset the deliveries are of.
            pseudonym_key: The key of the surrogates under which equal authors, and equal title and author, are found.
        """
        self._dataset, self._pseudonym_key = dataset, pseudonym_key
        self.evidence: dict[int, Evidence] = {}
        self._new: list[pl.DataFrame] = []
        self._keyed: list[pl.DataFrame | IO[bytes]] = []
        self._codes: list[pl.DataFrame] = []

    def close(self) -> None:
        """Forget the rows."""
        for kept in self._keyed:
            if not isinstance(kept, pl.DataFrame):
                kept.close()
        self._new, self._keyed, self._codes = [], [], []

    def add(self, delivery_no: int, export_date: date, evidence: Evidence, rows: pl.DataFrame) -> None:
        """Add rows of a delivery.

        Args:
            delivery_no: Which it is.
            export_date: What it tells of.
            evidence: The delivery's; what its rows prove is put into it.
            rows: The rows as delivered, by field; `native_<field>`, if there is one, marks a spreadsheet's own numbers.
        """
        self.evidence[delivery_no] = evidence
        delivery = [pl.lit(delivery_no, pl.Int32).alias("delivery_no"), pl.lit(export_date).alias("export_date")]
        texts = (*_READ_LATER[self._dataset], *_KEYED[self._dataset])
        for name in _FREE_TEXTS[self._dataset]:
            evidence.personal[name] += count_personal(rows[name])
        self._new.append(rows.select(*delivery, "line_number", *texts, *self._natives(rows)))
        if sum(frame.height for frame in self._new) >= BATCH_ROWS:
            self._key()

    def leave_out(self, delivery_no: int) -> None:
        """Forget the rows of a delivery that turned out not to be acceptable."""
        self.evidence.pop(delivery_no, None)

    def typed(self) -> Iterator[pl.DataFrame]:
        """The rows, typed and judged by the row rules: the columns of staging but the unit's."""
        self._key()
        repeated = None
        if self._codes:
            repeated = pl.concat(self._codes).select(repeated_in_file=~pl.struct(pl.all()).is_first_distinct())
        by_writing: dict[Writing, list[int]] = {}
        for delivery_no, evidence in self.evidence.items():
            by_writing.setdefault(evidence.writing(), []).append(delivery_no)
        start = 0
        for kept in self._keyed:
            rows = kept if isinstance(kept, pl.DataFrame) else pl.read_ipc(kept)
            if repeated is not None:
                rows = rows.hstack(repeated.slice(start, rows.height))
            start += rows.height
            for writing, deliveries in by_writing.items():
                if (alike := rows.filter(pl.col("delivery_no").is_in(deliveries))).height:
                    yield self._typed(alike, writing)

    def _typed(self, rows: pl.DataFrame, writing: Writing) -> pl.DataFrame:
        return type_quotas(rows, writing) if self._dataset == "quotas" else type_initiatives(rows, writing)

    def _natives(self, rows: pl.DataFrame) -> list[pl.Expr]:
        names = [f"native_{name}" for name in (*_DATE_FIELDS[self._dataset], _NUMBER_FIELD[self._dataset])]
        return [pl.col(name) if name in rows.columns else pl.lit(value=False).alias(name) for name in names]

    def _key(self) -> None:
        """Make of the new rows what typing needs of them, and take their evidence."""
        if not self._new:
            return
        rows = _with_keys(pl.concat(self._new), self._dataset, self._pseudonym_key)
        self._new = []
        self._look_at_dates(rows)
        self._look_at_numbers(rows)
        if "code_key" in rows.columns:
            self._codes.append(rows.select("delivery_no", "code_key"))
        if not self._keyed:
            self._keyed.append(rows)
            return
        file = tempfile.TemporaryFile()  # noqa: SIM115 - `close` closes it
        self._keyed.append(file)
        rows.write_ipc(file)
        file.seek(0)

    def _look_at_dates(self, rows: pl.DataFrame) -> None:
        """Take the evidence of the dates; cells that are the spreadsheet's own numbers prove nothing."""
        for name in _DATE_FIELDS[self._dataset]:
            texts = rows.filter(~pl.col(f"native_{name}") & pl.col(name).is_not_null()).select("delivery_no", name)
            for delivery_no, text in texts.unique().iter_rows():
                if (order := _day_order_evidence(text)) and (evidence := self.evidence.get(delivery_no)):
                    evidence.orders.setdefault(name, set()).add(order)

    def _look_at_numbers(self, rows: pl.DataFrame) -> None:
        name = _NUMBER_FIELD[self._dataset]
        # What is nothing but digits reads in both styles.
        texts = rows.filter(~pl.col(f"native_{name}") & ~pl.col(name).str.contains("^[0-9]*$"))
        for delivery_no, text, count in texts.group_by("delivery_no", name).len().iter_rows():
            style = values.number_style_evidence(values.amount_text(text))
            if style and (evidence := self.evidence.get(delivery_no)):
                evidence.styles[style] += count


_day_order_evidence = lru_cache(maxsize=2**16)(values.day_order_evidence)  # the same days come again and again


def _with_keys(rows: pl.DataFrame, dataset: Dataset, pseudonym_key: bytes) -> pl.DataFrame:
    """The rows cleaned, with keys in the place of what names a person, and of the title."""
    keyed: Sequence[str] = _KEYED[dataset]
    cleaned = clean_columns(rows).with_columns(_without_time(pl.col(_DATE_FIELDS[dataset])))
    if dataset == "quotas":
        return cleaned
    title, author = match_keys(cleaned["title"]), match_keys(cleaned["author_name"])
    return cleaned.drop(keyed).with_columns(
        initiative_code=cleaned["initiative_code"],
        title_given=title.is_not_null(),
        author_given=author.is_not_null(),
        title_key_length=title.str.len_chars().fill_null(0).cast(pl.Int32),
        title_has_two_letters=has_two_letters(title),
        code_key=code_key(cleaned["initiative_code"]),
        **author_keys(title, author, pseudonym_key),
    )


def _without_time(dates: pl.Expr) -> pl.Expr:
    """A real time without an offset says nothing about the day, and makes every value a distinct one."""
    return dates.str.replace(r"^(\S{8,10})[ T](?:[01]?[0-9]|2[0-3])(?::[0-5][0-9]){1,2}$", "$1")


def author_keys(title: pl.Series, author: pl.Series, pseudonym_key: bytes) -> dict[str, pl.Series]:
    """The surrogates under which equal authors, and equal title and author, are found; of the match_keys of both."""
    return {
        "duplicate_key": surrogates(title + "\x1f" + author, pseudonym_key),
        "author_key": surrogates(author, pseudonym_key),
    }


def surrogates(keys: pl.Series, pseudonym_key: bytes) -> pl.Series:
    """A keyed hash of each key: equal exactly where the keys are (contract §4, "Duplicates")."""
    surrogates = [
        None if key is None else hmac.digest(pseudonym_key, key.encode(), "sha256")[:16].hex() for key in keys
    ]
    return pl.Series(surrogates, dtype=pl.String)
