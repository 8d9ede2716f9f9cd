"""The demonstration: the main job from end to end on one machine, with simulated deliveries and a real Airflow."""

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from sangkien.bulletin.build import LATEST
from sangkien.contract.lists import read_seed, unit_names
from sangkien.database import connect
from sangkien.local.airflow import LocalAirflow
from sangkien.local.airflow_api import RunProgress
from sangkien.pipeline import warehouse_dsn
from sangkien.settings import Settings, get_settings
from sangkien.simulate import simulate
from sangkien.warehouse.overview import Overview, overview, share

DAG = "nightly_refresh"
SEED = 1
WHOLE_PROGRAMME = 2_400_000
AS_OF = date(2023, 8, 31)
TOP_UNITS = 5
SCHEMAS = ("marts", "warehouse", "reference", "intermediate", "staging", "restricted", "landing", "ops")

console = Console()


class DemoError(Exception):
    """The demonstration's night did not end well."""


def run_demo(airflow: LocalAirflow, rows: int, deliver: Path | None = None) -> None:
    """Simulate deliveries once, run the night through Airflow, show the figures beside the published ones.

    Args:
        airflow: The local Airflow, up or not.
        rows: How many initiatives are simulated; 2,400,000 is the whole programme.
        deliver: A folder with files of units (`<unit>/<file>`) that are delivered too; none: only simulated ones.

    Raises:
        DemoError: The run of the DAG failed.
    """
    settings = get_settings()
    _prepare_inbox(settings, rows)
    if deliver:
        shutil.copytree(deliver, settings.inbox_folder.path, dirs_exist_ok=True)
    with console.status("starting PostgreSQL and Airflow"):
        airflow.up()
    dsn = warehouse_dsn(settings)
    before = _publication(dsn)
    _run_night(airflow)
    if _publication(dsn) == before:
        console.print("Nothing new in the inbox: the publication stands as it was.")
    figures = overview(dsn, AS_OF)
    console.print(figures.table(), _beside_published(figures, dsn, rows), _top_units(dsn))
    console.print(
        f"\nAirflow:   {airflow.url()}  (user admin, password {airflow.password()})",
        "\nPostgreSQL: .venv/bin/sangkien pg psql -c 'select * from marts.rpt_overview'",
        f"\nReceipts:  {settings.outbox_folder}",
        f"\nBulletin:  {settings.bulletin_folder / LATEST / 'index.html'}  (written in the minute after the night)",
        "\nMore:      .venv/bin/sangkien status; `make down` stops everything",
        highlight=False,
    )


def _prepare_inbox(settings: Settings, rows: int) -> None:
    """Write the deliveries, unless they are there; those of another size make place, with their warehouse."""
    marker = settings.home / "demo.json"
    here = {"inbox": str(settings.inbox_folder), "outbox": str(settings.outbox_folder), "dsn": settings.dsn}
    made = json.loads(marker.read_text()) if marker.exists() else {}
    if made:
        if {name: made[name] for name in here} != here:
            raise DemoError(f"the demonstration under {settings.home} was made for another inbox or warehouse: {made}")
        if made["complete"] and made["rows"] == rows:
            return
        console.print("Making place for a new demonstration: its deliveries and its warehouse are written anew.")
        forget(settings)
    elif settings.inbox_folder.exists() and any(settings.inbox_folder.iterdir()):
        raise DemoError(
            f"{settings.inbox_folder} holds deliveries that are not the demonstration's: name another inbox"
        )
    settings.home.mkdir(parents=True, exist_ok=True)
    marker.write_text(json.dumps({**here, "rows": rows, "complete": False}))
    with Progress(console=console) as progress:
        task = progress.add_task(f"simulate {rows:,} initiatives")
        simulate(
            Path(settings.inbox_folder.path),
            rows,
            SEED,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )
    marker.write_text(json.dumps({**here, "rows": rows, "complete": True}))


def forget(settings: Settings) -> None:
    """Take away what a demonstration has made; its marker has said that all of this is its own.

    Args:
        settings: The installation.
    """
    for folder in (settings.inbox_folder.path, settings.outbox_folder.path, settings.raw_store):
        shutil.rmtree(folder, ignore_errors=True)
    with connect(warehouse_dsn(settings), autocommit=True) as connection:
        for schema in SCHEMAS:
            connection.execute(f"drop schema if exists {schema} cascade")
        connection.execute("drop table if exists public.sangkien_migration")


def _publication(dsn: str) -> int | None:
    try:
        with connect(dsn) as connection:
            row = connection.execute("select publication_id from ops.current_publication").fetchone()
    except psycopg.errors.UndefinedTable:
        return None
    return row[0] if row else None


def _run_night(airflow: LocalAirflow) -> None:
    """Trigger the DAG and watch its tasks until it is over."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with airflow.api() as api, Progress(*columns, console=console) as progress:
        run = api.trigger(DAG)
        shown: dict[str, Any] = {}

        def show(now: RunProgress) -> None:
            for task in now.tasks:
                name = task.task_id if task.map_index < 0 else f"{task.task_id} [{task.map_index}]"
                if task.state and name not in shown:
                    shown[name] = progress.add_task("")
                if name in shown:
                    progress.update(shown[name], description=f"{name}: {task.state}")
                    if task.state in ("success", "failed", "skipped", "upstream_failed"):
                        progress.stop_task(shown[name])

        end = api.wait(DAG, run, on_progress=show)
    if end.state != "success":
        raise DemoError(f"run {run} of {DAG} ended as {end.state}: see {airflow.url()} and `sangkien status`")


def _beside_published(figures: Overview, dsn: str, rows: int) -> Table:
    """Each published count beside the warehouse's, in proportion to the size of the demonstration."""
    table = Table(
        "as of",
        "measure",
        "published",
        "in proportion",
        "here",
        title=f"Beside the published figures ({rows:,} initiatives)",
    )
    by_day = {figures.as_of: figures}
    for row in read_seed("published_figures"):
        if row["unit"] != "initiatives":
            continue
        day = date.fromisoformat(row["as_of"])
        if day not in by_day:
            by_day[day] = overview(dsn, day)
        told = by_day[day]
        measure = row["measure"].removesuffix("_at_least")
        here = told.figures[measure] if row["scope"] == "programme" else told.by_member_group[row["scope"]]
        expected = round(int(row["value"]) * rows / WHOLE_PROGRAMME)
        label = row["measure"] if row["scope"] == "programme" else f"{row['measure']} {row['scope']}"
        table.add_row(row["as_of"], label, f"{int(row['value']):,}", f"{expected:,}", f"{here:,}")
    return table


def _top_units(dsn: str) -> Table:
    table = Table("unit", "valid", "quota", "completion", title=f"Most valid initiatives as of {AS_OF}")
    with connect(dsn) as connection:
        rows = connection.execute(
            "select unit_code, valid_count, quota from marts.fct_quota_progress"
            " where as_of = %s and union_key = unit_code order by valid_count desc, unit_code limit %s",
            [AS_OF, TOP_UNITS],
        ).fetchall()
    for unit, valid, quota in rows:
        table.add_row(unit_names()[unit], f"{valid:,}", f"{quota or 0:,.0f}", share(valid, quota))
    return table
