"""Discover: which files of the inbox are new or have changed since they were last taken (contract §1)."""

from collections import defaultdict
from dataclasses import dataclass

from sangkien.contract.lists import unit_names
from sangkien.database import Connection
from sangkien.intake.inbox import Inbox, InboxFile

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
        is_regular: Whether it can be opened: not a link, a pipe or a device.
    """

    unit_code: str
    file_name: str
    path: str
    size_bytes: int
    fingerprint: str
    trouble: str | None = None
    is_regular: bool = True


def discover(connection: Connection, inbox: Inbox) -> list[Candidate]:
    """The files that are new or changed, in the order in which they are to be taken.

    Raises:
        OSError: The inbox is not there, or a folder in it cannot be read: that is not the same as nothing new.
    """
    seen: dict[str, str] = dict(connection.execute("select path, fingerprint from ops.inbox_file").fetchall())
    found = (_candidate(file) for file in inbox.files())
    new = (candidate for candidate in found if seen.get(candidate.path) != candidate.fingerprint)
    return sorted(new, key=lambda candidate: (candidate.unit_code, candidate.file_name))


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


def _as_text(path: str) -> str:
    """A path that any database takes: bytes that are no UTF-8 are written as %XX."""
    return "".join(c if not "\udc80" <= c <= "\udcff" else f"%{ord(c) - 0xDC00:02X}" for c in path)


@dataclass(frozen=True)
class Place:
    """Whose a file is by where it lies: the unit, its name there, and the reason to quarantine it that follows."""

    unit_code: str
    file_name: str
    trouble: str | None


def place_of(path: str) -> Place:
    """Whose a file is, by its path in the inbox; its folder decides, never its content (contract §1)."""
    folder = path.rpartition("/")[0]
    unit_code = path.partition("/")[0] if folder else ""
    if unit_code not in unit_names():
        return Place(UNKNOWN_UNIT, path, "unknown_unit")
    return Place(unit_code, path.removeprefix(f"{unit_code}/"), None if folder == unit_code else "not_in_unit_folder")


def _candidate(file: InboxFile) -> Candidate:
    path = _as_text(file.path)
    place = place_of(path)
    trouble = "name_not_utf8" if path != file.path else place.trouble or (None if file.is_regular else "not_a_file")
    return Candidate(
        place.unit_code, place.file_name, path, file.size_bytes, file.fingerprint, trouble, file.is_regular
    )
