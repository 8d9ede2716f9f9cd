"""An `.xls` that is really an HTML table (CONTRACT §1): each table of the page is a sheet."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from tests.oracle.cells import Sheet
from tests.oracle.text import drop_controls


def is_html(text: str) -> bool:
    """Whether a text is a page rather than a delimited file: it begins with a tag and has a table."""
    return text.lstrip("\ufeff \t\r\n").startswith("<") and re.search(r"(?i)<table\b", text) is not None


def tables(text: str) -> list[Sheet]:
    """The outermost tables of a page, in order; a line number is the ordinal of the table row."""
    reader = _Reader()
    reader.feed(drop_controls(text))
    reader.close()
    return reader.sheets


class _Reader(HTMLParser):
    """Collects rows and cells; a cell over several columns or rows stands in the first, the others are empty."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sheets: list[Sheet] = []
        self._depth = 0
        self._cell: list[str] | None = None
        self._span = (1, 1)
        self._row: int = -1
        self._taken: dict[tuple[int, int], str] = {}
        self._skip = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("style", "script"):
            self._skip += 1
        elif tag == "table":
            self._depth += 1
            if self._depth == 1:
                self.sheets.append(Sheet([], is_text=True))
                self._row, self._taken = -1, {}
        elif self._depth == 1 and tag == "tr":
            self._end_cell()
            self._row += 1
        elif self._depth == 1 and tag in ("td", "th"):
            self._end_cell()
            values = dict(attrs)
            self._span = (_number(values.get("rowspan")), _number(values.get("colspan")))
            self._cell = []
        elif tag in ("br", "p", "div") and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script"):
            self._skip = max(0, self._skip - 1)
        elif self._depth == 1 and tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag == "table" and self._depth:
            if self._depth == 1:
                self._end_table()
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._skip:
            self._cell.append(data)

    def close(self) -> None:
        super().close()
        if self._depth:
            self._end_table()

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        content, self._cell = "".join(self._cell), None
        self._row = max(self._row, 0)
        column = 0
        while (self._row, column) in self._taken:
            column += 1
        height, width = self._span
        for down in range(height):
            for right in range(width):
                self._taken.setdefault((self._row + down, column + right), "" if down or right else content)
        if height * width > 1:
            corner = (self._row + height - 1, column + width - 1)
            self.sheets[-1].merged.append(((self._row, column), corner))

    def _end_table(self) -> None:
        self._end_cell()
        width = 1 + max((column for _, column in self._taken), default=-1)
        self.sheets[-1].rows = [
            (row + 1, [self._taken.get((row, column), "") for column in range(width)]) for row in range(self._row + 1)
        ]


def _number(text: str | None) -> int:
    return min(1000, max(1, int(text))) if text and text.isdecimal() else 1
