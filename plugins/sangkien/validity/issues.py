"""Issue lines: which line and column of a delivery breaks which rule, with the value as delivered (contract §6)."""

import json
from typing import Any

import polars as pl
from psycopg import sql

from sangkien.contract.fields import TABLES, Dataset, fields
from sangkien.contract.rules import RuleSet
from sangkien.database import Connection
from sangkien.intake.typed import STAGING_TYPES

SCHEMA = {"line_number": pl.Int32, "column": pl.String, "value": pl.String, "rule": pl.String}


def issue_lines(typed: pl.DataFrame, delivered: pl.DataFrame, dataset: Dataset, rules: RuleSet) -> pl.DataFrame:
    """The issues of rows by their own values.

    Args:
        typed: Rows of staging.
        delivered: The same rows as delivered (landing).
        dataset: Which dataset they are of.
        rules: The rule set under which they were judged.

    Returns:
        `line_number`, `column` (the field), `value` (as delivered) and `rule`, one row per issue, by line.
    """
    found = [pl.DataFrame(schema=SCHEMA)]
    codes = pl.col("rule_codes").str.strip_chars("{}").str.split(",")
    for rule in rules.row_rules(dataset):
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
        "line_number",
        column=pl.lit(None, dtype=pl.String),
        value=_as_jsonb(rejected["cells"]).str.slice(0, 500),
        rule="rule_code",
    ).cast(SCHEMA)  # type: ignore[arg-type]


def _as_jsonb(cells: pl.Series) -> pl.Series:
    """JSON as the warehouse gives it back, whether it has been there or not."""
    return pl.Series([json.dumps(json.loads(text), ensure_ascii=False) for text in cells], dtype=pl.String)


_ROWS = sql.SQL(
    "select {columns} from {table}"
    " where unit_code = %(unit_code)s and delivery_no = %(delivery_no)s and line_number = any(%(lines)s)"
)


def stored_issues(
    connection: Connection,
    dataset: Dataset,
    unit_code: str,
    delivery_no: int,
    rules: RuleSet,
    code_key: str | None = None,
) -> pl.DataFrame:
    """The issues of a delivery's rows by their own values, and its rejected rows, as they are stored.

    Args:
        connection: To the warehouse.
        dataset: Which dataset the delivery is of.
        unit_code: Whose it is.
        delivery_no: Which it is.
        rules: The rule set under which the rows stand.
        code_key: Only the rows of this initiative; none: all.

    Returns:
        As `issue_lines`.
    """
    which = {"unit_code": unit_code, "delivery_no": delivery_no, "code_key": code_key}
    types = STAGING_TYPES[dataset]
    by_code = sql.SQL(
        " and (%(code_key)s::text is null or code_key = %(code_key)s)" if dataset == "initiatives" else ""
    )
    statement = sql.SQL(
        "select {} from {} where unit_code = %(unit_code)s and delivery_no = %(delivery_no)s and rule_codes <> '{{}}'{}"
    ).format(
        sql.SQL(", ").join(
            sql.SQL("rule_codes::text") if name == "rule_codes" else sql.Identifier(name) for name in types
        ),
        sql.Identifier("staging", TABLES[dataset]),
        by_code,
    )
    typed = _fetch(connection, statement, which, types)
    texts = fields(dataset)
    statement = _ROWS.format(
        columns=sql.SQL(", ").join(map(sql.Identifier, ["line_number", *texts])),
        table=sql.Identifier("landing", TABLES[dataset]),
    )
    lines = {**which, "lines": typed["line_number"].to_list()}
    delivered = _fetch(connection, statement, lines, {"line_number": pl.Int32, **dict.fromkeys(texts, pl.String)})
    rejected = _fetch(
        connection,
        sql.SQL(
            "select line_number, rule_code, cells::text from landing.rejected_row where unit_code = %(unit_code)s"
            " and delivery_no = %(delivery_no)s and (%(code_key)s::text is null or code_key = %(code_key)s)"
        ),
        which,
        {"line_number": pl.Int32, "rule_code": pl.String, "cells": pl.String},
    )
    return pl.concat([issue_lines(typed, delivered, dataset, rules), rejected_lines(rejected)])


def _fetch(
    connection: Connection, statement: sql.Composed | sql.SQL, values: dict[str, Any], types: Any
) -> pl.DataFrame:
    rows = connection.execute(statement, values).fetchall()
    return pl.DataFrame(rows, schema=types, orient="row")
