"""Issue lines: which line and column of a delivery breaks which rule, with the value as delivered (contract §6)."""

import polars as pl

from sangkien.contract.fields import Dataset
from sangkien.contract.rules import rule_set

SCHEMA = {"line_number": pl.Int32, "column": pl.String, "value": pl.String, "rule": pl.String}


def issue_lines(typed: pl.DataFrame, delivered: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """The issues of rows by their own values.

    Args:
        typed: Rows of staging.
        delivered: The same rows as delivered (landing).
        dataset: Which dataset they are of.

    Returns:
        `line_number`, `column` (the field), `value` (as delivered) and `rule`, one row per issue, by line.
    """
    found = [pl.DataFrame(schema=SCHEMA)]
    codes = pl.col("rule_codes").str.strip_chars("{}").str.split(",")
    for rule in rule_set().row_rules(dataset):
        broken = typed.filter(codes.list.contains(rule.code))
        for column, condition in rule.columns.items():
            lines = broken.filter(pl.sql_expr(condition or "true")).select("line_number")
            if lines.height:
                values = lines.join(delivered, on="line_number", how="left").select(
                    "line_number", column=pl.lit(column), value=column, rule=pl.lit(rule.code)
                )
                found.append(values.cast(SCHEMA))  # type: ignore[arg-type]
    return pl.concat(found).sort("line_number", "rule", "column")


def rejected_lines(rejected: pl.DataFrame) -> pl.DataFrame:
    """The issues of rejected rows: the whole row is at fault, and is shown.

    Args:
        rejected: `line_number`, `rule_code` and `cells` (JSON).
    """
    return rejected.select(
        "line_number", column=pl.lit(None, dtype=pl.String), value=pl.col("cells").str.slice(0, 500), rule="rule_code"
    ).cast(SCHEMA)  # type: ignore[arg-type]
