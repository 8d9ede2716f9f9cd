"""Lays a table out as offices do: titles, headers of two rows, groups, totals, repeated headers, signatures."""

from __future__ import annotations

from collections.abc import Callable

from tests.corpus.formats import Cell, Grid

Row = list[Cell]
Lay = Callable[[Row, list[Row]], Grid]

_TITLE = "Báo cáo sáng kiến của đơn vị"
_HALF = 3
_NOTE: list[Row] = [["Hướng dẫn"], ["Nhập dữ liệu vào trang sau", "không sửa tiêu đề"]]
# Headings of the lower row, by the heading over all of them.
_UNDER = {
    "Tác giả": {"Họ và tên tác giả": "Họ tên", "Ngày sinh": "Ngày sinh", "Giới tính": "Giới tính"},
    "Công nhận": {"Ngày công nhận": "Ngày công nhận", "Số quyết định": "Số quyết định"},
}


def _short(width: int, *cells: Cell) -> Row:
    return [*cells, *[None] * (width - len(cells))]


def _plain(header: Row, rows: list[Row]) -> Grid:
    return Grid([header, *rows])


def _titled(header: Row, rows: list[Row]) -> Grid:
    width = len(header)
    above = [_short(width, _TITLE), _short(width, "Tháng 5", "năm 2023"), _short(width)]
    return Grid([*above, header, *rows], {(0, 0): (1, width)})


def _two_rows(header: Row, rows: list[Row]) -> Grid:
    upper: Row = list(header)
    lower: Row = [None] * len(header)
    spans = {(0, column): (2, 1) for column in range(len(header))}
    for over, under in _UNDER.items():
        columns = [column for column, heading in enumerate(header) if heading in under]
        for column in columns:
            upper[column], lower[column] = None, under[str(header[column])]
            del spans[0, column]
        upper[columns[0]] = over
        spans[0, columns[0]] = (1, len(columns))
    return Grid([upper, lower, *rows], spans)


def _numbered(rows: list[Row]) -> list[Row]:
    """With the ordinal numbers of a group in front."""
    return [[str(number), *row] for number, row in enumerate(rows, start=1)]


def _groups(header: Row, rows: list[Row]) -> Grid:
    width = len(header) + 1
    first, second = _short(width, "I", "Khối doanh nghiệp"), _short(width, "II. Khối hành chính")
    return Grid([["STT", *header], first, *_numbered(rows[:_HALF]), second, *_numbered(rows[_HALF:])])


def _totals(header: Row, rows: list[Row]) -> Grid:
    width = len(header)
    some, all_of_them = _short(width, None, "Cộng nhóm một", "3", "163.734.000"), _short(width, "Tổng cộng", "6")
    return Grid([header, *rows[:_HALF], some, *rows[_HALF:], all_of_them])


def _repeated(header: Row, rows: list[Row]) -> Grid:
    return Grid([header, *rows[:_HALF], header, *rows[_HALF:]])


def _footer(header: Row, rows: list[Row]) -> Grid:
    width = len(header)
    signed = [
        _short(width, None, None, "Ngày 5 tháng 5 năm 2023"),
        _short(width, "Người lập biểu", None, None, "Thủ trưởng đơn vị"),
        _short(width, None, "(ký, ghi rõ họ tên)"),
    ]
    return Grid([header, *rows, _short(width), *signed])


def _header_in(row: int) -> Lay:
    def lay(header: Row, rows: list[Row]) -> Grid:
        above = [_short(len(header), _TITLE if number % 2 else None) for number in range(1, row)]
        return Grid([*above, header, *rows])

    return lay


def _office_report(header: Row, rows: list[Row]) -> Grid:
    """All at once."""
    width = len(header) + 1
    headed: Row = ["Số TT", *header]
    lines: list[Row] = [
        *_titled(headed, []).rows,
        _short(width, "A. Khối doanh nghiệp"),
        *_numbered(rows[:_HALF]),
        _short(width, None, "Cộng", "3"),
        headed,
        _short(width, "B", "Khối hành chính"),
        *_numbered(rows[_HALF:]),
        _short(width, None, "Tổng số", "6"),
        _short(width),
        _short(width, None, "Người lập biểu", None, "Chủ tịch"),
        _short(width, None, None, None, "(đã ký)"),
    ]
    return Grid(lines, {(0, 0): (1, width)})


LAYOUTS: dict[str, Lay] = {
    "plain": _plain,
    "title rows": _titled,
    "two-row header": _two_rows,
    "groups": _groups,
    "totals": _totals,
    "repeated header": _repeated,
    "footer": _footer,
    "header in row 30": _header_in(30),
    "header in row 31": _header_in(31),
    "second sheet": lambda header, rows: Grid([header, *rows], before=_NOTE),
    "office report": _office_report,
}


def in_font(grid: Grid, write: Callable[[str], str]) -> Grid:
    """The grid with every text typed in a legacy font."""

    def typed(rows: list[Row]) -> list[Row]:
        return [[write(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]

    return Grid(typed(grid.rows), grid.spans, typed(grid.before) if grid.before else None)
