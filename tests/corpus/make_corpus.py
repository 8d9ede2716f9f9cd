"""Writes the corpus into a folder: `python -m tests.corpus.make_corpus FOLDER`. Nothing of it is committed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from tests.corpus import good, hostile_archives, hostile_texts, hostile_workbooks
from tests.corpus.formats import extension

GOOD_UNIT = "ldld-ha-noi"
_FIRST_EXPORT = date(2023, 6, 1)
HOSTILE: dict[str, tuple[str, dict[str, Callable[[], bytes]]]] = {
    "archives": ("ldld-an-giang", hostile_archives.FILES),
    "texts": ("ldld-bac-lieu", hostile_texts.FILES),
    "workbooks": ("ldld-ca-mau", hostile_workbooks.FILES),
}
"""The unit that delivers each family of hostile files, and the files by the name of their case."""


@dataclass(frozen=True)
class CorpusFile:
    """One file: its case, its path in the inbox, how to write it, and what was written down about it by hand."""

    name: str
    path: str
    write: Callable[[], bytes]
    expected: dict[str, Any]


def files() -> Iterator[CorpusFile]:
    """Every file of the corpus; each has an export date of its own, for no two may be one delivery."""
    for number, form in enumerate(good.forms()):
        path = f"{GOOD_UNIT}/{_delivery(number, extension(form.kind))}"
        yield CorpusFile(f"good: {form}", path, partial(good.content, form), good.outcome(form))
    for family, (unit, written) in HOSTILE.items():
        told = good.expected(family)
        for number, (name, write) in enumerate(written.items()):
            path = f"{unit}/{_delivery(number, name.split('.', 1)[1])}"
            yield CorpusFile(f"{family}: {name}", path, write, told[name])


def _delivery(number: int, extension: str) -> str:
    return f"initiatives_{_FIRST_EXPORT + timedelta(days=number)}.{extension}"


def write_corpus(folder: Path) -> int:
    """Write every file under its path; how many."""
    written = 0
    for file in files():
        target = folder / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.write())
        written += 1
    return written


if __name__ == "__main__":
    print(f"{write_corpus(Path(sys.argv[1]))} files")
