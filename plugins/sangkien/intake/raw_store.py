"""The raw store: the bytes of every delivery, kept by their sha256 before anything is read from them."""

import hashlib
import os
import tempfile
from pathlib import Path

from sangkien.intake.discover import fingerprint_of

_CHUNK = 2**20


class ChangingFileError(Exception):
    """The file was still being written; it is taken another time."""


def keep(file: Path, store: Path) -> tuple[str, Path]:
    """Copy a file into the store.

    Args:
        file: A regular file; a link is not followed.
        store: The store's folder.

    Returns:
        The bytes' sha256 and the copy.

    Raises:
        ChangingFileError: The file changed while it was being copied.
    """
    store.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as source:
        before = fingerprint_of(os.fstat(source.fileno()))
        with tempfile.NamedTemporaryFile(dir=store, delete=False) as copy:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                copy.write(chunk)
        changed = before != fingerprint_of(os.fstat(source.fileno()))
    if changed:
        Path(copy.name).unlink()
        raise ChangingFileError(str(file))
    sha256 = digest.hexdigest()
    kept = kept_file(store, sha256)
    kept.parent.mkdir(exist_ok=True)
    Path(copy.name).replace(kept)
    return sha256, kept


def kept_file(store: Path, sha256: str) -> Path:
    """Where the store keeps the bytes of this hash."""
    return store / sha256[:2] / sha256
