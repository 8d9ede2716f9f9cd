"""Discover: which files of the inbox are new or have changed since they were last taken (contract §1)."""

import os
import stat
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sangkien.contract.delivery_name import is_left_alone
from sangkien.contract.lists import unit_names
from sangkien.database import Connection

UNKNOWN_UNIT = "_unknown"


@dataclass(frozen=True)
class Candidate:
    """A file of the inbox that waits to be loaded.

    Attributes:
        unit_code: The unit whose folder it lies in; `_unknown` for any other folder.
        file_name: Its name in the unit's folder; outside of a known one, its path in the inbox.
        path: Its path in the inbox.
        size_bytes: Its size.
        fingerprint: Changes whenever the file does.
        trouble: The reason to quarantine it that its place already gives.
    """

    unit_code: str
    file_name: str
    path: str
    size_bytes: int
    fingerprint: str
    trouble: str | None = None


def discover(connection: Connection, inbox: Path) -> list[Candidate]:
    """The files that are new or changed, in the order in which they are to be taken.

    Raises:
        OSError: The inbox is not there, or a folder in it cannot be read: that is not the same as nothing new.
    """
    seen: dict[str, str] = dict(connection.execute("select path, fingerprint from ops.inbox_file").fetchall())
    found = (candidate for candidate in _walk(inbox) if seen.get(candidate.path) != candidate.fingerprint)
    return sorted(found, key=lambda candidate: (candidate.unit_code, candidate.file_name))


def deal(candidates: list[Candidate], shards: int) -> list[list[Candidate]]:
    """Deal the files into shards of about the same size; a unit's files stay together, in order."""
    by_unit: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        by_unit[candidate.unit_code].append(candidate)
    dealt: list[list[Candidate]] = [[] for _ in range(shards)]
    sizes = [0] * shards
    weights = {unit: sum(file.size_bytes for file in files) for unit, files in by_unit.items()}
    for unit in sorted(weights, key=lambda unit: (-weights[unit], unit)):
        smallest = sizes.index(min(sizes))
        dealt[smallest] += by_unit[unit]
        sizes[smallest] += weights[unit]
    return [shard for shard in dealt if shard]


def fingerprint_of(status: os.stat_result) -> str:
    """What changes whenever a file's bytes do."""
    return f"{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_ino}"


def _walk(inbox: Path) -> Iterator[Candidate]:
    def fail(error: OSError) -> None:
        raise error

    for folder, subfolders, names in os.walk(inbox, onerror=fail):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for name in [*names, *(s for s in subfolders if (Path(folder) / s).is_symlink())]:
            if is_left_alone(name):
                continue
            with suppress(FileNotFoundError):  # renamed since: it will be there under its new name
                yield _candidate(inbox, Path(folder) / name)


def _as_text(path: Path) -> str:
    """A path that any database takes: bytes that are no UTF-8 are written as %XX."""
    return "".join(c if not "\udc80" <= c <= "\udcff" else f"%{ord(c) - 0xDC00:02X}" for c in str(path))


def _candidate(inbox: Path, file: Path) -> Candidate:
    status = file.lstat()
    path = file.relative_to(inbox)
    folder = path.parts[0] if len(path.parts) > 1 else ""
    is_unit = folder in unit_names()
    trouble = None
    if not is_unit:
        trouble = "unknown_unit"
    elif len(path.parts) > 2:
        trouble = "not_in_unit_folder"
    elif not stat.S_ISREG(status.st_mode):
        trouble = "not_a_file"
    if _as_text(path) != str(path):
        trouble = "name_not_utf8"
    return Candidate(
        unit_code=folder if is_unit else UNKNOWN_UNIT,
        file_name=_as_text(path.relative_to(folder) if is_unit else path),
        path=_as_text(path),
        size_bytes=status.st_size,
        fingerprint=fingerprint_of(status),
        trouble=trouble,
    )
