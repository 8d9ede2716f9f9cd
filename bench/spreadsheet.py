"""A large workbook, read by us and by python-calamine alone, which is the limit of what a reader over it can do."""

from pathlib import Path

import python_calamine
import xlsxwriter

from bench.measure import Measured, in_processes, report
from bench.peer import peer_seconds, peer_versions, run_peer
from bench.programme import HEADINGS
from bench.sizes import WORKBOOK_ROWS
from sangkien.contract.delivery_name import parse_delivery_name
from sangkien.intake.read import Reading
from sangkien.settings import Limits


def bench_spreadsheet(folder: Path, rows: int = WORKBOOK_ROWS, runs: int = 3, *, peers: bool = False) -> None:
    """Measure them in turn, and report. `peers`: openpyxl too, once, in an environment made for it."""
    file = folder / "initiatives_2023-08-31.xlsx"
    if not file.exists():
        _write(file, rows)
    calamine, ours = Measured("python-calamine alone"), Measured("sangkien: rows for landing")
    for _ in range(runs):
        for contender, work in ((calamine, _calamine), (ours, _landing)):
            seconds, rss, _ = in_processes(work, [(file,)])
            contender.add(seconds, rss)
    contenders = [calamine, ours]
    if peers:
        seen = run_peer("tools", "openpyxl_rows.py", [file])
        contenders.append(Measured("openpyxl"))
        contenders[-1].add(peer_seconds(seen), seen.peak_rss_mib)
    facts = {"rows": rows, "columns": len(HEADINGS), "MiB": file.stat().st_size >> 20}
    report("spreadsheet", calamine.name, contenders, facts, peer_versions() if peers else None)


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
