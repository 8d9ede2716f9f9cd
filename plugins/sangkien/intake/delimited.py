"""Delimited text: numbered rows of cells, at the speed of a columnar reader wherever that reads exactly the same.

Python's csv module decides what a record is. A physical line whose quotes are well formed reads the same in any
reader: those go to polars, many at a time. Every other line (a cell with line breaks, a stray quote, too many cells)
goes to the csv module, with the lines that its record goes on to.
"""

import csv
import io
import re
from collections.abc import Iterator
from typing import TextIO

import polars as pl

from sangkien.intake.cells import MOST_BEYOND, Row, to_frame, without_empty_texts
from sangkien.intake.quarantine import QuarantineError

LONG_CELL = 2**22  # characters; no limit of a cell is set higher, so what comes after them need not be kept
MOST_CHARACTERS = 2**25  # of a line, and of a cell: memory must end somewhere
_MANY_LINES = re.compile(r"(?:[^\r\n]*+(?:\r\n|\n|\r)){100000}+")  # a row of a frame takes room even if it is empty
_RUN = re.compile(r"""[^",;\t|\r\n]++""")

csv.field_size_limit(MOST_CHARACTERS)


def head_rows(chunks: Iterator[str], delimiter: str) -> Iterator[Row]:
    """The records of a text, one after the other, with the physical line on which each starts.

    Raises:
        QuarantineError: A quoted cell is still open at the end.
    """
    return _Records((line for chunk in chunks for line in io.StringIO(chunk, newline="")), delimiter, 1)


def blocks(chunks: Iterator[str], delimiter: str, width: int) -> Iterator[pl.DataFrame]:
    """The records of a text as frames, as `cells.to_frame` makes them.

    Args:
        chunks: The text in pieces that end where a line ends.
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

    def __init__(self, chunks: Iterator[str]) -> None:
        self._chunks = chunks
        self.text, self._lines, self.count = "", pl.Series(dtype=pl.String), 0
        self.first_line, self.position = 1, 0

    @property
    def lines(self) -> pl.Series:
        """The lines of the chunk at hand; it is only taken apart when it must be."""
        if self._lines.len() != self.count:
            self._lines = _split(self.text)
        return self._lines

    def left(self) -> bool:
        """Whether there is another line; it is in `lines` at `position`."""
        while self.position == self.count:
            chunk = next(self._chunks, None)
            if chunk is None:
                return False
            self.first_line += self.count
            self.text, self._lines, self.position = chunk, pl.Series(dtype=pl.String), 0
            self.count = _count_lines(chunk)
        return True

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
        while found := _MANY_LINES.match(chunk):
            yield found.group()
            chunk = chunk[found.end() :]
        if chunk:
            yield chunk


def _too_long(what: str) -> QuarantineError:
    return QuarantineError("too_large", what=what, found=f"> {MOST_CHARACTERS}", limit=MOST_CHARACTERS)


def _count_lines(text: str) -> int:
    if text.count("\r") != text.count("\r\n"):
        return sum(1 for _ in io.StringIO(text, newline=""))
    return text.count("\n") + (not text.endswith("\n"))


def _split(text: str) -> pl.Series:
    if text.count("\r") == text.count("\r\n"):
        lines = pl.Series([text]).str.split("\n", inclusive=True).explode()
        return lines.filter(lines != "")
    return pl.Series(io.StringIO(text, newline="").readlines())


def _whole_chunk(source: _Lines, delimiter: str, width: int) -> pl.DataFrame | None:
    """All records of the chunk at hand, if every quote in it is where it must be; none where it must be taken apart."""
    text = source.text.replace("\r\n", "\n")
    if "\r" in text or not pl.Series([text]).str.contains(_well_formed(delimiter)).item():
        return None
    try:
        frame = _read_csv(text, delimiter, width)
    except (pl.exceptions.ComputeError, pl.exceptions.SchemaError):  # a row of too many cells
        return None
    if frame.height != source.count:  # a cell with line breaks
        return None
    source.position = source.count
    return frame.with_columns(
        pl.int_range(source.first_line, source.first_line + frame.height, dtype=pl.Int32).alias("line_number")
    )


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
    return _read_csv(bare.filter(which).str.join("\n").item() + "\n", delimiter, width).with_columns(numbers)


def _read_csv(text: str, delimiter: str, width: int) -> pl.DataFrame:
    schema = {f"c{position}": pl.String for position in range(width + MOST_BEYOND)}
    # Polars drops a byte order mark; here it is a character like others.
    data = ("\ufeff" * text.startswith("\ufeff") + text).encode()
    frame = pl.read_csv(data, has_header=False, schema=schema, separator=delimiter, missing_columns="insert")
    beyond = [name for name in frame.columns[width:] if frame[name].null_count() < frame.height]
    return without_empty_texts(frame.select(*frame.columns[:width], *beyond))
