"""Workbooks that are broken, encrypted, huge, or mean harm. What the contract says stands in expected/workbooks.yml."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from random import Random
from xml.sax.saxutils import escape

import xlsxwriter
import xlwt
from xlwt.CompoundDoc import XlsDoc

from tests.corpus.formats import Cell, Grid, with_parts, xls_file, xlsx_file
from tests.scenarios.build import A_MOMENT
from tests.scenarios.file_case import HEADER, line, ods_file, ods_of, zip_file

_SHEET = "xl/worksheets/sheet1.xml"
_TEXTS = "xl/sharedStrings.xml"
_LAST_CELL = "XFD1048576"
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
_GROWS = f'<!DOCTYPE x [<!ENTITY l0 "ha">{_LAUGHS}]>'
_ASKS = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


def _row(code: str) -> list[Cell]:
    return [*line(code).split(";")]


ROWS: list[list[Cell]] = [[*HEADER.split(";")], _row("WB1"), _row("WB2")]


def _book(*more: list[Cell]) -> bytes:
    return xlsx_file(Grid([*ROWS, *more]))


def _with_prolog(part: str, prolog: str) -> bytes:
    """A workbook with something before the root of one of its parts."""
    return with_parts(_book(), {}, *((f"<{root} ", f"{prolog}<{root} ") for root in _ROOTS[part]))


_ROOTS = {_SHEET: ("worksheet",), _TEXTS: ("sst",), "xl/workbook.xml": ("workbook",)}


def _with_far_cell(place: str) -> bytes:
    """A cell of text far away from the table, as one keystroke makes it."""
    column, row = re.fullmatch(r"([A-Z]+)(\d+)", place).groups()  # type: ignore[union-attr]
    cell = f'<c r="{column}{row}" t="inlineStr"><is><t>x</t></is></c>'
    if row == "1":
        return with_parts(_book(), {}, ('</row><row r="2"', f'{cell}</row><row r="2"'))
    return with_parts(_book(), {}, ("</sheetData>", f'<row r="{row}">{cell}</row></sheetData>'))


def _with_last_row(cells: str) -> bytes:
    """A workbook whose third row of data is written here."""
    return with_parts(_book(), {}, ("</sheetData>", f'<row r="4">{cells}</row></sheetData>'))


def _cut_off() -> bytes:
    """A whole archive, in which the part of the sheet ends too early."""
    workbook = _book()
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return with_parts(workbook, {_SHEET: archive.read(_SHEET)[:-300]})


def _text_cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _computed() -> bytes:
    """Formulas with what they gave last, and with errors."""
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True})
    workbook.set_properties({"created": A_MOMENT})
    sheet = workbook.add_worksheet()
    heading = [*HEADER.split(";"), "Giá trị làm lợi"]
    day = workbook.add_format({"num_format": "dd/mm/yyyy"})
    for column, name in enumerate(heading):
        sheet.write_string(0, column, name)
    for row, (recognised, benefit) in enumerate((("#N/A", 150_000_000.0), ("#REF!", 0.5)), start=1):
        for column, text in enumerate(_row(f"WB{row}")):
            sheet.write_string(row, column, str(text))
        sheet.write_formula(row, 1, '="Cải tiến "&"dây chuyền"', None, f"Cải tiến dây chuyền {row}")
        sheet.write_formula(row, 4, "=DATE(2023,1,15)", day, 44941)
        sheet.write_formula(row, 5, "=VLOOKUP(1,A1:B2,2)", None, recognised)
        sheet.write_formula(row, 8, "=1+1", None, benefit)
    workbook.close()
    return buffer.getvalue()


def _texts_without_use() -> bytes:
    """Sixteen MiB of texts of which no cell makes use; random ones, so that they are no bomb."""
    chance = Random(1)
    texts = "".join(f"<si><t>{chance.randbytes(80).hex()}</t></si>" for _ in range(100_000))
    return with_parts(_book(), {}, ("</sst>", texts + "</sst>"))


# BIFF and OLE --------------------------------------------------------------------------------------------------------


def _ole(stream: bytes, name: str = "Workbook") -> bytes:
    """A compound file with one stream."""
    buffer = io.BytesIO()
    XlsDoc().save(buffer, stream)
    old, new = "Workbook".encode("utf-16-le"), name.encode("utf-16-le")
    entry = old.ljust(64, b"\0") + (len(old) + 2).to_bytes(2, "little")
    return buffer.getvalue().replace(entry, new.ljust(64, b"\0") + (len(new) + 2).to_bytes(2, "little"))


def _encrypted_xls() -> bytes:
    """A workbook whose stream says behind its first record that all the others are encrypted (FILEPASS, RC4)."""
    workbook = xlwt.Workbook()
    workbook.add_sheet("A").write(0, 0, "x")
    stream = workbook.get_biff_data()
    first = 4 + int.from_bytes(stream[2:4], "little")
    filepass = bytes.fromhex("2f003600 0100 0100 0100") + bytes(48)
    return _ole(stream[:first] + filepass + stream[first:])


def _xls_from_1904() -> bytes:
    """An old workbook that counts its days from 1904, with a day as a number without a format."""
    buffer = io.BytesIO()
    workbook = xlwt.Workbook()
    workbook.dates_1904 = True
    sheet = workbook.add_sheet("A")
    for r, cells in enumerate([*ROWS[:2], [*_row("WB2")[:4], 44941 - 1462, *_row("WB2")[5:]]]):
        for c, cell in enumerate(cells):
            sheet.write(r, c, cell)
    workbook.save(buffer)
    return buffer.getvalue()


def _ole_in_a_circle() -> bytes:
    """An old workbook whose folder of streams goes on, says the table of sectors, in the sector where it begins."""
    data = bytearray(xls_file(Grid(ROWS)))
    folder, table = (int.from_bytes(data[at : at + 4], "little") for at in (48, 76))
    at = 512 * (table + 1) + 4 * folder
    data[at : at + 4] = folder.to_bytes(4, "little")
    return bytes(data)


def _xls_with_far_cell() -> bytes:
    far: list[list[Cell]] = [[] for _ in range(65_535 - len(ROWS))]
    return xls_file(Grid([*ROWS, *far, [*[None] * 255, "x"]]))


# ODS -----------------------------------------------------------------------------------------------------------------


def _ods(*rows: str) -> bytes:
    lines = "".join(_ods_row([str(cell) for cell in row]) for row in ROWS)
    return ods_of(f'<table:table table:name="A">{lines}{"".join(rows)}</table:table>')


def _ods_row(cells: list[str], repeated: int = 1, across: int = 1) -> str:
    written = "".join(
        f'<table:table-cell table:number-columns-repeated="{across}" office:value-type="string">'
        f"<text:p>{escape(cell)}</text:p></table:table-cell>"
        for cell in cells
    )
    return f'<table:table-row table:number-rows-repeated="{repeated}">{written}</table:table-row>'


_EMPTY_END = (
    '<table:table-row table:number-rows-repeated="1048573">'
    '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
)

FILES: dict[str, Callable[[], bytes]] = {
    "entities that grow in the texts.xlsx": lambda: _with_prolog(_TEXTS, _GROWS),
    "entities that grow in a sheet.xlsx": lambda: _with_prolog(_SHEET, _GROWS),
    "a file asked for in the workbook.xlsx": lambda: _with_prolog("xl/workbook.xml", _ASKS),
    "a file asked for in an ods.ods": lambda: ods_of('<table:table table:name="A"/>', _ASKS),
    "a document type behind a long comment.xlsx": lambda: _with_prolog(
        _TEXTS, f"<!--{Random(2).randbytes(50_000).hex()}-->{_GROWS}"
    ),
    "a document type in UTF-16.xlsx": lambda: with_parts(
        _book(), {"xl/theme/theme1.xml": f'<?xml version="1.0" encoding="UTF-16"?>{_GROWS}<x/>'.encode("utf-16")}
    ),
    "a document type in a part of another name.xlsx": lambda: with_parts(
        _book(), {"xl/drawings/vmlDrawing1.vml": f"{_GROWS}<xml/>".encode()}
    ),
    "a document type that is a cell's text.xlsx": lambda: _book(
        [*_row("WB3")[:1], "<!DOCTYPE html> trên trang tin", *_row("WB3")[2:]]
    ),
    "an encrypted workbook.xlsx": lambda: _ole(Random(3).randbytes(9000), "EncryptedPackage"),
    "an encrypted old workbook.xls": _encrypted_xls,
    "an encrypted ods.ods": lambda: with_parts(
        ods_file(ROWS),
        {"content.xml": Random(5).randbytes(4000)},
        ('media-type="text/xml"/>', 'media-type="text/xml"><manifest:encryption-data/></manifest:file-entry>'),
    ),
    "an old workbook without a workbook.xls": lambda: _ole(Random(4).randbytes(9000), "WordDocument"),
    "a letter.xlsx": lambda: zip_file({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<d/>"}),
    "an old workbook that goes in a circle.xls": _ole_in_a_circle,
    "an old workbook cut within a sector.xls": lambda: xls_file(Grid(ROWS))[:-465],
    f"a cell at {_LAST_CELL}.xlsx": lambda: _with_far_cell(_LAST_CELL),
    "a cell in the last row.xlsx": lambda: _with_far_cell("C1048576"),
    "a cell in the last column.xlsx": lambda: _with_far_cell("XFD1"),
    "a sheet that tells a huge size.xlsx": lambda: with_parts(_book(), {}, ('ref="A1:H3"', f'ref="A1:{_LAST_CELL}"')),
    "a cell outside of any sheet.xlsx": lambda: _with_last_row(_text_cell("ZZZZZZZ99999999999", "x")),
    "a cell without a place.xlsx": lambda: _with_last_row('<c t="inlineStr"><is><t>x</t></is></c>'),
    "a far cell in an old workbook.xls": _xls_with_far_cell,
    "an ods that ends with a million empty rows.ods": lambda: _ods(_EMPTY_END),
    "an ods of one row a million times.ods": lambda: _ods(_ods_row([str(cell) for cell in _row("WB3")], 1_000_000)),
    "an ods of one cell everywhere.ods": lambda: _ods(_ods_row(["x"], 1_000_000, 16_384)),
    "an ods of one cell two billion times.ods": lambda: _ods(_ods_row(["x"], 1, 2_147_483_647)),
    "texts without use.xlsx": _texts_without_use,
    "texts that are told to be four billion.xlsx": lambda: with_parts(
        _book(), {}, (' count="', ' count="42949672'), ('uniqueCount="', 'uniqueCount="42949672')
    ),
    "a cell with a text that is not there.xlsx": lambda: _with_last_row('<c r="A4" t="s"><v>999999</v></c>'),
    "a workbook without its texts.xlsx": lambda: with_parts(_book(), {_TEXTS: b""}),
    "a sheet cut off in a whole archive.xlsx": _cut_off,
    "formulas and errors.xlsx": _computed,
    "numbers that are none.xlsx": lambda: _with_last_row(
        '<c r="A4"><v>NaN</v></c>'
        + _text_cell("B4", "Cải tiến máy dệt")
        + '<c r="E4"><v>1e308</v></c><c r="F4"><v>inf</v></c>'
    ),
    "serials that are no days.xlsx": lambda: xlsx_file(
        Grid(
            [
                *ROWS,
                *(
                    [*_row(f"WB{n}")[:4], serial, *_row(f"WB{n}")[5:]]
                    for n, serial in enumerate((0.5, -3, 60001.0, 1e15), 3)
                ),
            ]
        )
    ),
    "days as text of XML.xlsx": lambda: with_parts(
        _book(),
        {},
        (
            "</sheetData>",
            f'<row r="4">{_text_cell("A4", "WB3")}{_text_cell("B4", "Cải tiến máy dệt")}{_text_cell("C4", "Lê A")}'
            '<c r="E4" t="d"><v>2023-01-15T00:00:00</v></c><c r="H4" t="d"><v>2023-03-10</v></c></row></sheetData>',
        ),
    ),
    "serials from 1904.xls": _xls_from_1904,
    "escaped characters.xlsx": lambda: _with_last_row(
        _text_cell("A4", "WB3") + _text_cell("B4", "Cải tiến_x000D_\nmáy _x005F_x000D_ dệt") + _text_cell("C4", "Lê A")
    ),
    "texts in pieces.xlsx": lambda: _with_last_row(
        _text_cell("A4", "WB3")
        + '<c r="B4" t="inlineStr"><is><r><t xml:space="preserve">Cải tiến </t></r><r><t>máy dệt</t></r></is></c>'
    ),
    "only a header.xlsx": lambda: xlsx_file(Grid(ROWS[:1])),
    "a workbook of nothing.xlsx": lambda: xlsx_file(Grid([])),
    "a workbook of nothing.ods": lambda: ods_file([]),
    "201 columns.xlsx": lambda: xlsx_file(Grid([[*ROWS[0], *(f"cột {n}" for n in range(193))], *ROWS[1:]])),
}
