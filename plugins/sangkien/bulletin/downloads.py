"""The reports as files beside the bulletin: CSV, XLSX and Parquet, and what their columns mean."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from psycopg import sql

from sangkien.bulletin.words import REPORTS
from sangkien.database import Connection, connect
from sangkien.sheets import formula_safe, open_workbook

# Exact for every numeric column of a report: none has more than six decimals (docs/marts.md).
_NUMERIC = pl.Decimal(38, 6)
_TYPES: dict[str, Any] = {
    "text": pl.String,
    "uuid": pl.String,
    "jsonb": pl.String,
    "boolean": pl.Boolean,
    "date": pl.Date,
    "integer": pl.Int64,
    "bigint": pl.Int64,
    "numeric": _NUMERIC,
}
_COLUMNS = """
select
    a.attname as name, format_type(a.atttypid, null) as type, coalesce(col_description(c.oid, a.attnum), '') as comment,
    coalesce(obj_description(c.oid, 'pg_class'), '') as of_table
from pg_class as c
inner join pg_attribute as a on c.oid = a.attrelid and a.attnum > 0 and not a.attisdropped
where c.oid = to_regclass('marts.' || %s)
order by a.attnum
"""


@dataclass(frozen=True)
class Cut:
    """Which rows of a long report are given: `where` in SQL, and in words."""

    where: str
    vi: str
    en: str


_TOLD_DAYS = "{0} in (select as_of from marts.rpt_overview)"
_BY_DAY = Cut(
    _TOLD_DAYS.format("as_of"),
    "những ngày có trong rpt_overview; từng tuần có ở rpt_weekly",
    "the days that rpt_overview tells; the weeks are in rpt_weekly",
)
CUTS = {
    "rpt_unit_ranking": _BY_DAY,
    "rpt_cluster_ranking": _BY_DAY,
    "rpt_province_now": _BY_DAY,
    "rpt_delivery_calendar": Cut(
        "files_accepted + files_quarantined + files_duplicate + files_superseded > 0 or "
        + _TOLD_DAYS.format("calendar_day"),
        "những ngày có tệp, và những ngày có trong rpt_overview",
        "days with a file, and the days that rpt_overview tells",
    ),
    "rpt_reward_candidates": Cut(
        "candidate_kind <> 'author'", "công đoàn, không có tác giả", "unions; authors stay in the warehouse"
    ),
    "rpt_data_quality": Cut("fired_count > 0", "những quy tắc đã bị vi phạm", "rules that something broke"),
}

# Long ones, whose CSV is ten times as large as it need be: together they were a third of the bulletin's weight.
ZIPPED = frozenset({"rpt_data_quality", "rpt_weekly"})


def csv_name(report: str) -> str:
    """The file that holds a report as CSV, by itself or in a zip archive."""
    return f"{report}.csv.zip" if report in ZIPPED else f"{report}.csv"


def write_downloads(dsn: str, publication: int, folder: Path) -> list[dict[str, Any]]:
    """Write every report of a publication in each format.

    Returns:
        The tables, for the data dictionary: name, comment, rows and columns.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with connect(dsn, shown_publication=publication) as connection:
        return [_write(connection, name, folder) for name in REPORTS]


def _write(connection: Connection, name: str, folder: Path) -> dict[str, Any]:
    columns = connection.execute(_COLUMNS, [name]).fetchall()
    cut = CUTS.get(name)
    query = sql.SQL("select {} from {} where {} order by {}").format(
        sql.SQL(", ").join(_column(column, kind) for column, kind, *_ in columns),
        sql.Identifier("marts", name),
        sql.SQL(cut.where if cut else "true"),
        sql.SQL(", ").join(sql.Literal(n) for n in range(1, len(columns) + 1)),
    )
    schema = {column: _TYPES[kind] for column, kind, *_ in columns}
    frame = pl.DataFrame(connection.execute(query).fetchall(), schema=schema, orient="row")
    frame.write_parquet(folder / f"{name}.parquet")
    shown = formula_safe(frame).with_columns(pl.col(_NUMERIC).cast(pl.String).str.replace(r"\.?0+$", ""))
    _write_csv(shown, folder / csv_name(name))
    with open_workbook(folder / f"{name}.xlsx") as workbook:
        # A workbook's numbers are floats anyway.
        frame.with_columns(pl.col(_NUMERIC).cast(pl.Float64)).write_excel(
            workbook, worksheet=name, freeze_panes=(1, 0), float_precision=6
        )
    return {
        "name": name,
        "title_vi": REPORTS[name][0],
        "title_en": REPORTS[name][1],
        "comment": columns[0][3],
        "rows": frame.height,
        "cut_vi": cut.vi if cut else "",
        "cut_en": cut.en if cut else "",
        "columns": [{"name": column, "type": kind, "comment": comment} for column, kind, comment, _ in columns],
    }


def _write_csv(shown: pl.DataFrame, file: Path) -> None:
    if file.suffix != ".zip":
        shown.write_csv(file, include_bom=True)
        return
    text = io.BytesIO()
    shown.write_csv(text, include_bom=True)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(file.stem), text.getvalue(), zipfile.ZIP_DEFLATED)


def _column(name: str, kind: str) -> sql.Composable:
    """A column of a report; a document and a surrogate as text."""
    is_text = kind in ("jsonb", "uuid")
    return sql.SQL("{}::text").format(sql.Identifier(name)) if is_text else sql.Identifier(name)
