"""Delimited text: numbered rows of cells, at the speed of a columnar reader wherever that reads exactly the same.

Python's csv module decides what a record is. A physical line whose quotes are well formed reads the same in any
reader: those go to polars, many at a time. Every other line (a cell with line breaks, a stray quote, too many cells)
goes to the csv module, with the lines that its record goes on to.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from itertools import chain
from typing import TextIO

import numpy as np
import polars as pl

from sangkien.intake.cells import MOST_BEYOND, Row, to_frame, without_empty_texts
from sangkien.intake.quarantine import QuarantineError

LONG_CELL = 2**22  # characters; no limit of a cell is set higher, so what comes after them need not be kept
MOST_CHARACTERS = 2**25  # of a line, and of a cell: memory must end somewhere
MOST_LINES = 100_000  # at a time: a row of a frame takes room even if it is empty
_MANY_LINES = re.compile(rb"(?:[^\r\n]*+(?:\r\n|\n|\r)){%d}" % MOST_LINES)
_QUOTES = re.compile(rb'""')  # searched for three times as fast as by `in`
_RUN = re.compile(r"""[^",;\t|\r\n]++""")

csv.field_size_limit(MOST_CHARACTERS)


def head_rows(chunks: Iterator[str], delimiter: str) -> Iterator[Row]:
    """The records of a text, one after the other, with the physical line on which each starts.

    Raises:
        QuarantineError: A quoted cell is still open at the end.
    """
    return _Records((line for chunk in chunks for line in io.StringIO(chunk, newline="")), delimiter, 1)


def blocks(chunks: Iterator[bytes], delimiter: str, width: int) -> Iterator[pl.DataFrame]:
    """The records of a text as frames, as `cells.to_frame` makes them.

    Args:
        chunks: The text in UTF-8, in pieces that end where a line ends.
        delimiter: What stands between the cells.
        width: How many columns the header has.

    Raises:
        QuarantineError: A quoted cell is still open at the end.
    """
    lines = _Lines(chunks)
    while lines.left():
        frame = _whole_chunk(lines, delimiter, width) if lines.position == 0 else None
        yield _block(lines, delimiter, width) if frame is None else frame


class _Records(Iterator[Row]):
    """The records in some physical lines, as the csv module reads them."""

    def __init__(self, lines: Iterator[str], delimiter: str, first_line: int) -> None:
        self._reader = csv.reader(self._told(lines), delimiter=delimiter)
        self._first_line, self._at_end = first_line, False

    def _told(self, lines: Iterator[str]) -> Iterator[str]:
        yield from lines
        self._at_end = True

    def __next__(self) -> Row:
        line = self._first_line + self._reader.line_num
        try:
            record = next(self._reader)
        except csv.Error as error:
            raise _too_long("một ô") from error
        if self._at_end:  # it asked for more, although it had begun a record: a quoted cell is open
            raise QuarantineError("open_quote", line=line)
        return line, record


