"""What a mart must hold, and the query that reads the same from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

MILLIONTHS = 10**6
RATIO = f"(completion_ratio * {MILLIONTHS})::bigint as completion"
QUOTA = "trim_scale(quota)::text as quota"
Rows = Iterable[tuple[Any, ...]]


@dataclass(frozen=True)
class Expected:
    """The rows that a mart must have: all of what the query reads.

    Attributes:
        name: The mart.
        query: Reads the columns of `rows`, in their order.
        rows: What must be there.
        keys: How many of the first columns name a row.
    """

    name: str
    query: str
    rows: pl.DataFrame
    keys: int


def text(number: Fraction | Decimal | int | None) -> str | None:
    """An exact number as PostgreSQL shows it without trailing zeros; quotas may have decimals."""
    if number is None:
        return None
    exact = Fraction(number)
    return str(exact) if exact.denominator == 1 else format(Decimal(exact.numerator) / exact.denominator, "f")


def millionths(numerator: int, denominator: Fraction | int | None) -> int | None:
    """A ratio of six decimals, half away from zero, in millionths."""
    return int(Fraction(numerator) * MILLIONTHS / denominator + Fraction(1, 2)) if denominator else None


def expected(name: str, columns: str, types: str, keys: int, rows: Rows, where: str = "true") -> Expected:
    """Of a table of few rows.

    Args:
        name: The mart.
        columns: To select, one a line: `name` or `expression as name`.
        types: A letter for each column: t(ext), i(nteger), d(ate), b(oolean).
        keys: How many of them name a row.
        rows: What must be there.
        where: Which rows of the mart are compared.
    """
    kinds = {"t": pl.String, "i": pl.Int64, "d": pl.Date, "b": pl.Boolean}
    names = [line.rsplit(" as ", 1)[-1].strip() for line in columns.strip().splitlines()]
    schema = {column: kinds[letter] for column, letter in zip(names, types, strict=True)}
    selected = ", ".join(line.strip() for line in columns.strip().splitlines())
    query = f"select {selected} from marts.{name} where {where}"  # noqa: S608 - written in this file
    return Expected(name, query, pl.DataFrame(list(rows), schema, orient="row"), keys)
