"""The good files of the corpus: the six initiatives of expected/rows.yml in a covering set of forms.

Every format meets every layout that it can have, and most encodings; all else takes turns.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any

import yaml

from tests.corpus.encodings import ENCODE, IN_A_FONT
from tests.corpus.formats import TEXTS, WORKBOOKS, Cell, write
from tests.corpus.layouts import LAYOUTS, in_font
from tests.corpus.styles import AMOUNTS, DATES, NATIVE_AMOUNTS, NATIVE_DATES, AmountStyle
from tests.scenarios.build import HEADINGS

EXPECTED = Path(__file__).parent / "expected"

_KINDS = (*TEXTS, "html", *WORKBOOKS)
_DELIMITERS = (",", ";", "\t", "|")
_NEEDS_MERGED_CELLS = "two-row header"
_DATE_FIELDS = ("applied_on", "recognised_on", "submitted_on", "author_birth")
_QUARANTINED = "header in row 31"
_NEEDS_SHEETS = "second sheet"


@cache
def expected(name: str) -> Any:
    """What was written by hand into one of the files of `expected/`."""
    return yaml.safe_load((EXPECTED / f"{name}.yml").read_text("utf-8"))


@dataclass(frozen=True)
class Form:
    """How a table is written. `encoding`: of a text, or the font in which the cells of a workbook were typed."""

    kind: str
    layout: str
    encoding: str
    dates: str
    amounts: str
    delimiter: str

    @property
    def is_text(self) -> bool:
        """Whether its dates and numbers are texts, in a file that has an encoding."""
        return self.kind not in WORKBOOKS

    def __str__(self) -> str:
        return ", ".join(vars(self).values()).replace("\t", "tab")


@cache
def forms() -> tuple[Form, ...]:
    """The covering set."""
    turns = {name: cycle(values) for name, values in _turns().items()}

    def turn(name: str) -> str:
        return next(turns[name])

    found = []
    for kind in _KINDS:
        sort = "workbook" if kind in WORKBOOKS else "text"
        dates = "page" if kind == "html" else sort
        for layout in LAYOUTS:
            if _can_have(kind, layout):
                form = Form(
                    kind,
                    layout,
                    turn(f"encoding of a {sort}"),
                    turn(f"dates of a {dates}"),
                    turn(f"amounts of a {sort}"),
                    "\t" if kind == "tsv" else turn("delimiter"),
                )
                found.append(form)
    return tuple(found)


def _turns() -> dict[str, list[str]]:
    """What takes turns; common styles come twice, so that the turns have no common divisor and all of them meet."""
    common = ["d/m/yyyy", "iso", "d/m/yyyy hh:mm"]
    return {
        "encoding of a text": list(ENCODE),
        "encoding of a workbook": ["unicode", *IN_A_FONT],
        "dates of a text": [*common, *(style for style in DATES if style not in NATIVE_DATES)],
        "dates of a workbook": [*common, *(style for style in DATES if style != "serial text")],
        # Whether serials typed as text in a page are dates is open: it is neither "text file" nor "workbook".
        "dates of a page": [*common, *(style for style in DATES if style not in (*NATIVE_DATES, "serial text"))],
        "amounts of a text": [style for style in AMOUNTS if style not in NATIVE_AMOUNTS],
        "amounts of a workbook": list(AMOUNTS),
        "delimiter": list(_DELIMITERS),
    }


def _can_have(kind: str, layout: str) -> bool:
    if layout == _NEEDS_MERGED_CELLS:
        return kind not in TEXTS
    return layout != _NEEDS_SHEETS or kind in ("xlsx", "xlsm", "xls")


def content(form: Form) -> bytes:
    """The file of a form."""
    amounts = AMOUNTS[form.amounts]
    headings = dict(HEADINGS)
    headings["benefit"] += amounts.in_heading
    if amounts.unit is None:
        del headings["benefit_unit"]
    rows = [[_cell(row["values"], field, form) for field in headings] for row in expected("rows")]
    grid = LAYOUTS[form.layout](list(headings.values()), rows)
    if form.is_text:
        return write(grid, form.kind, form.encoding, form.delimiter)
    return write(in_font(grid, IN_A_FONT[form.encoding]), form.kind)


def _cell(values: dict[str, Any], field: str, form: Form) -> Cell:
    if field == "benefit_unit":
        return AMOUNTS[form.amounts].unit
    value = values[field]
    if field == "benefit" and isinstance(value, int):
        return AMOUNTS[form.amounts].cell(Decimal(value))
    if isinstance(value, date):
        # Births lie before the days that are read as serials in texts.
        style = "d/m/yyyy" if form.dates == "serial text" and field == "author_birth" else form.dates
        return DATES[style](value)
    return value if value is None else str(value)


def outcome(form: Form) -> dict[str, Any]:
    """What was written down by hand for a form: of its layout, its rows, and what must be recorded."""
    told, rows = expected("decisions"), expected("rows")
    if form.layout == _QUARANTINED:
        return {"quarantined": ["no_header"]}
    layout = expected("layouts")[form.layout]
    style = AMOUNTS[form.amounts]
    decided = told["encoding" if form.is_text else "font"][form.encoding] | {"header_line": layout["header_line"]}
    if form.kind in TEXTS:
        decided |= {"delimiter": form.delimiter}
    if form.amounts not in NATIVE_AMOUNTS:
        decided |= {"number_style": told["number_style"].get(form.amounts, "vietnamese")}
    if form.dates not in NATIVE_DATES:
        order = told["day_order"].get(form.dates, "day_first")
        decided |= {"day_order": dict.fromkeys(_DATE_FIELDS, order)}
    return {
        "status": "accepted",
        "read": len(rows),
        "rejected": 0,
        "skipped": layout["skipped"],
        "decisions": decided,
        "landing": [_landed(row["values"], line) for row, line in zip(rows, layout["lines"], strict=True)],
        "staging": [_staged(row, line, style) for row, line in zip(rows, layout["lines"], strict=True)],
    }


def _landed(values: dict[str, Any], line: int) -> dict[str, Any]:
    """The texts; how dates and amounts are kept is a matter of their style."""
    texts = {field: value for field, value in values.items() if isinstance(value, str) and field != "benefit"}
    return {"line_number": line, **texts}


def _staged(row: dict[str, Any], line: int, style: AmountStyle) -> dict[str, Any]:
    values = row["values"]
    amount = values["benefit"] if isinstance(values["benefit"], int) else None
    money: dict[str, Any] = {"benefit_vnd": amount, "benefit_amount": amount}
    if amount is not None:
        money |= {"benefit_currency": "VND", "benefit_per_year": style.per_year}
    dates = {field: values[field] for field in ("applied_on", "recognised_on", "submitted_on")}
    return {"line_number": line, "initiative_code": values["initiative_code"], **dates, **money, **row["staging"]}
