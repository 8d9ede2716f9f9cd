"""Writing files: text files with polars, small ones as workbooks; always the same bytes for the same cells."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import polars as pl
import xlsxwriter

from sangkien.simulate.cells import Cells
from sangkien.simulate.style import Form

_BOM = b"\xef\xbb\xbf"
_BEYOND = "x"
_WORKBOOK_CREATED = datetime(2022, 1, 1, tzinfo=UTC)
"""A workbook bears the moment of its making: a fixed one, for equal bytes."""


def text_file(
    headings: Sequence[str], columns: Sequence[Cells], form: Form, null: str, beyond: Sequence[int] = ()
) -> bytes:
    """A text file with a header.

    Args:
        headings: The header.
        columns: The cells, column by column.
        form: Delimiter, byte order mark, line ends.
        null: What stands in an empty cell.
        beyond: Rows that run over the last column.
    """
    frame = pl.DataFrame({f"c{i}": column for i, column in enumerate(columns)})
    frame = frame.with_columns(pl.all().fill_null(null)) if null else frame
    buffer = BytesIO(_BOM if form.bom else b"")
    buffer.seek(0, 2)
    _write(pl.DataFrame([headings], orient="row"), buffer, form)
    start = 0
    for row in sorted(beyond):
        _write(frame[start:row], buffer, form)
        line = BytesIO()
        _write(frame[row : row + 1], line, form)
        buffer.write(line.getvalue().removesuffix(form.newline.encode()))
        buffer.write(f"{form.delimiter}{_BEYOND}{form.newline}".encode())
        start = row + 1
    _write(frame[start:], buffer, form)
    return buffer.getvalue()


def _write(frame: pl.DataFrame, buffer: BytesIO, form: Form) -> None:
    frame.write_csv(buffer, include_header=False, separator=form.delimiter, line_terminator=form.newline)


def workbook(headings: Sequence[str], columns: Sequence[Cells], null: str, beyond: Sequence[int] = ()) -> bytes:
    """A workbook of one sheet with a header; arguments as for `text_file`."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": _WORKBOOK_CREATED})
    day, moment = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    sheet = book.add_worksheet("Sheet1")
    for j, heading in enumerate(headings):
        sheet.write_string(0, j, heading)
    lists = [column if isinstance(column, list) else column.to_list() for column in columns]
    over = frozenset(beyond)
    for i, cells in enumerate(zip(*lists, strict=True)):
        for j, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(i + 1, j, cell)
            elif cell is None:
                if null:
                    sheet.write_string(i + 1, j, null)
            elif isinstance(cell, date):
                sheet.write_datetime(i + 1, j, cell, moment if isinstance(cell, datetime) else day)
            else:
                sheet.write_number(i + 1, j, cell)
        if i in over:
            sheet.write_string(i + 1, len(cells), _BEYOND)
    book.close()
    return buffer.getvalue()


def put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; one that holds the content already is left as it is."""
    if path.exists() and path.stat().st_size == len(content) and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(content)
    partial.replace(path)
