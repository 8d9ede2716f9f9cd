"""A large workbook, read by us and by python-calamine alone, which is the limit of what a reader over it can do."""

from pathlib import Path

import python_calamine
import xlsxwriter

from bench.measure import Measured, in_processes, report
from bench.programme import HEADINGS
from sangkien.contract.delivery_name import parse_delivery_name
from sangkien.intake.read import Reading
from sangkien.settings import Limits

ROWS = 100_000


def bench_spreadsheet(folder: Path, rows: int = ROWS, runs: int = 3) -> None:
    """Measure both, in turn, and report."""
    file = folder / "initiatives_2023-08-31.xlsx"
    if not file.exists():
        _write(file, rows)
    calamine, ours = Measured("python-calamine alone", [], 0), Measured("sangkien: rows for landing", [], 0)
    for _ in range(runs):
        for contender, work in ((calamine, _calamine), (ours, _landing)):
            seconds, rss, _ = in_processes(work, [(file,)])
            contender.seconds.append(seconds)
            contender.peak_rss_mib = max(contender.peak_rss_mib, rss)
    facts = {"rows": rows, "columns": len(HEADINGS), "MiB": file.stat().st_size >> 20}
    report("spreadsheet", calamine.name, [calamine, ours], facts)


def _calamine(file: Path) -> int:
    return len(python_calamine.CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python())


def _landing(file: Path) -> int:
    name = parse_delivery_name(file.name)
    if name is None:
        raise ValueError(file)
    return sum(rows.accepted.height for rows in Reading(file, name, Limits()).landing())


def _write(file: Path, rows: int) -> None:
    """Text, dates and numbers as spreadsheets hold them."""
    with xlsxwriter.Workbook(str(file), {"constant_memory": True}) as workbook:
        sheet, day = workbook.add_worksheet(), workbook.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, HEADINGS)
        for row in range(1, rows + 1):
            for column, heading in enumerate(HEADINGS):
                if heading.startswith("Ngày"):
                    sheet.write_number(row, column, 44_900 + row % 300, day)
                elif heading == "Giá trị làm lợi":
                    sheet.write_number(row, column, row * 1_000)
                elif heading == "Mã sáng kiến":
                    sheet.write_string(row, column, f"SK{row:06d}")
                else:
                    sheet.write_string(row, column, f"{heading} {row % 977}")
