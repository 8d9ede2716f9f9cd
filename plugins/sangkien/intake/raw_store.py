"""The raw store: the bytes of every delivery, kept by their sha256 before anything is read from them."""

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
        The bytes' sha256 and the copy.

    Raises:
        ChangingFileError: The file changed while it was being copied.
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
    sha256 = digest.hexdigest()
    kept = kept_file(store, sha256)
    kept.parent.mkdir(exist_ok=True)
    Path(copy.name).replace(kept)
    return sha256, kept


def kept_file(store: Path, sha256: str) -> Path:
    """Where the store keeps the bytes of this hash."""
    return store / sha256[:2] / sha256
