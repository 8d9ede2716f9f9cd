"""The words that texts are put together from (words.yml), as columns to pick from."""

from collections.abc import Sequence
from functools import cache
from importlib import resources
from itertools import chain
from typing import Any

import polars as pl
import yaml

from sangkien.simulate.draw import BoolArray, IntArray


@cache
def vocabulary() -> dict[str, Any]:
    """The content of words.yml."""
    return dict(yaml.safe_load(resources.files("sangkien.simulate").joinpath("words.yml").read_text("utf-8")))


@cache
def words(name: str) -> pl.Series:
    """One list of words; of lists by group (or gender), all of them one after the other."""
    entry = vocabulary()[name]
    listed = chain.from_iterable(entry.values()) if isinstance(entry, dict) else entry
    return pl.Series(list(listed), dtype=pl.String)


@cache
def size(name: str) -> int:
    """The length of one list of words; of lists by group (or gender), the length of each."""
    entry = vocabulary()[name]
    lengths = {len(part) for part in entry.values()} if isinstance(entry, dict) else {len(entry)}
    if len(lengths) != 1:
        raise ValueError(f"words.yml: the lists of {name} must be equally long")
    return lengths.pop()


def pick(name: str, index: IntArray, part: IntArray | None = None) -> pl.Expr:
    """One word for each index (taken modulo the list's length).

    Args:
        name: The list.
        index: Which word.
        part: For lists by group or gender: which one.
    """
    length = size(name)
    position = index % length
    return chosen(words(name), position if part is None else part * length + position)


def chosen(texts: pl.Series, index: IntArray) -> pl.Expr:
    """The text at each index."""
    return pl.lit(texts).gather(pl.Series(index))


def digits(numbers: IntArray, width: int = 0) -> pl.Expr:
    """Whole numbers as texts, with leading zeros up to a width."""
    return pl.lit(pl.Series(numbers)).cast(pl.String).str.zfill(width)


def joined(parts: Sequence[pl.Expr | str]) -> pl.Expr:
    """The parts one after the other, row by row."""
    return pl.concat_str([pl.lit(part) if isinstance(part, str) else part for part in parts])


def where(mask: BoolArray, texts: pl.Expr, others: pl.Expr) -> pl.Expr:
    """One text or the other, row by row."""
    return pl.when(pl.lit(pl.Series(mask))).then(texts).otherwise(others)
