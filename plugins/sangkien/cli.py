"""The command line: thin; each command calls the pipeline or one of its rooms."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from sangkien.cli_local import local_app, pg_app
from sangkien.cli_operations import operations_app
from sangkien.cli_privacy import person_app, privacy_app
from sangkien.cli_tools import tools_app
from sangkien.settings import get_settings

app = typer.Typer(no_args_is_help=True, help="Sáng kiến Warehouse: from the unions' exports to published figures.")
app.add_typer(pg_app, name="pg")
app.add_typer(person_app, name="person")
for part in (local_app, operations_app, privacy_app, tools_app):
    app.registered_commands += part.registered_commands

REFUSED, FAILED = 3, 1
STAGES = {
    "discover": "look for new deliveries",
    "load": "load",
    "judge": "judge",
    "build": "build the marts (dbt)",
    "gate": "gate (Great Expectations)",
    "publish": "publish",
    "receipts": "write receipts",
}

AsOf = Annotated[
    datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="Default: today in Asia/Ho_Chi_Minh.")
]
console = Console()
errors = Console(stderr=True)


def _day(as_of: datetime | None) -> date:
    from sangkien.pipeline import today

    return as_of.date() if as_of else today()


@contextmanager
def _stage_progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show the stages of a night as they pass."""
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=errors) as progress:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                for task in tasks.values():
                    progress.stop_task(task)
                tasks[stage] = progress.add_task(STAGES[stage])
            counted = f" {done:,}/{total:,} files" if stage == "load" else ""
            progress.update(tasks[stage], description=STAGES[stage] + counted)

        yield show


@app.command()
def refresh(as_of: AsOf = None) -> None:
    """Do the nightly job without Airflow. Exit code 0: published, or nothing new; 3: the gate refused; 1: error."""
    from sangkien import pipeline

    with _stage_progress() as show:
        outcome = pipeline.refresh(_day(as_of), show)
    if outcome == "refused":
        errors.print(
            "[red]The gate refused the new figures; the old publication stands.[/] `sangkien status` says why."
        )
        raise typer.Exit(REFUSED)
    console.print("Published." if outcome == "published" else "Nothing new.")


@app.command()
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    unit: Annotated[str, typer.Option("--unit", help="The unit's code.")],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Say what a file's receipt would say; nothing is loaded. Exit code 0: clean; 1: issues; 2: quarantined."""
    from sangkien.pipeline import today
    from sangkien.receipts.check import check as check_file

    receipt = check_file(file, unit, get_settings().limits, today())
    document = receipt.document()
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        _print_receipt(document)
    raise typer.Exit({"quarantined": 2, "accepted_with_issues": 1}.get(receipt.status, 0))


def _print_receipt(document: dict[str, Any]) -> None:
    console.print(f"[bold]{document['status_label']}[/]")
    if document["reason"]:
        console.print(f"{document['message']}\n{document['advice']}")
        return
    console.print(
        f"Đọc {document['rows_read']}, nhận {document['rows_accepted']}, không nhận {document['rows_rejected']}, "
        f"bỏ qua {document['rows_skipped']} dòng; {document['issue_count']} điểm cần xem."
    )
    table = Table("Dòng", "Cột", "Giá trị", "Quy tắc", "Vấn đề", "Cần làm")
    for issue in document["issues"][:50]:
        table.add_row(*(str(issue[k] or "") for k in ("line", "column", "value", "rule", "message", "advice")))
    if document["issues"]:
        console.print(table)


@app.command()
def simulate(
    out: Annotated[Path, typer.Option("--out", help="The inbox to write.")],
    rows: Annotated[int, typer.Option("--rows", help="How many submitted initiatives.")] = 120_000,
    seed: Annotated[int, typer.Option("--seed")] = 1,
    until: Annotated[datetime | None, typer.Option("--until", formats=["%Y-%m-%d"])] = None,
    night: Annotated[datetime | None, typer.Option("--night", formats=["%Y-%m-%d"])] = None,
    night_rows: Annotated[int, typer.Option("--night-rows")] = 0,
) -> None:
    """Write an inbox of simulated deliveries, calibrated to the published figures."""
    from sangkien.simulate import simulate as write_inbox

    with Progress(console=errors) as progress:
        task = progress.add_task("simulate deliveries")
        result = write_inbox(
            out,
            rows=rows,
            seed=seed,
            until=until.date() if until else None,
            night=night.date() if night else None,
            night_rows=night_rows,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )
    console.print(f"{len(result.files):,} files with {result.rows:,} rows in {out}")


