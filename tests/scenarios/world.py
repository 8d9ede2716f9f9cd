"""One inbox for all scenarios: which files arrive on which day, so that a real run of the product costs few nights."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from tests.scenarios import cases_places
from tests.scenarios.build import (
    QUOTA_HEADINGS,
    csv_file,
    initiative,
    put,
    xlsx_file,
)
from tests.scenarios.cases_columns import COLUMN_CASES
from tests.scenarios.cases_containers import CONTAINER_CASES
from tests.scenarios.cases_deliveries import DELIVERY_CASES
from tests.scenarios.cases_duplicates import DUPLICATE_CASES
from tests.scenarios.cases_encodings import ENCODING_CASES
from tests.scenarios.cases_fulls import FULL_CASES
from tests.scenarios.cases_lines import LINE_CASES
from tests.scenarios.cases_quarantine import QUARANTINE_CASES
from tests.scenarios.cases_quotas import QUOTA_CASES
from tests.scenarios.cases_rows import EXPORT, ROW_CASES, RowCase
from tests.scenarios.file_case import FileCase
from tests.scenarios.nights_case import SAME, NightsCase, Rows

READING_CASES = [*LINE_CASES, *CONTAINER_CASES, *ENCODING_CASES, *COLUMN_CASES]
NIGHTS_CASES = [*DUPLICATE_CASES, *FULL_CASES, *DELIVERY_CASES]

FIRST_NIGHT = date(2023, 10, 1)
ROW_UNITS = {"csv": "ldld-yen-bai", "xlsx": "ldld-vinh-phuc"}
QUARANTINE_UNIT = "ldld-vinh-long"
READING_UNIT = "ldld-tuyen-quang"

_FIXED = {
    *ROW_UNITS.values(),
    QUARANTINE_UNIT,
    READING_UNIT,
    cases_places.UNIT,
    *(one.unit_code for one in QUOTA_CASES),
}
_PUBLISHED = {"ldld-quang-ninh", "ldld-bac-giang", "ldld-long-an", "ldld-hung-yen"}
_UNIT_FILE = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds" / "units.csv"
_SHARED_UNITS = Path("/work/shared/reference/units.csv")


def _free_units() -> Iterator[str]:
    path = _UNIT_FILE if _UNIT_FILE.exists() else _SHARED_UNITS
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    return iter(sorted({line.split(",")[0] for line in lines} - _FIXED - _PUBLISHED))


def _allocate() -> dict[tuple[str, str], str]:
    """The unit code of each scenario's letter; within a scenario in ascending order."""
    free = _free_units()
    units = {}
    for case in NIGHTS_CASES:
        letters = {unit for night in case.nights for unit, _ in night}
        for letter in sorted(letters):
            units[case.name, letter] = next(free)
    return units


UNITS = _allocate()


def unit_of(case: NightsCase, letter: str) -> str:
    """The real unit code of a scenario's letter."""
    return UNITS[case.name, letter]


def dated(name: str) -> str:
    """A file name or day with `D3` for 2023-08-03."""
    return re.sub(r"D([1-9])", r"2023-08-0\1", name)


def row_code(case: RowCase) -> str:
    """The code of a row case."""
    return f"RC{ROW_CASES.index(case):03d}"


def file_name(case: FileCase) -> str:
    """The name of a file case, with an export date of its own where it leaves one open."""
    number = (QUARANTINE_CASES if case in QUARANTINE_CASES else READING_CASES).index(case)
    return case.file_name.format((date(2023, 5, 1) + timedelta(days=number)).isoformat())


@functools.cache
def nights() -> list[tuple[date, dict[str, bytes]]]:
    """Each night's day and the files that are put into the inbox before it, by their place."""
    count = max(len(case.nights) for case in NIGHTS_CASES)
    result: list[tuple[date, dict[str, bytes]]] = [(FIRST_NIGHT + timedelta(days=night), {}) for night in range(count)]
    result[0][1].update(_first_night())
    for case in NIGHTS_CASES:
        for night, files in enumerate(case.nights):
            for (letter, name), content in files.items():
                place = f"{unit_of(case, letter)}/{dated(name)}"
                result[night][1][place] = (
                    content if isinstance(content, bytes) else _rows_file(case, letter, name, content)
                )
    return result


def arrive(inbox: Path, files: dict[str, bytes]) -> None:
    """Put a night's files into the inbox."""
    for place, content in files.items():
        put(inbox, place, content)


def _first_night() -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for kind, write in (("csv", csv_file), ("xlsx", xlsx_file)):
        cases = [case for case in ROW_CASES if case.only in ("", kind)]
        rows = [initiative(kind, row_code(case), case.changes) for case in cases]
        files[f"{ROW_UNITS[kind]}/initiatives_{EXPORT}.{kind}"] = write(rows)
    for file_case in QUARANTINE_CASES:
        files[f"{QUARANTINE_UNIT}/{file_name(file_case)}"] = file_case.content
    for file_case in READING_CASES:
        files[f"{READING_UNIT}/{file_name(file_case)}"] = file_case.content
    for place_case in cases_places.PLACE_CASES:
        files[place_case.place] = cases_places.CONTENT
    for quota_case in QUOTA_CASES:
        for name, rows in quota_case.files.items():
            content = xlsx_file(rows, QUOTA_HEADINGS) if name.endswith("xlsx") else csv_file(rows, QUOTA_HEADINGS)
            files[f"{quota_case.unit_code}/{name}"] = content
    return files


def _rows_file(case: NightsCase, letter: str, name: str, rows: Rows) -> bytes:
    """A scenario's rows; texts common to them bear the scenario's number, so that no two scenarios meet."""
    number = NIGHTS_CASES.index(case)
    written = []
    for code, changes in rows:
        row = initiative(f"{number}{letter}", code, changes)
        if changes.keys() >= SAME.keys():
            row |= {key: f"{row[key]} {number}" for key in SAME}
        written.append(row)
    return (xlsx_file if name.endswith(".xlsx") else csv_file)(written)
