"""Folders here or elsewhere: a path, or the URL of an object store or an SFTP server, opened through fsspec."""

from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from upath import UPath

_WITH_USERS = ("sftp", "ssh", "ftp", "smb")  # what stands before the @ may be a user's name


def open_folder(url: str, options: dict[str, Any]) -> UPath:
    """A folder by its path or its URL.

    Args:
        url: A path, or a URL that fsspec knows: `s3://bucket/inbox`, `sftp://user@host/inbox`. Where Airflow has a
            provider for the scheme, what stands before the `@` is a connection id: `s3://units_store@bucket/inbox`.
        options: What fsspec's file system is opened with (endpoint, credentials); none with a connection id.

    Raises:
        ValueError: The URL has a connection id, and Airflow has no provider for it.
    """
    parts = urlsplit(url)
    if not parts.scheme:
        return UPath(str(Path(url).expanduser()))
    if parts.username and _airflow_serves(parts.scheme):
        from airflow.sdk import ObjectStoragePath  # noqa: PLC0415 - slow to import, and not needed for a folder here

        return cast(UPath, ObjectStoragePath(url))  # typed as another class than its own base
    if parts.username and parts.scheme not in _WITH_USERS:
        raise ValueError(f"{url}: for a connection id, Airflow's provider of {parts.scheme}:// must be installed")
    folder: UPath = UPath(url, **options)
    return folder


def _airflow_serves(scheme: str) -> bool:
    from airflow.sdk.io.fs import has_fs  # noqa: PLC0415 - as above

    return has_fs(scheme)


def write_whole(folder: UPath, name: str, data: bytes) -> UPath:
    """Write a file that nobody sees half written. Returns it."""
    file = folder / name
    if is_here(folder):
        waiting = Path(folder.path) / f".{name}.part"
        waiting.write_bytes(data)
        waiting.replace(file.path)
    else:  # an object store shows a file when it is whole
        file.write_bytes(data)
    return file


def is_here(folder: UPath) -> bool:
    """Whether a folder is one of this machine's (a mounted one too)."""
    return folder.protocol in ("", "file", "local")