@app.command()
def overview(as_of: AsOf = None, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """The headline figures as of a date, as the current publication tells them."""
    from sangkien.pipeline import warehouse_dsn
    from sangkien.warehouse.overview import NothingPublishedError
    from sangkien.warehouse.overview import overview as read_overview

    with _said_clearly(NothingPublishedError):
        figures = read_overview(warehouse_dsn(get_settings()), _day(as_of))
    if as_json:
        print(json.dumps(figures.document(), ensure_ascii=False, indent=1))
    else:
        console.print(figures.table())


@app.command()
def bulletin(
    publication: Annotated[
        int | None, typer.Option("--publication", help="An earlier publication. Default: the one that readers see.")
    ] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Print it into a PDF too (needs Chromium).")] = False,
) -> None:
    """Build the weekly bulletin: a folder of pages, with the reports to download, that opens without a network."""
    from sangkien.bulletin.build import LATEST, build_bulletin
    from sangkien.bulletin.pdf import NoChromiumError
    from sangkien.pipeline import warehouse_dsn
    from sangkien.warehouse.overview import NothingPublishedError

    settings = get_settings()
    with _said_clearly(NothingPublishedError, NoChromiumError), errors.status("building the bulletin"):
        built = build_bulletin(warehouse_dsn(settings), settings.bulletin_folder, publication=publication, pdf=pdf)
    console.print(
        f"Publication {built.publication}: {built.files} files, {built.bytes / 2**20:.1f} MiB. Open "
        f"{settings.bulletin_folder / LATEST / 'index.html'}",
        highlight=False,
        soft_wrap=True,
    )


@app.command()
def status() -> None:
    """What the last night did, what readers see now, which units are late, and what needs a person."""
    from sangkien.pipeline import warehouse_dsn
    from sangkien.warehouse.status import read_status

    for part in read_status(warehouse_dsn(get_settings())).tables():
        console.print(part, soft_wrap=isinstance(part, str), markup=False)


@app.command()
def explain(
    unit: Annotated[str, typer.Argument(help="The unit's code.")],
    code: Annotated[str, typer.Argument(help="The initiative's code.")],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Tell the story of one initiative: its rows with file and line, what fired, and what was published."""
    from sangkien.pipeline import warehouse_dsn
    from sangkien.validity.explain import explain as tell

    story = tell(warehouse_dsn(get_settings()), unit, code)
    if story is None:
        errors.print(f"No row of {unit} bears the code {code}.")
        raise typer.Exit(FAILED)
    if as_json:
        print(json.dumps(vars(story), ensure_ascii=False, indent=1, default=str))
        return
    for part in ("rows", "stretches", "duplicates", "published"):
        found = getattr(story, part)
        if found:
            table = Table(*found[0], title=part)
            for row in found:
                table.add_row(*(_cell(value) for value in row.values()))
            console.print(table)


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(map(_cell, value))
    if isinstance(value, dict):
        return f"{value['rule']} {value['column']}: {value['value']}"
    return "" if value is None else str(value)


@app.command()
def rules() -> None:
    """Print the page that tells the rules to people, as Markdown: docs/rules.md."""
    from sangkien.contract.rules import rule_set
    from sangkien.validity.rules_page import rules_page

    print(rules_page(rule_set()), end="")


@app.command()
def publications(
    publication: Annotated[int | None, typer.Argument(help="Show what this one changed, mart by mart.")] = None,
) -> None:
    """List the publications, the newest first, with how many versions of initiatives came and went."""
    from sangkien.pipeline import warehouse_dsn
    from sangkien.warehouse.publish import UnknownPublicationError
    from sangkien.warehouse.status import changes_table, publications_table

    dsn = warehouse_dsn(get_settings())
    with _said_clearly(UnknownPublicationError):
        console.print(publications_table(dsn) if publication is None else changes_table(dsn, publication))


@app.command()
def official(
    publication: Annotated[int, typer.Argument(help="The publication.")],
    told_as: Annotated[str, typer.Option("--as", help='What it was told as: "Bulletin of week 35".')],
) -> None:
    """Keep a publication for good: its figures were told outside the house."""
    from sangkien.database import connect
    from sangkien.pipeline import warehouse_dsn
    from sangkien.warehouse import publish

    with _said_clearly(publish.UnknownPublicationError), connect(warehouse_dsn(get_settings())) as connection:
        publish.mark_official(connection, publication, told_as)
    console.print(f"Publication {publication} is kept for good.")


@app.command()
def prune(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which publications would go.")] = False,
) -> None:
    """Delete the rows of publications that the policy does not keep (docs/configuration.md, SANGKIEN_KEEP__*)."""
    from sangkien.database import connect
    from sangkien.pipeline import warehouse_dsn
    from sangkien.warehouse import prune as pruning

    settings = get_settings()
    with connect(warehouse_dsn(settings)) as connection:
        if dry_run:
            gone, deleted = pruning.prunable(connection, settings.keep), dict[str, int]()
        else:
            gone, deleted = pruning.prune(connection, settings.keep)
    console.print(f"{'Would prune' if dry_run else 'Pruned'} {len(gone)} publications {gone or ''}")
    for mart, rows in deleted.items():
        console.print(f"  {mart}: {rows:,} rows")


@app.command()
def forget(mart: Annotated[str, typer.Argument(help="As in dbt: fct_quota.")]) -> None:
    """Drop a mart whose contract changed past reconciling; the next refresh makes it anew, without its history."""
    from sangkien.pipeline import warehouse_dsn
    from sangkien.warehouse.build import UnknownMartError
    from sangkien.warehouse.build import forget as forget_mart

    with _said_clearly(UnknownMartError):
        forget_mart(warehouse_dsn(get_settings()), mart)
    console.print(f"{mart} is gone, with the views that hang on it, until the next `sangkien refresh`.")


@app.command()
def rollback(
    publication: Annotated[int | None, typer.Argument(help="Default: the one before the current one.")] = None,
) -> None:
    """Let readers see an earlier publication again; the next refresh goes on from the newest."""
    from sangkien.database import connect
    from sangkien.pipeline import warehouse_dsn
    from sangkien.warehouse import publish

    with _said_clearly(publish.UnknownPublicationError), connect(warehouse_dsn(get_settings())) as connection:
        shown = publish.rollback(connection, publication)
    console.print(f"Readers see publication {shown}.")


@app.command()
def rejudge() -> None:
    """Judge history under the rule set that is installed, and show what it would change; nobody sees it yet."""
    from sangkien import rejudgement
    from sangkien.validity.rule_sets import RuleSetError

    with _said_clearly(rejudgement.NotNowError, RuleSetError), console.status("judging history anew"):
        found = rejudgement.rejudge()
    _print_difference(found)


@app.command()
def difference(
    publication: Annotated[int | None, typer.Argument(help="Default: the newest.")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Show what publishing a candidate would change for readers, by unit and rule."""
    from sangkien.pipeline import warehouse_dsn
    from sangkien.warehouse.difference import read_difference
    from sangkien.warehouse.publish import UnknownPublicationError

    with _said_clearly(UnknownPublicationError):
        found = read_difference(warehouse_dsn(get_settings()), publication)
    if as_json:
        print(json.dumps(found.totals() | vars(found), ensure_ascii=False, indent=1))
    else:
        _print_difference(found)


def _print_difference(found: Any) -> None:
    for part in (found.summary(), *found.rich_tables()):
        console.print(part, soft_wrap=isinstance(part, str))
    if found.waits:
        console.print(f'To publish it: sangkien approve {found.publication} --because "..."; otherwise: refuse.')
    else:
        console.print("It waits for nobody's word (`sangkien publications`).")


@app.command()
def approve(
    publication: Annotated[int, typer.Argument(help="The publication that waits for your word.")],
    because: Annotated[str, typer.Option("--because", help="Why it is right; kept with the publication.")],
) -> None:
    """Publish what the gate has refused, or what was judged under another rule set, on your word."""
    from sangkien.database import connect
    from sangkien.pipeline import warehouse_dsn
    from sangkien.warehouse import publish

    with _said_clearly(publish.UnknownPublicationError), connect(warehouse_dsn(get_settings())) as connection:
        publish.approve(connection, publication, because)
    console.print(f"Readers see publication {publication}.")


@app.command()
def refuse(
    publication: Annotated[int, typer.Argument(help="The publication that waits for your word.")],
    because: Annotated[str, typer.Option("--because", help="Why it is not wanted; kept with the publication.")],
) -> None:
    """Keep a candidate from readers; nights go on under the old rule set."""
    from sangkien.database import connect
    from sangkien.pipeline import warehouse_dsn
    from sangkien.warehouse import publish

    with _said_clearly(publish.UnknownPublicationError), connect(warehouse_dsn(get_settings())) as connection:
        publish.refuse(connection, publication, because)
    console.print(f"Publication {publication} stays unseen.")


@contextmanager
def _said_clearly(*expected: type[Exception]) -> Iterator[None]:
    """An error that the caller can mend is one line, not a traceback."""
    try:
        yield
    except expected as error:
        errors.print(f"[red]{error}[/]")
        raise typer.Exit(FAILED) from error


def main() -> None:
    """Run the command line."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
