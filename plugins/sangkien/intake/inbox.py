"""The inbox: which files lie in it, and their bytes; on this machine, or behind fsspec (storage.py)."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from upath import UPath

from sangkien.contract.delivery_name import is_left_alone
from sangkien.storage import is_here

# What object stores and servers tell of a file that changes whenever its bytes do.
_TELLS_CHANGE = ("ETag", "etag", "md5", "LastModified", "mtime", "modified", "created")


class ChangingFileError(Exception):
    """The file was still being written; it is taken another time."""


@dataclass(frozen=True)
class InboxFile:
    """One file of the inbox.

    Attributes:
        path: Its path in the inbox.
        size_bytes: Its size.
        fingerprint: Changes whenever the file does.
        is_regular: Not a link, a pipe or a device.
    """

    path: str
    size_bytes: int
    fingerprint: str
    is_regular: bool


class Inbox(Protocol):
    """Where deliveries are found."""

    def files(self) -> Iterator[InboxFile]:
        """Every file but those that are left alone.

        Raises:
            OSError: The inbox is not there, or a folder in it cannot be read: that is not the same as nothing new.
        """

    def open(self, path: str) -> Any:
        """A context that gives a regular file's bytes; on leaving it, ChangingFileError if it changed meanwhile."""


def open_inbox(folder: UPath) -> Inbox:
    """The inbox in a folder."""
    return FolderInbox(Path(folder.path)) if is_here(folder) else RemoteInbox(folder)


@dataclass(frozen=True)
class FolderInbox:
    """An inbox on this machine, or mounted: links are not followed, special files not opened."""

    folder: Path

    def files(self) -> Iterator[InboxFile]:  # noqa: D102 - see Inbox
        def fail(error: OSError) -> None:
            raise error

        for folder, subfolders, names in os.walk(self.folder, onerror=fail):
            subfolders[:] = [name for name in subfolders if not name.startswith(".")]
            for name in [*names, *(s for s in subfolders if (Path(folder) / s).is_symlink())]:
                if is_left_alone(name):
                    continue
                with suppress(FileNotFoundError):  # renamed since: it will be there under its new name
                    file = Path(folder) / name
                    status = file.lstat()
                    path = str(file.relative_to(self.folder))
                    yield InboxFile(path, status.st_size, _fingerprint(status), stat.S_ISREG(status.st_mode))

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:  # noqa: D102 - see Inbox
        try:
            opened = os.open(self.folder / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENXIO):  # a link or a socket by now
                raise ChangingFileError(path) from error
            raise
        with os.fdopen(opened, "rb") as source:
            before = _fingerprint(os.fstat(source.fileno()))
            yield source
            if before != _fingerprint(os.fstat(source.fileno())):
                raise ChangingFileError(path)


@dataclass(frozen=True)
class RemoteInbox:
    """An inbox in an object store or on a server."""

    folder: UPath

    def files(self) -> Iterator[InboxFile]:  # noqa: D102 - see Inbox
        system, root = self.folder.fs, self.folder.path.rstrip("/")
        for folder, subfolders, files in system.walk(root, detail=True, on_error="raise"):
            for name in [name for name in subfolders if name.startswith(".")]:
                del subfolders[name]
            for name, told in files.items():
                if name and not is_left_alone(name):  # a name of nothing marks a folder
                    path = f"{folder}/{name}".removeprefix(f"{root}/")
                    yield InboxFile(path, told["size"] or 0, _told_fingerprint(told), told["type"] == "file")

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:  # noqa: D102 - see Inbox
        file = self.folder / path
        before = self._told_now(file)
        try:
            with file.fs.open(file.path, "rb") as source:
                yield cast(BinaryIO, source)
        except OSError as error:
            if before != self._told_now(file):
                raise ChangingFileError(path) from error
            raise
        if before != self._told_now(file):
            raise ChangingFileError(path)

    def _told_now(self, file: UPath) -> str:
        file.fs.invalidate_cache()
        return _told_fingerprint(file.fs.info(file.path))


def _fingerprint(status: os.stat_result) -> str:
    return f"{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_ino}"


def _told_fingerprint(told: dict[str, Any]) -> str:
    return ":".join(str(told[name]) for name in ("size", *_TELLS_CHANGE) if told.get(name) is not None)
