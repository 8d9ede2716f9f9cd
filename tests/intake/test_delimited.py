"""Whatever a text is, the columnar reader gives what the csv module alone gives."""

import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sangkien.intake import delimited
from sangkien.intake.cells import Row, to_frame
from sangkien.intake.quarantine import QuarantineError

WIDTH = 3
PIECES = [
    "a", "bb", '"', '""', '"x"', '"y,z"', '"m\nn"', '"q""r"', '5"', ",", "," * 13, ";",
    "\n", "\r\n", "\r", "ế", " ", "\0", "#", "\ufeff",
]  # fmt: skip
Cells = list[tuple[int, list[str | None]]]


def _cells(frame: pl.DataFrame) -> Cells:
    """The cells of each line, without the empty ones at its end."""
    names = [f"c{position}" for position in range(frame.width)]
    rows = []
    for row in frame.rows(named=True):
        cells = [row.get(name) for name in names]
        rows.append((row["line_number"], cells[: max((n for n, cell in enumerate(cells, 1) if cell), default=0)]))
    return rows


def _by_csv_alone(text: str) -> Cells | int:
    """The cells, or the line on which a quoted cell is opened that is never closed."""
    try:
        rows: list[Row] = list(delimited.head_rows(iter([text]), ","))
    except QuarantineError as error:
        return int(error.values["line"])
    return _cells(to_frame(rows, WIDTH)) if rows else []


def _by_columns(text: str, lines_in_a_chunk: int) -> Cells | int:
    lines = list(io.StringIO(text, newline=""))
    chunks = ("".join(lines[n : n + lines_in_a_chunk]).encode() for n in range(0, len(lines), lines_in_a_chunk))
    try:
        return [row for frame in delimited.blocks(chunks, ",", WIDTH) for row in _cells(frame)]
    except QuarantineError as error:
        return int(error.values["line"])


@given(text=st.lists(st.sampled_from(PIECES), max_size=30).map("".join), lines_in_a_chunk=st.integers(1, 8))
def test_the_same_as_the_csv_module(text: str, lines_in_a_chunk: int) -> None:
    assert _by_columns(text, lines_in_a_chunk) == _by_csv_alone(text)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
@pytest.mark.parametrize("line", ['"a,""b""",c', "a,b,c,d", "", ","])
def test_well_formed_lines_are_read_at_once(line: str, end: str) -> None:
    text = f"x,y{end or chr(10)}{line}{end}"
    assert _by_columns(text, 100) == _by_csv_alone(text)


def test_a_cell_beyond_every_limit_is_cut_and_its_row_stays_one_row() -> None:
    long = "word " * delimited.LONG_CELL
    chunks = delimited.whole_lines(io.StringIO(f"a,{long},b\nc,d,e\n"), 100)
    frame = pl.concat(delimited.blocks(map(str.encode, chunks), ",", WIDTH))
    assert frame["line_number"].to_list() == [1, 2]
    assert frame["c1"].str.len_chars().to_list() == [delimited.LONG_CELL, 1]
    assert frame["c2"].to_list() == ["b", "e"]
