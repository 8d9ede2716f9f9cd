"""Commands for whoever guards persons: roles, and what a person may ask for."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from sangkien.settings import get_settings

privacy_app = typer.Typer()
person_app = typer.Typer(
    no_args_is_help=True, help="What a person may ask for: `find`, then `export` or `erase`, each logged."
)
console = Console()
errors = Console(stderr=True)


@privacy_app.command()
def roles() -> None:
    """Make the server's roles, and grant them what they may do in this warehouse (docs/roles.md); may be repeated."""
    from sangkien.pipeline import warehouse_dsn
    from sangkien.privacy.roles import RolesError, set_up_roles

    with _said_clearly(RolesError):
        made = set_up_roles(warehouse_dsn(get_settings()))
    console.print(f"Made {len(made)} roles; all of them may do what docs/roles.md says.")


Request = Annotated[int, typer.Argument(help="The number that `find` gave.")]
Because = Annotated[str, typer.Option("--because", help="Why; kept for good, so name no person.")]


@person_app.command()
def find(
    name: Annotated[str, typer.Argument(help="As the person writes it; marks and case do not matter.")],
    birth: Annotated[datetime | None, typer.Option("--birth", formats=["%Y-%m-%d"])] = None,
    card: Annotated[str | None, typer.Option("--card", help="The union card's number.")] = None,
    initiative: Annotated[
        str | None, typer.Option("--initiative", help="UNIT/CODE of one that is the person's.")
    ] = None,
) -> None:
    """Look for a person by name and birth, card or initiative, and open a request; tells numbers, no names."""
    from sangkien.privacy.answer import UncertainRequestError, open_request
    from sangkien.privacy.requests import PersonRequest

    unit, _, code = (initiative or "").partition("/")
    asked = PersonRequest(name, birth.date() if birth else None, card, unit or None, code or None)
    with _said_clearly(UncertainRequestError):
        number, counts = open_request(asked)
    console.print(f"Request {number}.")
    _print_counts(counts)
    console.print(f"Next: sangkien person export {number} --out FILE, erase {number} --because ..., or close {number}.")


@person_app.command()
def export(
    request: Request, out: Annotated[Path, typer.Option("--out", help="A new file, readable by you alone.")]
) -> None:
    """Write what the warehouse holds of the person (JSON); the request stays open."""
    from sangkien.privacy.answer import export_person
    from sangkien.privacy.requests import UnknownRequestError

    with _said_clearly(UnknownRequestError, FileExistsError):
        counts = export_person(request, out)
    _print_counts(counts)
    console.print(f"Written to {out}: give it to the person, then delete it.")


@person_app.command()
def erase(
    request: Request,
    because: Because,
    mentions: Annotated[
        bool, typer.Option("--mentions", help="Also where others' rows of the same units name the person.")
    ] = False,
) -> None:
    """Erase the person in every layer, raw file and receipt; counts stay. It cannot be taken back."""
    from sangkien.privacy.answer import erase_person
    from sangkien.privacy.requests import UnknownRequestError
    from sangkien.privacy.rewrite import NotRewritableError

    with _said_clearly(UnknownRequestError, NotRewritableError), console.status("erasing"):
        erased = erase_person(request, because, mentions=mentions)
    _print_counts(erased.counts)
    for file in erased.left_in_inbox:
        errors.print(f"Still in the inbox, which cannot be written from here: {file}", style="yellow", markup=False)


@person_app.command()
def close(request: Request, because: Because) -> None:
    """Close a request that is answered or refused; whom it was about is forgotten."""
    from sangkien.privacy.answer import close_request
    from sangkien.privacy.requests import UnknownRequestError

    with _said_clearly(UnknownRequestError):
        close_request(request, because)


@person_app.command()
def rekey() -> None:
    """Make all surrogates anew, after SANGKIEN_PSEUDONYM_KEY was changed; the old key is of no use any more."""
    from sangkien.pipeline import warehouse_dsn
    from sangkien.privacy.rekey import rekey as make_anew

    settings = get_settings()
    with console.status("making the surrogates anew"):
        rows = make_anew(warehouse_dsn(settings), settings.pseudonym_secret())
    console.print(f"{rows:,} rows have surrogates of the new key.")


def _print_counts(counts: dict[str, int]) -> None:
    for what, count in counts.items():
        console.print(f"  {what.replace('_', ' ')}: {count:,}")


@contextmanager
def _said_clearly(*expected: type[Exception]) -> Iterator[None]:
    """An error that the caller can mend is one line, not a traceback."""
    try:
        yield
    except expected as error:
        errors.print(str(error), style="red", soft_wrap=True, markup=False)
        raise typer.Exit(1) from error
