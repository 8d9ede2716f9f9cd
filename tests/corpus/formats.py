"""Writes a grid of cells in each format of CONTRACT §1."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from html import escape

import xlsxwriter
import xlwt

from tests.corpus.encodings import ENCODE
from tests.scenarios.build import A_MOMENT, Value
from tests.scenarios.file_case import Spans, ods_file, zip_file

Cell = Value | None


@dataclass(frozen=True)
class Grid:
    """A table as it stands in a sheet. `spans`: its merged cells. `before`: cells of a sheet that stands before it."""

    rows: list[list[Cell]]
    spans: Spans = field(default_factory=dict)
    before: list[list[Cell]] | None = None


# texts ---------------------------------------------------------------------------------------------------------------


def delimited(rows: Sequence[Sequence[Cell]], delimiter: str = ",", line_end: str = "\r\n") -> str:
    """Rows as a text with a delimiter; cells are quoted where they must be."""
    return "".join(delimiter.join(_quoted(cell, delimiter) for cell in row) + line_end for row in rows)


def _quoted(cell: Cell, delimiter: str) -> str:
    text = "" if cell is None else str(cell)
    if any(char in text for char in (delimiter, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text


def text_file(grid: Grid, extension: str, encoding: str, delimiter: str) -> bytes:
    """A `.csv`, `.tsv` or `.txt`, also in a gzip or a zip."""
    content = ENCODE[encoding](delimited(grid.rows, delimiter))
    if extension.endswith(".gz"):
        return gzip.compress(content, mtime=0)
    return zip_file({"dữ liệu.csv": content}) if extension == "zip" else content


def html_page(grid: Grid) -> str:
    """A page with one table, as spreadsheet software saves it."""
    covered = {
        (row + down, column + across)
        for (row, column), (height, width) in grid.spans.items()
        for down in range(height)
        for across in range(width)
    } - set(grid.spans)
    lines = []
    for r, row in enumerate(grid.rows):
        cells = [_html_cell(cell, grid.spans.get((r, c))) for c, cell in enumerate(row) if (r, c) not in covered]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return f"<html><body><table>{''.join(lines)}</table></body></html>"


def _html_cell(cell: Cell, span: tuple[int, int] | None) -> str:
    merged = f' rowspan="{span[0]}" colspan="{span[1]}"' if span else ""
    return f"<td{merged}>{'' if cell is None else escape(str(cell))}</td>"


# workbooks -----------------------------------------------------------------------------------------------------------


def xlsx_file(grid: Grid) -> bytes:
    """A workbook: texts are text cells, numbers number cells, dates date cells."""
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    workbook.set_properties({"created": A_MOMENT})
    day = workbook.add_format({"num_format": "dd/mm/yyyy"})
    moment = workbook.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    for rows, spans in ([(grid.before, {})] if grid.before else []) + [(grid.rows, grid.spans)]:
        sheet = workbook.add_worksheet()
        for (row, column), (height, width) in spans.items():
            sheet.merge_range(row, column, row + height - 1, column + width - 1, "")
        for r, cells in enumerate(rows):
            for c, cell in enumerate(cells):
                if isinstance(cell, date):
                    sheet.write_datetime(r, c, cell, moment if isinstance(cell, datetime) else day)
                elif isinstance(cell, str):
                    sheet.write_string(r, c, cell)
                elif cell is not None:
                    sheet.write_number(r, c, cell)
    workbook.close()
    return buffer.getvalue()


def xlsm_file(grid: Grid) -> bytes:
    """The same workbook, with the type of one that may have macros."""
    return with_parts(
        xlsx_file(grid),
        {},
        ("openxmlformats-officedocument.spreadsheetml.sheet.main", "ms-excel.sheet.macroEnabled.main"),
    )


def with_parts(workbook: bytes, parts: dict[str, bytes], *replaced: tuple[str, str]) -> bytes:
    """A workbook with parts added or replaced, and texts replaced in all the others."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        found = {info.filename: archive.read(info) for info in archive.infolist()}
    for old, new in replaced:
        found = {name: content.replace(old.encode(), new.encode()) for name, content in found.items()}
    return zip_file(found | parts)


def xls_file(grid: Grid) -> bytes:
    """A workbook of Excel 97 (BIFF8)."""
    workbook = xlwt.Workbook()
    day, moment = xlwt.easyxf(num_format_str="dd/mm/yyyy"), xlwt.easyxf(num_format_str="dd/mm/yyyy hh:mm")
    plain = xlwt.easyxf()
    for number, (rows, spans) in enumerate(([(grid.before, {})] if grid.before else []) + [(grid.rows, grid.spans)]):
        sheet = workbook.add_sheet(f"Sheet{number}", cell_overwrite_ok=True)
        for r, cells in enumerate(rows):
            for c, cell in enumerate(cells):
                style = moment if isinstance(cell, datetime) else day if isinstance(cell, date) else plain
                if (r, c) in spans:
                    height, width = spans[r, c]
                    sheet.write_merge(r, r + height - 1, c, c + width - 1, cell, style)
                elif cell is not None:
                    sheet.write(r, c, cell, style)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


WORKBOOKS: dict[str, Callable[[Grid], bytes]] = {
    "xlsx": xlsx_file,
    "xlsm": xlsm_file,
    "xls": xls_file,
    "ods": lambda grid: ods_file(grid.rows, grid.spans),
}
TEXTS = ("csv", "tsv", "txt", "csv.gz", "zip")


def write(grid: Grid, kind: str, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """A grid in a format: one of TEXTS, of WORKBOOKS, or `html`."""
    if kind in WORKBOOKS:
        return WORKBOOKS[kind](grid)
    if kind == "html":
        return ENCODE[encoding](html_page(grid))
    return text_file(grid, kind, encoding, delimiter)


def extension(kind: str) -> str:
    """The extension of a format: a page of tables calls itself an `.xls`."""
    return "xls" if kind == "html" else kind
