"""Lines: which records are data, which are rejected, and which are skipped, by class (contract §1, §4)."""

import polars as pl

from sangkien.contract.fields import Dataset
from sangkien.contract.lists import codes_by_key
from sangkien.contract.text import clean, match_key, match_keys
from sangkien.intake.cells import cell_columns
from sangkien.intake.layout import Layout
from sangkien.intake.typed import by_distinct
from sangkien.intake.values import read_number
from sangkien.settings import Limits

DATA, BLANK, REPEATED_HEADER, TOTAL, SHORT = "data", "blank", "repeated_header", "total", "short"
"""The classes of a line; a short one is a group heading before the last data row and a footer after it."""

_ZERO, _AFTER_NINE = pl.lit("0"), pl.lit(":")
_TOP = 200  # rows that tell which columns have few values


def classify(frame: pl.DataFrame, layout: Layout, dataset: Dataset, limits: Limits) -> pl.DataFrame:
    """Add the columns `line_class`, one of the classes above, and `rejected_by`, the rule that rejects a row of data.

    Args:
        frame: A batch as `cells.to_frame` makes it.
        layout: The sheet's header.
        dataset: What the rows are.
        limits: For the size of a cell.
    """
    code = _cell(layout, "initiative_code")
    if dataset == "initiatives":
        can_be_row, surely = _is_code_like(code), _is_code_like(code) & _filled(_cell(layout, "title"))
    else:  # a row of quotas has a phase or a type, which no heading and no total has
        can_be_row = surely = _filled(_cell(layout, "phase")) | _filled(_cell(layout, "quota_type"))
    looks = frame.select(_can_be_row=can_be_row, _surely=surely).with_columns(_is_repeated_header(frame, layout))
    beyond, over = _goes_beyond(frame, layout), _is_over(frame, limits)
    if dataset == "initiatives" and looks["_surely"].all() and not looks["_repeated"].any() and beyond is over is None:
        return frame.with_columns(line_class=pl.lit(DATA), rejected_by=pl.lit(None, pl.String))  # as nearly all are
    marked = frame.hstack(looks)
    line_class = marked.select(pl.when("_repeated").then(pl.lit(REPEATED_HEADER)).otherwise(pl.lit(DATA))).to_series()
    others = ~marked["_surely"]
    if others.any():
        line_class = line_class.scatter(others.arg_true(), _class_of_doubtful(marked.filter(others)))
    if dataset == "initiatives":
        no_row, reason = clean(frame.select(code=code)["code"]).is_null(), "R01"
    else:
        no_row, reason = ~_is_quota(frame, layout), "Q01"
    no = pl.lit(value=False)
    rejection = (
        pl.when(no_row).then(pl.lit(reason))
        .when(no if beyond is None else beyond).then(pl.lit("R02"))
        .when(no if over is None else over).then(pl.lit("R03"))
    )  # fmt: skip
    return frame.with_columns(
        line_class=line_class, rejected_by=pl.when(line_class == DATA).then(rejection.otherwise(None))
    )


def _class_of_doubtful(marked: pl.DataFrame) -> pl.Series:
    """The classes of rows that are not data by their looks alone."""
    cells = cell_columns(marked)
    filled = marked.select(pl.sum_horizontal(_filled(pl.col(cells)))).to_series()
    return marked.select(
        pl.when(filled == 0).then(pl.lit(BLANK))
        .when("_repeated").then(pl.lit(REPEATED_HEADER))
        .when(_is_total(marked, cells)).then(pl.lit(TOTAL))
        .when((filled <= 2) & ~pl.col("_can_be_row")).then(pl.lit(SHORT))
        .otherwise(pl.lit(DATA))
    ).to_series()  # fmt: skip


def _goes_beyond(frame: pl.DataFrame, layout: Layout) -> pl.Expr | None:
    """Whether a row has cells to the right of the last heading, with that column filled too; none: no row has any."""
    cells, width = cell_columns(frame), len(layout.columns)
    extra = [name for name in cells if int(name[1:]) >= width]
    return pl.any_horizontal(_filled(pl.col(extra))) & _filled(pl.col(cells[width - 1])) if extra else None


def _is_over(frame: pl.DataFrame, limits: Limits) -> pl.Expr | None:
    """Whether a row has a cell beyond the limit; none: no row has one."""
    sizes = pl.col(cell_columns(frame)).str.len_bytes()
    largest = frame.select(pl.max_horizontal(sizes.max())).item() or 0
    return pl.any_horizontal(sizes > limits.cell_bytes) if largest > limits.cell_bytes else None


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


def _begins_with_digit(cell: pl.Expr) -> pl.Expr:
    """Whether a cell begins with one of 0 to 9, told by how texts are ordered: far cheaper than a pattern."""
    return cell.is_between(_ZERO, _AFTER_NINE, closed="left")


def _begins_otherwise(text: str, key: str) -> bool:
    """Whether a text begins with a plain letter or digit, so that its key does, and the key with another."""
    first = text[0]
    return first.isascii() and first.isalnum() and first.lower() != key[0]


def _is_total(rows: pl.DataFrame, cells: list[str]) -> pl.Series:
    """Rows whose first text begins with `tong` or `cong`."""
    first_texts = (
        next((text for text in row if text and any(c.isalpha() for c in text)), "")
        for row in rows.select(cells).iter_rows()
    )
    return pl.Series([match_key(text).startswith(("tong", "cong")) for text in first_texts], dtype=pl.Boolean)


def _is_repeated_header(frame: pl.DataFrame, layout: Layout) -> pl.Series:
    """`_repeated`: rows equal to the header under match_key in at least half of its cells.

    Such a row is equal to it in at least one of any half of the columns: so the distinct values of the half with the
    fewest of them are looked at first, and the long texts hardly ever.
    """
    headed = [f"c{column.position}" for column in layout.columns if layout.heading_keys[column.position]]
    distinct_at_the_top = frame.head(_TOP).select(pl.col(headed).n_unique()).row(0, named=True)
    headed.sort(key=lambda name: distinct_at_the_top[name])
    keys = {name: layout.heading_keys[int(name[1:])] for name in headed}
    half = headed[: len(headed) // 2 + 1]
    # What begins with a digit has a key that does: so dates and numbers need no key of their own.
    distinct = frame.select(
        (pl.col(name) if keys[name][0].isdigit() else pl.col(name).filter(~_begins_with_digit(pl.col(name))))
        .unique()
        .implode()
        for name in half
    ).row(0)
    if not any(
        match_key(value) == keys[name]
        for name, values in zip(half, distinct, strict=True)
        for value in values
        if value and not _begins_otherwise(value, keys[name])
    ):
        return pl.Series("_repeated", [False]).new_from_index(0, frame.height)
    equal = [(match_keys(frame[name]) == key).fill_null(value=False).cast(pl.Int32) for name, key in keys.items()]
    return frame.select(_repeated=pl.sum_horizontal(equal) * 2 >= len(keys)).to_series()
