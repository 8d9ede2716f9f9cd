"""dbt and MetricFlow by hand, on the warehouse of this installation and the publication that it shows."""

import os
import subprocess
import sys
from pathlib import Path

import typer

from sangkien.database import libpq_environment
from sangkien.settings import PROJECT_ROOT, get_settings

tools_app = typer.Typer()
_AS_GIVEN = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
_PROJECT = PROJECT_ROOT / "dbt_project"


@tools_app.command(context_settings=_AS_GIVEN)
def dbt(context: typer.Context) -> None:
    """Run dbt: `sangkien dbt docs generate` writes dbt_project/target/index.html. Only `refresh` builds marts."""
    raise typer.Exit(_run("dbt", context.args))


@tools_app.command(context_settings=_AS_GIVEN)
def mf(context: typer.Context) -> None:
    """Ask for metrics by MetricFlow (`uv sync --extra metrics`): `sangkien mf query --metrics valid_initiatives`."""
    # MetricFlow reads what dbt has parsed; a partial parse of changed files has metrics twice (dbt-core 1.12).
    _run("dbt", ["--quiet", "parse", "--no-partial-parse"])
    raise typer.Exit(_run("mf", context.args))


def _run(program: str, arguments: list[str]) -> int:
    from sangkien.pipeline import warehouse_dsn

    settings = get_settings()
    environment = libpq_environment(warehouse_dsn(settings)) | {
        "DBT_PROJECT_DIR": str(_PROJECT),
        "DBT_PROFILES_DIR": str(_PROJECT),
        "DBT_LOG_PATH": str(settings.home / "dbt" / "logs"),
    }
    path = Path(sys.executable).parent / program
    return subprocess.run([path, *arguments], cwd=_PROJECT, env=os.environ | environment, check=False).returncode
