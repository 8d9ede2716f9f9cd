"""One opened delivery as typed rows, with the rules that look at a row or its file alone (CONTRACT §1, §2, §4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from tests.oracle import delimited
from tests.oracle.cells import Cell, Limits, QuarantineError, Sheet, filled, shown
from tests.oracle.container import Document
from tests.oracle.delivery_name import DeliveryName
from tests.oracle.fields import DATASETS, QUOTA_PHASES, QUOTA_TYPES, Dataset
from tests.oracle.layout import (
    HEADER_SEARCH_ROWS,
    Header,
    classify,
    find_header,
    heading_unit,
    resolve_columns,
)
from tests.oracle.legacy import CONVERSIONS, conversion_of, plausibility
from tests.oracle.reference import Reference
from tests.oracle.rules import Row, judge_row
from tests.oracle.text import SOFT_HYPHEN, code_key, drop_controls, is_null, match_key
from tests.oracle.values import (
    DateValue,
    is_month_first,
    number_style,
    read_benefit,
    read_date,
    read_number,
)


@dataclass
class QuotaRow:
    """One row of a quotas delivery; `quota` is None for a rejected one (Q01 and the other R rules)."""

    line: int
    union: str
    parent_union: str
    phase: str | None
    quota_type: str | None
    quota: Decimal | None
    effective_from: date | None
    rules: set[str] = field(default_factory=set)


@dataclass
class Table:
    """What a delivery holds. `codes` are the code keys of all data rows, rejected ones included."""

    rows: list[Row] = field(default_factory=list)
    quotas: list[QuotaRow] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    rows_read: int = 0
    rows_rejected: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    encoding: str | None = None
    rules: set[str] = field(default_factory=set)

    @property
    def rows_skipped(self) -> int:
        return sum(self.skipped.values())


def read_table(document: Document, name: DeliveryName, reference: Reference, limits: Limits) -> Table:
    """Type every row of a delivery.

    Raises:
        QuarantineError: no header, a mandatory column missing, an open quote, a limit, a full without rows.
    """
    dataset = DATASETS[name.dataset]
    chosen = _choose_sheet(document, dataset)
    sheet, header = chosen.sheet, chosen.header
    if sheet.open_quote is not None:
        raise QuarantineError("open_quote", f"line {sheet.open_quote}")
    columns = resolve_columns(header, dataset, limits)
    sheet = _mend_columns(sheet, header)
    classes = classify(sheet, header, columns)
    table = Table(encoding=chosen.encoding)
    for row_class in classes:
        if row_class not in ("data", "header"):
            table.skipped[row_class] = table.skipped.get(row_class, 0) + 1
    data = [record for record, row_class in zip(sheet.rows, classes, strict=True) if row_class == "data"]
    if len(data) > limits.rows:
        raise QuarantineError("too_many_rows")
    if name.full and name.part == 0 and not data:
        raise QuarantineError("full_without_rows")
    table.rows_read = len(data)
    reader = _Reader(sheet, header, columns, data, dataset)
    if name.dataset == "initiatives":
        _initiatives(table, reader, name, reference, limits)
    else:
        _quotas(table, reader, limits)
    return table


# --- which sheet, delimiter and encoding ------------------------------------------------------------------------------


@dataclass
class _Choice:
    """A sheet with its header under one reading of the document."""

    sheet: Sheet
    header: Header
    encoding: str
    plausible: float

    @property
    def rank(self) -> tuple[int, float]:
        return len(self.header.columns), self.plausible


def _choose_sheet(document: Document, dataset: Dataset) -> _Choice:
    """The first sheet with a header, under the encoding and delimiter whose header knows most fields.

    Only when no header is recognised as the text stands, the whole file is read as typed in a legacy font.
    """
    for name, convert in (("", None), *CONVERSIONS):
        readings = _readings(document, name, convert)
        choices = [choice for reading in readings if (choice := _first_header(*reading, dataset)) is not None]
        if choices:
            chosen = max(choices, key=lambda choice: choice.rank)
            if document.texts and not document.workbooks:
                chosen.sheet = _text_sheet(chosen.sheet.text, chosen.sheet.delimiter)
            return chosen
    raise QuarantineError("no_header")


def _readings(
    document: Document, name: str, convert: Callable[[str], str] | None
) -> Iterator[tuple[str, float, list[Sheet]]]:
    """Every way to read a document as it stands, or as a legacy font: (encoding, plausibility, sheets)."""
    for encoding, text in document.texts:
        cleaned = drop_controls(convert(text) if convert else text, keep=SOFT_HYPHEN)
        plausible = plausibility(cleaned) if len(document.texts) > 1 else 1.0
        for delimiter in delimited.DELIMITERS:
            yield f"{encoding} {name}".strip(), plausible, [_text_sheet(cleaned, delimiter, HEADER_SEARCH_ROWS)]
    for workbook_encoding, sheets in document.workbooks:
        converted = [_converted(sheet, convert) for sheet in sheets] if convert else sheets
        yield f"{workbook_encoding or ''} {name}".strip(), 1.0, converted


def _first_header(encoding: str, plausible: float, sheets: list[Sheet], dataset: Dataset) -> _Choice | None:
    for sheet in sheets:
        header = find_header(sheet, dataset)
        if header is not None:
            return _Choice(sheet, header, encoding, plausible)
    return None


def _converted(sheet: Sheet, convert: Callable[[str], str], only: set[int] | None = None, below: int = -1) -> Sheet:
    """A sheet with its texts converted: in some columns and below some row only, where that is given."""

    def cell(row: int, column: int, value: Cell) -> Cell:
        wanted = row > below and (only is None or column in only)
        return convert(value) if wanted and isinstance(value, str) else value

    rows = [
        (line, [cell(row, column, value) for column, value in enumerate(cells)])
        for row, (line, cells) in enumerate(sheet.rows)
    ]
    return replace(sheet, rows=rows)


def _mend_columns(sheet: Sheet, header: Header) -> Sheet:
    """§1: under a Unicode header, a column typed in a legacy font is decoded."""
    for column in range(header.last_column + 1):
        texts = [
            cells[column]
            for _, cells in sheet.rows[header.last_row + 1 :]
            if column < len(cells) and isinstance(cells[column], str)
        ]
        conversion = conversion_of([text for text in texts if isinstance(text, str)])
        if conversion is not None:
            sheet = _converted(sheet, conversion[1], {column}, header.last_row)
    return sheet


def _text_sheet(text: str, delimiter: str, most: int | None = None) -> Sheet:
    """The records of a text as a sheet; the first `most` of them only, where that is given."""
    sheet = Sheet([], is_text=True, text=text, delimiter=delimiter)
    try:
        for line, cells in delimited.records(text, delimiter):
            sheet.rows.append((line, list(cells)))
            if most is not None and len(sheet.rows) >= most:
                break
    except delimited.OpenQuoteError as error:
        sheet.open_quote = error.line
    return sheet


# --- rows -------------------------------------------------------------------------------------------------------------


class _Reader:
    """The cells of a table by field, typed as their column decides."""

    def __init__(
        self,
        sheet: Sheet,
        header: Header,
        columns: dict[str, int],
        data: list[tuple[int, list[Cell]]],
        dataset: Dataset,
    ) -> None:
        self.sheet, self.header, self.columns, self.data = sheet, header, columns, data
        self.month_first = {name: is_month_first(self.column(name)) for name in dataset.dates}
        self.styles = {name: number_style(self.column(name)) for name in dataset.numbers}
        self.heading_unit = heading_unit(header, columns)

    def column(self, name: str) -> list[Cell]:
        return [self.cell(cells, name) for _, cells in self.data]

    def cell(self, cells: list[Cell], name: str) -> Cell:
        column = self.columns.get(name)
        return cells[column] if column is not None and column < len(cells) else ""

    def text(self, cells: list[Cell], name: str) -> str | None:
        """§2: the text, or None when it is null."""
        value = shown(self.cell(cells, name))
        return None if is_null(value) else value

    def date(self, cells: list[Cell], name: str) -> DateValue:
        return read_date(
            self.cell(cells, name),
            month_first=self.month_first[name],
            is_text=self.sheet.is_text,
            date1904=self.sheet.date1904,
            birth=name == "author_birth",
        )

    def rejections(self, cells: list[Cell], limits: Limits) -> set[str]:
        """§4: R02 and R03."""
        rules = set()
        last = self.header.last_column
        if last < len(cells) and filled(cells[last]) and any(map(filled, cells[last + 1 :])):
            rules.add("R02")
        if any(isinstance(cell, str) and len(cell.encode()) > limits.cell_bytes for cell in cells):
            rules.add("R03")
        return rules


def _initiatives(table: Table, reader: _Reader, name: DeliveryName, reference: Reference, limits: Limits) -> None:
    loaded: set[str] = set()
    for line, cells in reader.data:
        code = reader.text(cells, "initiative_code")
        rules = reader.rejections(cells, limits)
        if code is None:
            rules.add("R01")
        else:
            table.codes.add(code_key(code))
        if rules:
            table.rows_rejected += 1
            table.rules |= rules
            continue
        assert code is not None
        row = Row(
            line=line,
            initiative_code=code,
            texts={field_name: reader.text(cells, field_name) for field_name in reader.columns},
            dates={field_name: reader.date(cells, field_name) for field_name in reader.month_first},
            benefit=read_benefit(
                reader.cell(cells, "benefit"),
                reader.cell(cells, "benefit_unit"),
                reader.heading_unit,
                reader.styles["benefit"],
            ),
        )
        judge_row(row, name.export_date, reference)
        if code_key(code) in loaded:
            row.rules.add("W08")
        loaded.add(code_key(code))
        table.rules |= row.rules
        table.rows.append(row)


def _quotas(table: Table, reader: _Reader, limits: Limits) -> None:
    for line, cells in reader.data:
        rules = reader.rejections(cells, limits)
        phase = QUOTA_PHASES.get(match_key(reader.text(cells, "phase") or ""))
        quota_type = QUOTA_TYPES.get(match_key(reader.text(cells, "quota_type") or ""))
        quota = read_number(reader.cell(cells, "quota"), reader.styles["quota"])
        if phase is None or quota_type is None or quota is None or not isinstance(quota, Decimal) or quota < 0:
            rules.add("Q01")
        if rules:
            table.rows_rejected += 1
            table.rules |= rules
            continue
        assert isinstance(quota, Decimal)
        effective_from = reader.date(cells, "effective_from")
        table.quotas.append(
            QuotaRow(
                line,
                reader.text(cells, "union") or "",
                reader.text(cells, "parent_union") or "",
                phase,
                quota_type,
                quota,
                effective_from if isinstance(effective_from, date) else None,
            )
        )
