"""A workbook of more rows than one block: every row arrives once, on its own line (contract §1, §2)."""

from pathlib import Path

import polars as pl
import xlsxwriter

from sangkien.contract.delivery_name import parse_delivery_name
from sangkien.intake.cells import BATCH_ROWS
from sangkien.intake.read import Reading
from sangkien.intake.workbook import LATER_ROWS
from sangkien.settings import Limits

ROWS = BATCH_ROWS + 2 * LATER_ROWS + 7
HEADINGS = ("Mã sáng kiến", "Tên sáng kiến", "Họ và tên tác giả", "Nhóm đối tượng", "Ngày nộp", "Giá trị làm lợi")


def test_every_row_of_many_blocks_arrives_on_its_line(tmp_path: Path) -> None:
    file = tmp_path / "initiatives_2023-08-31.xlsx"
    with xlsxwriter.Workbook(str(file), {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        for row in range(1, ROWS + 1):
            benefit = row if row > BATCH_ROWS else str(row)  # numbers of its own only where the later blocks are
            sheet.write_row(row, 0, (f"SK{row:06d}", "Cải tiến", "Lê Thị Hoa", "1", "05/03/2022", benefit))
    name = parse_delivery_name(file.name)
    assert name is not None

    blocks = list(Reading(file, name, Limits()).landing())

    assert [block.accepted.height for block in blocks] == [BATCH_ROWS - 1, LATER_ROWS, LATER_ROWS, 8]
    landed = pl.concat(block.accepted for block in blocks)
    assert landed["line_number"].to_list() == list(range(2, ROWS + 2))
    assert landed["initiative_code"].to_list() == [f"SK{row:06d}" for row in range(1, ROWS + 1)]
    assert landed["benefit"].to_list() == [str(row) for row in range(1, ROWS + 1)]
    assert [block.natives.width for block in blocks] == [0, 1, 1, 1]
