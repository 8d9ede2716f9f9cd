"""The raw store: the bytes of every delivery, kept by their sha256 before anything is read from them.

Where a person was erased from a file, what is kept under the sha256 of the delivered bytes is the file without the
person (docs/decisions/0009-erasure.md): `<sha256>.erased` says so, and neither the old bytes nor the new ones are a new
delivery.
"""

import hashlib
import tempfile
from pathlib import Path

from sangkien.intake.inbox import ChangingFileError, Inbox

_CHUNK = 2**20


def keep(inbox: Inbox, path: str, store: Path) -> tuple[str, Path]:
    """Copy a file of the inbox into the store.

    Args:
        inbox: Where it lies.
        path: Its path in the inbox; a regular file.
        store: The store's folder.

    Returns:
        The bytes' sha256 (of a file without an erased person: the one that it was delivered with) and the copy.

    Raises:
        ChangingFileError: The file changed while it was being copied.
        FileNotFoundError: It is gone by now, or these bytes were erased altogether.
    """
    store.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=store, delete=False) as copy:
        try:
            with inbox.open(path) as source:
                while chunk := source.read(_CHUNK):
                    digest.update(chunk)
                    copy.write(chunk)
        except (OSError, ChangingFileError):
            Path(copy.name).unlink()
            raise
    sha256 = sha256_as_delivered(store, digest.hexdigest())
    kept = kept_file(store, sha256)
    if _erased(kept).exists():
        Path(copy.name).unlink()
        if not kept.exists():
            raise FileNotFoundError(kept)
        return sha256, kept
    kept.parent.mkdir(exist_ok=True)
    Path(copy.name).replace(kept)
    return sha256, kept


def kept_file(store: Path, sha256: str) -> Path:
    """Where the store keeps the bytes of this hash."""
    return store / sha256[:2] / sha256


def erase(store: Path, sha256: str, rewritten: Path | None) -> None:
    """Keep a file without a person under the sha256 of the delivered bytes, for good; safe to be repeated.

    Args:
        store: The store's folder.
        sha256: Of the bytes as delivered.
        rewritten: The file without the person; none: nothing of it is kept.
    """
    kept = kept_file(store, sha256)
    _erased(kept).touch()  # first: from now on the delivered bytes are not taken again
    if rewritten is None:
        kept.unlink(missing_ok=True)
        return
    data = rewritten.read_bytes()
    same = _stands_for(store, hashlib.sha256(data).hexdigest())
    same.parent.mkdir(exist_ok=True)
    same.write_text(sha256)
    with tempfile.NamedTemporaryFile(dir=store, delete=False) as copy:
        copy.write(data)
    Path(copy.name).replace(kept)


def sha256_as_delivered(store: Path, sha256: str) -> str:
    """The sha256 that a file without an erased person was delivered with; of any other file its own."""
    same = _stands_for(store, sha256)
    return same.read_text() if same.exists() else sha256


def _erased(kept: Path) -> Path:
    return kept.with_name(f"{kept.name}.erased")


def _stands_for(store: Path, sha256: str) -> Path:
    kept = kept_file(store, sha256)
    return kept.with_name(f"{kept.name}.stands-for")
