"""Puts into the inbox what is no file, or has no good name. What the contract says stands in expected/places.yml."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.corpus.good import expected
from tests.scenarios.file_case import line, table

CONTENT = table(line("PL1")).encode()
_LONGEST = 255


def put(inbox: Path, outside: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Put every place into the inbox; its path in the warehouse, and what was written down about it.

    Args:
        inbox: The inbox.
        outside: A folder beside it, for what links point to.
    """
    outside.mkdir()
    secret = outside / "initiatives_2023-06-01.csv"
    secret.write_bytes(CONTENT)
    for place in expected("places"):
        told = dict(place)
        what, path = told.pop("make"), told.pop("path")
        if what == "file of the longest name":
            path += "x" * (_LONGEST - len(Path(path).name) - len(".csv")) + ".csv"
        target = inbox / path
        target.parent.mkdir(parents=True, exist_ok=True)
        _make(what, target, secret)
        yield told.pop("seen_as", path), told


def _make(what: str, target: Path, secret: Path) -> None:
    if what.startswith("file"):
        target.write_bytes(CONTENT)
    elif what == "link to nothing":
        target.symlink_to(secret.with_name("nothing"))
    elif what == "link to a file":
        target.symlink_to(secret)
    elif what == "link to a folder":
        target.symlink_to(secret.parent, target_is_directory=True)
    elif what == "hard link":
        target.hardlink_to(secret)
    elif what == "folder":
        target.mkdir()
    elif what == "pipe":
        os.mkfifo(target)
    elif what == "socket":
        _make_socket(target)
    else:
        raise ValueError(what)


def _make_socket(target: Path) -> None:
    """The path of a socket may be no longer than 107 bytes, that of a test's folder is."""
    here = Path.cwd()
    os.chdir(target.parent)
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(target.name)
    finally:
        os.chdir(here)
