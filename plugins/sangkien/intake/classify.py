"""Lines: which records are data, which are rejected, and which are skipped, by class (contract §1, §4)."""

import polars as pl

from sangkien.contract.fields import Dataset, fields
from sangkien.contract.lists import codes_by_key
from sangkien.contract.text import clean, match_key, match_keys
from sangkien.intake.cells import cell_columns
from sangkien.intake.layout import Layout
from sangkien.intake.typed import by_distinct
from sangkien.intake.values import read_number
from sangkien.settings import Limits

DATA, BLANK, REPEATED_HEADER, TOTAL, SHORT = "data", "blank", "repeated_header", "total", "short"
"""The classes of a line; a short one is a group heading before the last data row and a footer after it."""

_MANY_VALUES = ("code", "text", "benefit")


def classify(frame: pl.DataFrame, layout: Layout, dataset: Dataset, limits: Limits) -> pl.DataFrame:
    """Add the columns `line_class`, one of the classes above, and `rejected_by`, the rule that rejects a row of data.

    Args:
        frame: A batch as `cells.to_frame` makes it.
        layout: The sheet's header.
        dataset: What the rows are.
        limits: For the size of a cell.
    """
    cells = cell_columns(frame)
    extra = [name for name in cells if int(name[1:]) >= len(layout.columns)]
    if dataset == "initiatives":
        code = _cell(layout, "initiative_code")
        can_be_row, is_pair = _is_code_like(code), _is_code_like(code) & _filled(_cell(layout, "title"))
        no_row = pl.when(code.map_batches(clean, return_dtype=pl.String).is_null()).then(pl.lit("R01"))
    else:  # a row of quotas has a phase or a type, which no heading and no total has
        can_be_row = is_pair = _filled(_cell(layout, "phase")) | _filled(_cell(layout, "quota_type"))
        no_row = pl.when(~_is_quota(frame, layout)).then(pl.lit("Q01"))
    marked = frame.with_columns(
        _filled_count=pl.sum_horizontal(_filled(pl.col(name)) for name in cells),
        _pair=is_pair,
        _can_be_row=can_be_row,
        _over=pl.any_horizontal(pl.col(name).str.len_bytes() > limits.cell_bytes for name in cells),
        _beyond=pl.any_horizontal(_filled(pl.col(name)) for name in extra)
        & _filled(pl.col(cells[len(layout.columns) - 1]))
        if extra
        else pl.lit(value=False),
        _repeated=_is_repeated_header(frame, layout, dataset),
    )
    marked = marked.with_columns(_total=_is_total(marked, cells))
    line_class = (
        pl.when(pl.col("_filled_count") == 0).then(pl.lit(BLANK))
        .when(pl.col("_repeated")).then(pl.lit(REPEATED_HEADER))
        .when(pl.col("_total")).then(pl.lit(TOTAL))
        .when((pl.col("_filled_count") <= 2) & ~pl.col("_can_be_row")).then(pl.lit(SHORT))
        .otherwise(pl.lit(DATA))
    )  # fmt: skip
    rejection = no_row.when(pl.col("_beyond")).then(pl.lit("R02")).when(pl.col("_over")).then(pl.lit("R03"))
    return marked.with_columns(
        line_class=line_class, rejected_by=pl.when(line_class == DATA).then(rejection.otherwise(None))
    ).drop("^_.*$")


def _is_quota(frame: pl.DataFrame, layout: Layout) -> pl.Series:
    """Whether phase, type and number can be read; that does not depend on how the column's numbers are written."""
    cells = frame.select(_cell(layout, name).alias(name) for name in ("phase", "quota_type", "quota"))
    native = frame.get_column(f"n{layout.position('quota')}", default=None)
    read = by_distinct(clean(cells["quota"]), _is_count, pl.Boolean).fill_null(value=False)
    if native is not None:
        read |= native & ~cells["quota"].str.starts_with("-").fill_null(value=False)
    for name in ("phase", "quota_type"):
        codes = codes_by_key(name)
        known = {text: match_key(text) in codes for text in cells[name].unique().drop_nulls()}
        read &= pl.Series([known.get(text, False) for text in cells[name]], dtype=pl.Boolean)
    return read


def _is_count(text: str) -> bool:
    number = read_number(text, "vietnamese")
    return number is not None and number >= 0


def _cell(layout: Layout, field: str) -> pl.Expr:
    position = layout.position(field)
    return pl.lit(None, dtype=pl.String) if position is None else pl.col(f"c{position}")


def _filled(cell: pl.Expr) -> pl.Expr:
    return (cell.str.strip_chars().str.len_bytes() > 0).fill_null(value=False)


def _is_code_like(cell: pl.Expr) -> pl.Expr:
    """Whether a cell can be a code: a text with a digit and without blanks."""
    trimmed = cell.str.strip_chars()
    return (trimmed.str.contains(r"\d") & ~trimmed.str.contains(r"\s")).fill_null(value=False)


def _is_total(marked: pl.DataFrame, cells: list[str]) -> pl.Series:
    """Rows without a pair of code and title whose first text begins with `tong` or `cong`."""
    total = pl.Series([False]).new_from_index(0, marked.height)
    suspects = (~marked["_pair"] & (marked["_filled_count"] > 0)).arg_true()
    for row in suspects:
        texts = (marked[name][row] for name in cells)
        first = next((text for text in texts if text and any(c.isalpha() for c in text)), "")
        total[row] = match_key(first).startswith(("tong", "cong"))
    return total


def _is_repeated_header(frame: pl.DataFrame, layout: Layout, dataset: Dataset) -> pl.Series:
    """Rows equal to the header under match_key in at least half of its cells.

    Such a row is equal to it in at least one of any half of the columns: so the distinct values of the half with the
    fewest of them are looked at first, and the long texts hardly ever.
    """
    kinds = {name: field.kind for name, field in fields(dataset).items()}
    headed = [column for column in layout.columns if layout.heading_keys[column.position]]
    headed.sort(key=lambda column: kinds.get(column.field or "", "text") in _MANY_VALUES)
    keys = {f"c{column.position}": layout.heading_keys[column.position] for column in headed}
    half = list(keys)[: len(keys) // 2 + 1]
    distinct = frame.select(pl.col(half).unique().implode()).row(0)
    if not any(_has_key(values, keys[name]) for name, values in zip(half, distinct, strict=True)):
        return pl.Series([False]).new_from_index(0, frame.height)
    equal = [(match_keys(frame[name]) == key).fill_null(value=False).cast(pl.Int32) for name, key in keys.items()]
    return frame.select(pl.sum_horizontal(equal) * 2 >= len(keys)).to_series()


def _has_key(distinct: list[str | None], key: str) -> bool:
    digit = key[0].isdigit()
    # What begins with a digit has a key that does: so dates and numbers need no key of their own.
    return any(match_key(value) == key for value in distinct if value and value[0].isdigit() <= digit)
