"""Commands for whoever guards persons: roles, and what a person may ask for."""

import typer
from rich.console import Console

from sangkien.settings import get_settings

privacy_app = typer.Typer()
console = Console()
errors = Console(stderr=True)


@privacy_app.command()
def roles() -> None:
    """Make the server's roles, and grant them what they may do in this warehouse (docs/roles.md); may be repeated."""
    from sangkien.pipeline import warehouse_dsn
    from sangkien.privacy.roles import RolesError, set_up_roles

    try:
        made = set_up_roles(warehouse_dsn(get_settings()))
    except RolesError as error:
        errors.print(str(error), style="red", soft_wrap=True, markup=False)
        raise typer.Exit(1) from error
    console.print(f"Made {len(made)} roles; all of them may do what docs/roles.md says.")
