"""The command line's part for those who operate it: by day, in the morning, and on Sundays."""

from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from sangkien.settings import get_settings

operations_app = typer.Typer()
console = Console()


@operations_app.command()
def intake(
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="Day of arrival. Default: today.")
    ] = None,
) -> None:
    """Load what is new in the inbox and send its receipts, as by day; the next `refresh` judges and publishes it."""
    from sangkien import pipeline
    from sangkien.operations import daytime

    day = as_of.date() if as_of else pipeline.today()
    with console.status("loading what is new"):
        result = daytime.receive(pipeline.night_of(pipeline.new_run_id("intake"), day, "intake"))
    if result is None:
        console.print("Nothing new.")
        return
    console.print(f"{result.rows_read:,} rows; files: {', '.join(f'{n} {word}' for word, n in result.files.items())}")


@operations_app.command()
def replay(
    unit: Annotated[str, typer.Option("--unit", help="Only this unit's; `_unknown` for files of no unit.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Only those quarantined for this reason.")] = "",
    since: Annotated[str, typer.Option("--since", help="Only those that arrived on this day or later.")] = "",
    until: Annotated[str, typer.Option("--until", help="Only those that arrived on this day or earlier.")] = "",
) -> None:
    """Read quarantined deliveries again, after an alias, a unit or a limit changed; `refresh` then publishes them."""
    from sangkien import pipeline
    from sangkien.operations import daytime

    run = pipeline.night_of(pipeline.new_run_id("replay"), pipeline.today(), "replay")
    arrived = daytime.days_between(since, until)
    table = Table("unit", "file", "was", "is now")
    with console.status("reading quarantined deliveries again"):
        for replayed in daytime.replay_deliveries(run, unit, reason, **arrived):
            after = replayed.after
            now = f"{after.status}: {after.reason_code}" if after.reason_code else after.status
            table.add_row(after.unit_code, after.file_name, replayed.before.reason_code, now)
    console.print(table if table.row_count else "Nothing is quarantined.")


@operations_app.command()
def alerts(
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="The morning. Default: today's.")
    ] = None,
) -> None:
    """List what needs a person, since when, and through which channels it was told (docs/runbook.md)."""
    from sangkien import pipeline
    from sangkien.operations.alerts import open_alerts, take_stock

    dsn = pipeline.warehouse_dsn(get_settings())
    count = take_stock(dsn, as_of.date() if as_of else pipeline.today())
    console.print(open_alerts(dsn) if count else "Nothing needs a person.")


@operations_app.command()
def housekeeping() -> None:
    """Do Sunday's work: old publications, raw files and logs go as SANGKIEN_KEEP__* says; vacuum and statistics."""
    from sangkien import pipeline
    from sangkien.operations import housekeeping as keep_house

    run = pipeline.night_of(pipeline.new_run_id("housekeeping"), pipeline.today(), "housekeeping")
    pipeline.begin(run)
    try:
        with console.status("keeping house"):
            gone = keep_house.prune_publications(run)
            raw, logs = keep_house.delete_raw_files(run), keep_house.delete_logs(run)
            tables = keep_house.vacuum(run)
    finally:
        pipeline.end(run)
    console.print(
        f"{len(gone)} publications pruned, {raw} raw files and {logs} logs deleted, {tables} tables vacuumed."
    )
