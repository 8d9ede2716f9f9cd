"""Spreadsheets that leave the house: nothing in them can run as a formula when they are opened."""

import io
from pathlib import Path

import polars as pl
import xlsxwriter

# What a spreadsheet may take for the beginning of a formula.
_FORMULA = r"^[=+\-@\t\r]"
_TEXT_STAYS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def open_workbook(target: io.BytesIO | Path, *, date_1904: bool = False) -> xlsxwriter.Workbook:
    """A new workbook, to be used in a `with` statement; a text written into it is a string cell, whatever it holds."""
    options = _TEXT_STAYS_TEXT | {"date_1904": date_1904}
    if isinstance(target, Path):
        return xlsxwriter.Workbook(str(target), options)
    return xlsxwriter.Workbook(target, options | {"in_memory": True})


def formula_safe(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with an apostrophe before each text that a spreadsheet would run: a CSV cannot say that it is text."""
    return frame.with_columns(pl.col(pl.String).str.replace(f"({_FORMULA})", "'$1"))
