"""Spreadsheets are read in a process of their own.

The reader (calamine) is fast, but a damaged or hostile workbook can make it panic, loop, or ask for all of the memory.
That process has a bound on its memory and a deadline; if it dies, only the one file is lost, and a new one is started.

    python -m sangkien.intake.workbook FD    serves questions on a socket until its other end is closed
"""

import ctypes
import io
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from itertools import chain, islice, repeat
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

import polars as pl
import python_calamine

from sangkien.intake.cells import BATCH_ROWS, HEAD_ROWS, Row, collector_paused, to_frame
from sangkien.intake.quarantine import QuarantineError

_PR_SET_PDEATHSIG = 1  # Linux
START_SECONDS = 60
LEAST_SECONDS, SECONDS_PER_MIB = 10, 4
# A small file may make a large table: an old workbook has at most 65,536 rows of 256 cells.
LEAST_BYTES = {True: 2**30, False: 2**31}
BYTES_PER_BYTE = 100
MOST_BYTES = 2**34
# The first rows tell how texts were typed: they are as many as a text file's. Then one block is landed while the next
# is read, and little is left to land once the last is read.
LATER_ROWS = 10_000


class Workbook:
    """A workbook that is open in the reading process; one at a time."""

    def __init__(self, path: Path, *, may_be_large: bool) -> None:
        """Open a workbook.

        Args:
            path: The file.
            may_be_large: Whether its format has room for more than memory has.

        Raises:
            QuarantineError: It cannot be opened.
        """
        size = path.stat().st_size
        self._may_be_large = may_be_large
        self._seconds = LEAST_SECONDS + SECONDS_PER_MIB * size / 2**20
        question = ("open", str(path), size, LEAST_BYTES[may_be_large])
        self._process = _process()
        try:
            self._process.connection.send(question)
        except OSError:  # it died since the last workbook
            self._process.end()
            self._process = _process()
            self._process.connection.send(question)
        self.sheet_names: list[str] = self._answer()

    def look_at(self, name: str) -> tuple[list[Row], frozenset[int]]:
        """The first rows of a sheet, and its lines with merged cells."""
        head, merged = self._ask("sheet", name)
        return head, merged

    def blocks(self, width: int) -> Iterator[pl.DataFrame]:
        """All rows of the sheet that was looked at last, as `cells.to_frame` makes them."""
        block = self._ask("blocks", width)
        try:
            while block is not None:
                frame, block = pl.read_ipc(io.BytesIO(block)), b""
                yield frame
                block = self._answer()
        finally:
            if block is not None:  # the rest is not wanted
                self._process.end()

    def _ask(self, *question: Any) -> Any:
        try:
            self._process.connection.send(question)
        except OSError as error:
            raise self._died() from error
        return self._answer()

    def _answer(self) -> Any:
        connection = self._process.connection
        try:
            if not connection.poll(self._seconds):
                self._process.end()
                raise QuarantineError(
                    "too_large", what="thời gian đọc (giây)", found=f"> {self._seconds:.0f}", limit=round(self._seconds)
                )
            answer, refused = connection.recv()
        except (EOFError, OSError) as error:
            raise self._died() from error
        if refused:
            raise QuarantineError("unreadable", detail=refused)
        return answer

    def _died(self) -> QuarantineError:
        self._process.end()
        if self._may_be_large:
            return QuarantineError("too_large", what="bộ nhớ", found="> giới hạn", limit="giới hạn")
        return QuarantineError("unreadable", detail="bộ đọc bảng tính dừng giữa chừng")


class _Process:
    """A reading process."""

    def __init__(self) -> None:
        self.connection, theirs = Pipe()
        with theirs:
            command = [sys.executable, "-m", "sangkien.intake.workbook", str(theirs.fileno())]
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stderr=subprocess.DEVNULL)
        try:
            if not self.connection.poll(START_SECONDS):
                raise TimeoutError
            self.connection.recv()
        except (EOFError, TimeoutError) as error:
            self._process.kill()
            raise OSError(
                "the process that reads spreadsheets does not start: python -m sangkien.intake.workbook"
            ) from error

    def end(self) -> None:
        """Kill it; the next workbook gets a new one."""
        _process.cache_clear()
        self.connection.close()
        self._process.kill()
        self._process.wait()


@cache
def _process() -> _Process:
    """The reading process of this process, started when it is first needed."""
    return _Process()


# the reading process ------------------------------------------------------------------------------------------------


class _Server:
    """What the reading process does with each question."""

    def __init__(self, connection: "Connection[Any, Any]") -> None:
        self._connection = connection
        self._base_bytes = _address_space()
        self._workbook: python_calamine.CalamineWorkbook | None = None
        self._rows: Iterator[Row] | None = None

    def open(self, path: str, size: int, least: int) -> list[str]:
        self._workbook = self._rows = None
        most = self._base_bytes + min(MOST_BYTES, least + BYTES_PER_BYTE * size)
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
        self._workbook = python_calamine.CalamineWorkbook.from_path(path)
        return self._workbook.sheet_names

    def sheet(self, name: str) -> tuple[list[Row], frozenset[int]]:
        assert self._workbook is not None  # noqa: S101 - `open` comes first
        sheet = self._workbook.get_sheet_by_name(name)
        left = [""] * (sheet.start[1] if sheet.start else 0)
        cells = sheet.iter_rows() if not left else ([*left, *row] for row in sheet.iter_rows())
        rows = enumerate(cells, start=1)
        head: list[Row] = list(islice(rows, HEAD_ROWS))
        self._rows = chain(head, rows)
        return head, frozenset(first_row + 1 for (first_row, _), _ in sheet.merged_cell_ranges or ())

    def blocks(self, width: int) -> None:
        assert self._rows is not None  # noqa: S101 - `sheet` comes first
        most = chain([BATCH_ROWS], repeat(LATER_ROWS))
        with collector_paused():
            while rows := list(islice(self._rows, next(most))):
                file = io.BytesIO()
                to_frame(rows, width).write_ipc(file)
                self._connection.send((file.getbuffer().tobytes(), None))


def _address_space() -> int:
    pages = Path("/proc/self/statm").read_text().split()[0]
    return int(pages) * resource.getpagesize()


def _serve(connection: "Connection[Any, Any]") -> None:
    server = _Server(connection)
    connection.send(("ready", None))
    with suppress(EOFError):
        while True:
            verb, *values = connection.recv()
            try:
                answer, refused = getattr(server, verb)(*values), None
            except BaseException as error:
                answer, refused = None, type(error).__name__
            connection.send((answer, refused))


if __name__ == "__main__":
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # whoever waits for it is gone: nobody would stop it
    _serve(Connection(int(sys.argv[1])))
