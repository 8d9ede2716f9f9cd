"""Read one delivery: from a file's bytes to its rows as delivered (contract §1, §2)."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from sangkien.contract.delivery_name import DeliveryName
from sangkien.contract.fields import fields
from sangkien.contract.text import clean, code_key
from sangkien.intake import classify
from sangkien.intake.cells import as_json, cell_columns
from sangkien.intake.layout import LEAST_KNOWN_FIELDS, Layout, find_layout
from sangkien.intake.legacy import DECODERS, decide_columns, decoded_rows
from sangkien.intake.quarantine import QuarantineError
from sangkien.intake.tables import Sheet, sheets
from sangkien.intake.typed import by_distinct
from sangkien.intake.waiting import Evidence
from sangkien.settings import Limits

NOTHING_REJECTED = pl.DataFrame(
    schema={"line_number": pl.Int32, "rule_code": pl.String, "code_key": pl.String, "cells": pl.String}
)


@dataclass
class RowCounts:
    """How the lines of a delivery are accounted for: `read = accepted + rejected`; skipped lines are counted apart."""

    read: int = 0
    accepted: int = 0
    rejected: int = 0
    skipped: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class LandingBatch:
    """Some rows of a delivery, as delivered.

    Attributes:
        accepted: `line_number`, the dataset's fields and `unknown_columns` (JSON).
        rejected: `line_number`, `rule_code`, `code_key` and `cells` (JSON).
        natives: Of the accepted rows, `native_<field>` where a spreadsheet has numbers of its own in a field.
    """

    accepted: pl.DataFrame
    rejected: pl.DataFrame
    natives: pl.DataFrame


class Reading:
    """One delivery being read."""

    def __init__(self, path: Path, name: DeliveryName, limits: Limits) -> None:
        """Open the file and find its header.

        Raises:
            QuarantineError: The file cannot be taken.
        """
        self._name, self._limits = name, limits
        self.counts = RowCounts()
        self._sheet, self.layout = self._find_sheet(path)
        self.evidence = Evidence(
            name.dataset,
            self.layout,
            text_file=not self._sheet.name,
            date_1904=self._sheet.decisions.get("date_1904", False),
        )
        self._legacy_columns: dict[str, str] | None = None

    @property
    def decisions(self) -> dict[str, Any]:
        """What was decided to read this delivery, for the receipt; complete once its rows are typed."""
        columns = {c.heading: c.field for c in self.layout.columns if c.field}
        unknown = [c.heading for c in self.layout.columns if not c.field and not c.ignored and c.heading]
        return {
            **self._sheet.decisions,
            "header_line": self.layout.header_line,
            "columns": columns,
            "unknown_columns": unknown,
            **self.evidence.decisions(),
        }

    @property
    def merged_lines(self) -> frozenset[int]:
        """The lines with merged cells, of which a header may have two."""
        return self._sheet.merged_lines

    def blocks(self) -> Iterator[pl.DataFrame]:
        """All rows, from the first line on, as `cells.to_frame` makes them; of a workbook they can be had once."""
        return self._sheet.blocks(len(self.layout.columns))

    def account(self) -> dict[str, Any]:
        """How the delivery's lines are accounted for, and what was decided: columns of ops.delivery."""
        return {
            "rows_read": self.counts.read,
            "rows_accepted": self.counts.accepted,
            "rows_rejected": self.counts.rejected,
            "rows_skipped": self.counts.skipped.total(),
            "skipped_by_class": {line_class: n for line_class, n in sorted(self.counts.skipped.items()) if n},
            "decisions": self.decisions,
        }

    def landing(self) -> Iterator[LandingBatch]:
        """The rows as delivered.

        Raises:
            QuarantineError: The file turns out not to be readable to its end, or to break a limit.
        """
        short_lines: list[int] = []
        last_data_line = 0
        for block in self.blocks():
            below_header = block["line_number"].search_sorted(self.layout.header_line, "right")
            frame = self._decoded(block.slice(below_header))
            marked = classify.classify(frame, self.layout, self._name.dataset, self._limits)
            self._count(marked)
            short_lines.extend(marked["line_number"].filter(marked["line_class"] == classify.SHORT))
            data_lines = marked["line_number"].filter(marked["line_class"] == classify.DATA)
            last_data_line = max([last_data_line, *data_lines.tail(1)])
            yield self._land(marked)
        self.counts.skipped["group_heading"] = sum(line < last_data_line for line in short_lines)
        self.counts.skipped["footer"] = sum(line > last_data_line for line in short_lines)
        if self._name.is_full and self._name.part_no == 0 and self.counts.read == 0:
            raise QuarantineError("full_without_rows")

    def _find_sheet(self, path: Path) -> tuple[Sheet, Layout]:
        """The first sheet whose header is recognised; of a text, the delimiter that gives the most known fields."""
        found: list[tuple[int, Sheet, Layout]] = []
        missing: QuarantineError | None = None
        for sheet in sheets(path, self._limits):
            try:
                if sheet.trouble:
                    raise sheet.trouble
                layout = self._find_layout(sheet, may_be_legacy=not found)
            except QuarantineError as error:
                missing = missing or error
                if sheet.name:  # its header is recognised: this is the sheet (contract §2)
                    break
                continue
            if layout is None:
                continue
            found.append((sum(c.field is not None for c in layout.columns), sheet, layout))
            if sheet.name:
                break
        if not found:
            raise missing or QuarantineError("no_header")
        _, sheet, layout = max(found, key=lambda candidate: candidate[0])
        self.counts.skipped["title"] = layout.rows_above
        width = sum(1 for column in layout.columns if column.heading)
        if width > self._limits.columns:
            raise QuarantineError("too_large", what="số cột", found=width, limit=self._limits.columns)
        return sheet, layout

    def _find_layout(self, sheet: Sheet, *, may_be_legacy: bool) -> Layout | None:
        """The header among the first rows; read as a legacy encoding where it only makes sense so."""
        layout = find_layout(sheet.head, self._name.dataset, sheet.merged_lines)
        if layout is None and may_be_legacy and any(len(cells) >= LEAST_KNOWN_FIELDS for _, cells in sheet.head):
            for name, decode in DECODERS.items():
                decoded = list(decoded_rows(sheet.head, decode))
                if layout := find_layout(decoded, self._name.dataset, sheet.merged_lines):
                    sheet.decisions["legacy_encoding"] = name
                    return layout
        return layout

    def _decoded(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Decode what was typed in a legacy font: the whole file, or the columns that the first rows tell."""
        whole = self._sheet.decisions.get("legacy_encoding")
        if whole:
            return frame.with_columns(
                by_distinct(frame[name], DECODERS[whole], pl.String) for name in cell_columns(frame)
            )
        if self._legacy_columns is None:
            self._legacy_columns = decide_columns(frame)
            if self._legacy_columns:
                self._sheet.decisions["legacy_columns"] = self._legacy_columns
        return (
            frame
            if not self._legacy_columns
            else frame.with_columns(
                by_distinct(frame[name], DECODERS[encoding], pl.String)
                for name, encoding in self._legacy_columns.items()
            )
        )

    def _count(self, marked: pl.DataFrame) -> None:
        for line_class, count in marked["line_class"].value_counts().iter_rows():
            if line_class == classify.DATA:
                self.counts.read += count
            elif line_class != classify.SHORT:
                self.counts.skipped[line_class] += count
        self.counts.rejected += marked["rejected_by"].count()
        self.counts.accepted = self.counts.read - self.counts.rejected
        if self.counts.read > self._limits.rows:
            raise QuarantineError("too_large", what="số dòng", found=self.counts.read, limit=self._limits.rows)

    def _land(self, marked: pl.DataFrame) -> LandingBatch:
        is_accepted = (marked["line_class"] == classify.DATA) & marked["rejected_by"].is_null()
        data = marked if is_accepted.all() else marked.filter(is_accepted)
        position = {c.field: c.position for c in self.layout.columns if c.field}
        nothing = pl.Series([None], dtype=pl.String).new_from_index(0, data.height)
        given = [
            (data[f"c{position[name]}"] if name in position else nothing).alias(name)
            for name in fields(self._name.dataset)
        ]
        natives = [data[f"n{at}"].alias(f"native_{name}") for name, at in position.items() if f"n{at}" in data.columns]
        accepted = pl.DataFrame([data["line_number"], *given, self._unknown_cells(data)])
        return LandingBatch(accepted, self._rejected(marked), pl.DataFrame(natives))

    def _unknown_cells(self, data: pl.DataFrame) -> pl.Series:
        """`unknown_columns`: the cells of the columns that nobody knows, by heading, as JSON."""
        known = {c.position for c in self.layout.columns if c.field or c.ignored}
        labels: dict[str, str] = {}
        for position in (int(name[1:]) for name in cell_columns(data)):
            if position in known or data[f"c{position}"].null_count() == data.height:
                continue
            heading = self.layout.columns[position].heading if position < len(self.layout.columns) else ""
            label = heading or f"(cột {position + 1})"
            labels[f"c{position}"] = label if label not in labels.values() else f"{label} (cột {position + 1})"
        if not labels:
            return pl.Series("unknown_columns", [None], dtype=pl.String).new_from_index(0, data.height)
        cells = pl.DataFrame([data[name].alias(label) for name, label in labels.items()])
        return as_json(cells).alias("unknown_columns")

    def _rejected(self, marked: pl.DataFrame) -> pl.DataFrame:
        if marked["rejected_by"].null_count() == marked.height:
            return NOTHING_REJECTED
        rejected = marked.filter(pl.col("rejected_by").is_not_null())
        codes = clean(rejected[f"c{self.layout.position('initiative_code') or 0}"])
        return rejected.select(
            "line_number",
            rule_code="rejected_by",
            code_key=code_key(codes),
            cells=as_json(rejected.select(cell_columns(rejected))),
        )
