"""The command line's local part: the embedded server, Airflow beside it, and the demonstration."""

import os
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from sangkien.database import libpq_environment
from sangkien.local.airflow import LocalAirflow
from sangkien.local.postgres import EmbeddedPostgres
from sangkien.settings import PROJECT_ROOT, get_settings

pg_app = typer.Typer(no_args_is_help=True, help="The embedded PostgreSQL server under SANGKIEN_HOME.")
local_app = typer.Typer()
console = Console()


def embedded_server() -> EmbeddedPostgres:
    """The embedded server of this installation."""
    settings = get_settings()
    return EmbeddedPostgres(settings.home, bin_dir=settings.pg_bin)


def local_airflow() -> LocalAirflow:
    """Airflow of this installation, on this machine."""
    settings = get_settings()
    postgres = None if settings.dsn else embedded_server()
    return LocalAirflow(settings.home, PROJECT_ROOT / "dags", postgres=postgres, dsn=settings.dsn)


@pg_app.command()
def start() -> None:
    """Start the server, if it does not run; print its URL."""
    print(embedded_server().start())


@pg_app.command()
def stop() -> None:
    """Stop the server, if it runs."""
    console.print("Stopped." if embedded_server().stop() else "It was not running.")


@pg_app.command(name="status")
def pg_status() -> None:
    """Say whether the server runs. Exit code 0: it does; 3: it does not."""
    found = embedded_server().status()
    console.print(f"Running as process {found.pid}, in {found.folder}." if found.running else "Not running.")
    raise typer.Exit(0 if found.running else 3)


@pg_app.command()
def dsn() -> None:
    """Print the URL of the warehouse."""
    print(get_settings().dsn or embedded_server().dsn())


@pg_app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def psql(context: typer.Context) -> None:
    """Open psql on the warehouse; further arguments are psql's."""
    _become("psql", *context.args)


@pg_app.command()
def dump(file: Annotated[Path, typer.Argument(help="The file to write; there must be none yet.")]) -> None:
    """Back the warehouse up into one file, as it is at this moment (docs/howto/backup-and-restore.md)."""
    if file.exists():
        console.print(f"[red]{file} is there already: name another file.[/]")
        raise typer.Exit(1)
    file.touch(mode=0o600)  # it holds personal data
    _become("pg_dump", "--format=custom", f"--file={file}")


@pg_app.command()
def restore(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Restore a backup into an empty warehouse; nothing that is there is overwritten."""
    options = ("--no-owner", "--exit-on-error", "--single-transaction")
    _become("pg_restore", *options, f"--dbname={libpq_environment(_url())['PGDATABASE']}", str(file))


def _become(program: str, *arguments: str) -> NoReturn:
    """Let a program of the server take this process over, on the warehouse."""
    # Through the environment: the password would stand in the list of processes.
    os.environ.update(libpq_environment(_url()))
    os.execv(embedded_server().program(program), [program, *arguments])  # noqa: S606 - see above


def _url() -> str:
    return get_settings().dsn or embedded_server().start()


@local_app.command()
def up() -> None:
    """Start PostgreSQL and Airflow on this machine, and wait until they are healthy."""
    airflow = local_airflow()
    with console.status("starting PostgreSQL and Airflow"):
        airflow.up()
    console.print(f"Airflow: {airflow.url()}  user admin, password {airflow.password()}")


@local_app.command()
def down() -> None:
    """Stop Airflow and the embedded PostgreSQL; no process is left."""
    with console.status("stopping"):
        local_airflow().down()
    console.print("Stopped.")


@local_app.command()
def demo(
    rows: Annotated[int, typer.Option("--rows", help="How many initiatives are simulated.")] = 120_000,
    deliver: Annotated[
        Path | None,
        typer.Option(help="A folder with files of units (UNIT/FILE) to deliver too.", exists=True, file_okay=False),
    ] = None,
) -> None:
    """Run the main job from end to end on this machine: simulate, start Airflow, run the night, show the figures."""
    from sangkien.demo import run_demo

    run_demo(local_airflow(), rows, deliver)
