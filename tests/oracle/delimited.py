"""Delimited text: records with the physical line where each starts (CONTRACT §1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

DELIMITERS = (",", ";", "\t", "|")
_BREAK = re.compile(r"\r\n|\n|\r")


class OpenQuoteError(Exception):
    """A quoted cell is still open at the end; `line` is where it opened."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


def records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record as (line where it starts, cells). A quote opens a cell only as its first character.

    Raises:
        OpenQuoteError: a quoted cell does not end.
    """
    stop = re.compile(rf"{re.escape(delimiter)}|\r\n|\n|\r")
    position, line, end = 0, 1, len(text)
    while position < end:
        start_line, cells = line, []
        while True:
            quoted = ""
            if text.startswith('"', position):
                opened = line
                position += 1
                pieces = []
                while True:
                    close = text.find('"', position)
                    if close < 0:
                        raise OpenQuoteError(opened)
                    pieces.append(text[position:close])
                    position = close + 1
                    if not text.startswith('"', position):
                        break
                    pieces.append('"')
                    position += 1
                quoted = "".join(pieces)
                line += len(_BREAK.findall(quoted))
            found = stop.search(text, position)
            cells.append(quoted + text[position : found.start() if found else end])
            position = found.end() if found else end
            if found is None:
                break
            if found.group() != delimiter:
                line += 1
                break
        yield start_line, cells