class _Lines:
    """The physical lines of a text, with their ends, a chunk of them at a time."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.data, self._lines, self.count = b"", pl.Series(dtype=pl.String), 0
        self.has_usual_ends = True  # no carriage return but before a line feed
        self.first_line, self.position = 1, 0

    @property
    def lines(self) -> pl.Series:
        """The lines of the chunk at hand; it is only taken apart when it must be."""
        if self._lines.len() != self.count:
            if self.has_usual_ends:
                lines = _as_text(self.data).str.split("\n", inclusive=True).explode()
                self._lines = lines.filter(lines != "")
            else:
                self._lines = pl.Series(io.StringIO(self.data.decode(), newline="").readlines())
        return self._lines

    def left(self) -> bool:
        """Whether there is another line; it is in `lines` at `position`."""
        while self.position == self.count:
            data = next(self._chunks, None)
            if data is None:
                return False
            self.first_line += self.count
            self._begin(data)
            if self.count > MOST_LINES and (found := _MANY_LINES.match(data)):
                self._chunks = chain([data[found.end() :]], self._chunks)
                self._begin(found.group())
        return True

    def _begin(self, data: bytes) -> None:
        self.data, self._lines, self.position = data, pl.Series(dtype=pl.String), 0
        codes = np.frombuffer(data, np.uint8)
        returns = np.flatnonzero(codes == ord("\r"))
        self.has_usual_ends = not data.endswith(b"\r") and bool((codes[returns + 1] == ord("\n")).all())
        if self.has_usual_ends:
            self.count = int(np.count_nonzero(codes == ord("\n"))) + (not data.endswith(b"\n"))
        else:
            self.count = sum(1 for _ in io.StringIO(data.decode(), newline=""))

    def take_record(self, delimiter: str) -> Row:
        """The record that starts here; goes on behind it."""
        return next(_Records(self._taken(), delimiter, self.first_line + self.position))

    def _taken(self) -> Iterator[str]:
        """The lines from here on; only a quoted cell goes on to a further one."""
        taken = 0
        while self.left():
            self.position += 1
            line = self.lines[self.position - 1]
            taken += len(line)
            yield line if taken < LONG_CELL or '"' in line else "\n"


def whole_lines(text: TextIO, characters: int) -> Iterator[str]:
    """A text in pieces of about so many characters that end where a line ends; cells beyond any limit are cut.

    Raises:
        QuarantineError: A line is too long for any memory.
    """
    while chunk := text.read(characters) + text.readline(LONG_CELL):
        if not chunk.endswith(("\n", "\r")):
            while piece := text.readline(LONG_CELL):
                chunk = _RUN.sub(lambda run: run.group()[:LONG_CELL], chunk + piece)
                if len(chunk) > characters + MOST_CHARACTERS:
                    raise _too_long("một dòng")
                if piece.endswith(("\n", "\r")):
                    break
        yield chunk


def _too_long(what: str) -> QuarantineError:
    return QuarantineError("too_large", what=what, found=f"> {MOST_CHARACTERS}", limit=MOST_CHARACTERS)


def _as_text(data: bytes) -> pl.Series:
    return pl.Series([data]).cast(pl.String)


def _whole_chunk(source: _Lines, delimiter: str, width: int) -> pl.DataFrame | None:
    """All records of the chunk at hand, if every quote in it is where it must be; none where it must be taken apart."""
    data = source.data
    if not source.has_usual_ends or not _has_only_usual_quotes(data, delimiter):
        return None
    frame = _read_csv(data, delimiter, width, width)
    if frame is None:
        frame = _read_csv(data, delimiter, width, width + MOST_BEYOND)
    if frame is None or frame.height != source.count:  # a row of too many cells, or a cell with line breaks
        return None
    source.position = source.count
    lines = np.arange(source.first_line, source.first_line + frame.height, dtype=np.int32)
    return frame.with_columns(pl.Series("line_number", lines))


def _has_only_usual_quotes(data: bytes, delimiter: str) -> bool:
    """Whether every quote is where it must be: around a whole cell, or doubled inside of one.

    So it is if each that opens (the first, the third, ...) stands at the start of a cell, or behind the one that closes
    with which it is a doubled one, and each that closes at the end of a cell, or before such a one that opens.
    """
    codes = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(codes == ord('"'))
    if quotes.size % 2:
        return False
    opening, closing = quotes[::2], quotes[1::2]
    before = codes[opening[opening > 0] - 1]
    after = codes[closing[closing < codes.size - 1] + 1]
    ends = [ord(delimiter), ord("\n"), ord('"')]
    return bool(np.isin(before, ends).all() and np.isin(after, [*ends, ord("\r")]).all())


def _block(source: _Lines, delimiter: str, width: int) -> pl.DataFrame:
    """The records that start in the chunk at hand, from where it stands."""
    lines, start, first_line = source.lines, source.position, source.first_line
    bare = lines.str.strip_chars_end("\r\n")
    regular = bare.str.contains(_well_formed(delimiter))
    regular &= bare.str.count_matches(delimiter, literal=True) < width + MOST_BEYOND
    regular = regular & (pl.int_range(lines.len(), eager=True) >= start)
    others: list[Row] = []
    swallowed: list[int] = []
    for position in (~regular).arg_true():
        if position < start or source.lines is not lines:
            continue
        if position < source.position:  # within the record before
            continue
        source.position = position
        others.append(source.take_record(delimiter))
        end = source.position if source.lines is lines else lines.len()
        swallowed.extend(range(position + 1, end))
    if source.lines is lines:
        source.position = lines.len()
    regular = regular.scatter(swallowed, False) if swallowed else regular
    frame = _read_some(bare, regular, first_line, delimiter, width)
    if others:
        frame = pl.concat([frame, to_frame(others, width)], how="diagonal").sort("line_number")
    return frame


def _well_formed(delimiter: str) -> str:
    """Lines whose quotes are all where they must be: around whole cells, and doubled inside of them."""
    by = f"\\x{ord(delimiter):02x}"
    line = f'(?:(?:[^"{by}\n]*|"(?:[^"]|"")*"){by})*(?:[^"{by}\n]*|"(?:[^"]|"")*")'
    return f"^(?:{line}\n)*(?:{line})?$"


def _read_some(bare: pl.Series, which: pl.Series, first_line: int, delimiter: str, width: int) -> pl.DataFrame:
    """Those lines of a chunk that are well formed."""
    numbers = (which.arg_true() + first_line).cast(pl.Int32).alias("line_number")
    if numbers.is_empty():
        return pl.DataFrame(schema={f"c{n}": pl.String for n in range(width)} | {"line_number": pl.Int32})
    data = bare.filter(which).str.join("\n").item().encode() + b"\n"
    frame = _read_csv(data, delimiter, width, width + MOST_BEYOND)
    assert frame is not None  # noqa: S101 - no line among them has more cells
    return frame.with_columns(numbers)


def _read_csv(data: bytes, delimiter: str, width: int, most: int) -> pl.DataFrame | None:
    """The records of at least `width` columns, as far right as anything stands; none if one has more than `most`."""
    schema = {f"c{position}": pl.String for position in range(most)}
    if data.startswith(codecs.BOM_UTF8):  # polars drops a byte order mark; here it is a character like others
        data = codecs.BOM_UTF8 + data
    try:
        frame = pl.read_csv(data, has_header=False, schema=schema, separator=delimiter, missing_columns="insert")
    except (pl.exceptions.ComputeError, pl.exceptions.SchemaError):
        return None
    frame = frame.drop(name for name in frame.columns[width:] if frame[name].null_count() == frame.height)
    return without_empty_texts(frame) if _QUOTES.search(data) else frame
