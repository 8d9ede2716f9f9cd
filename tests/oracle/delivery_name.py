"""The name of a delivery, and what the inbox holds that is none (CONTRACT §1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

FIRST_EXPORT_DATE = date(2021, 12, 15)

_NAME = re.compile(
    r"(?P<dataset>initiatives|quotas)_(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})(?P<full>_full)?"
    r"(?:_p(?P<part>[0-9]{2})of(?P<parts>[0-9]{2}))?"
    r"\.(?P<extension>(?i:csv|tsv|txt|csv\.gz|tsv\.gz|txt\.gz|zip|xlsx|xlsm|xls|ods))"
)


@dataclass(frozen=True)
class DeliveryName:
    """The parts of a well-formed name; part and parts are 0 where the name has none."""

    dataset: str
    export_date: date
    full: bool
    part: int
    parts: int
    extension: str


def parse(file_name: str) -> DeliveryName | None:
    """The parts of a file's name, or None when the name is not the contract's."""
    found = _NAME.fullmatch(file_name)
    if found is None:
        return None
    try:
        export_date = date.fromisoformat(found["date"])
    except ValueError:
        return None
    part, parts = int(found["part"] or 0), int(found["parts"] or 0)
    if found["part"] is not None and not 1 <= part <= parts:
        return None
    return DeliveryName(
        found["dataset"], export_date, found["full"] is not None, part, parts, found["extension"].lower()
    )


def left_alone(path: PurePosixPath) -> bool:
    """Whether a path below the inbox is no delivery at all: dot-files, still being written, the desktop's own."""
    name = path.name
    return (
        any(piece.startswith(".") for piece in path.parts)
        or name.endswith((".part", ".tmp", ".filepart"))
        or name.startswith("~$")
        or name in ("Thumbs.db", "desktop.ini")
    )
