"""What a local service keeps under its folder between runs: its port, its secrets; and the end of its log."""

import os
import secrets
import socket
from pathlib import Path

HOST = "127.0.0.1"
# Below the range from which Linux takes ports for outgoing connections (32768-60999): none sits on ours by chance.
PORTS = range(20_000, 32_768)


def kept_port(file: Path) -> int:
    """The port recorded in `file`, or another free one, recorded there, if there is none or somebody took it."""
    if file.exists() and _is_free(port := int(file.read_text())):
        return port
    for _ in range(100):
        port = secrets.choice(PORTS)
        if _is_free(port):
            file.write_text(f"{port}\n")
            return port
    raise RuntimeError(f"No free port found on {HOST} between {PORTS.start} and {PORTS.stop}.")


def kept_secret(file: Path, value: str) -> str:
    """The secret in `file`, readable by its owner only; `value` becomes that secret if the file is not there."""
    if not file.exists():
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(value)
        draft.rename(file)
    return file.read_text()


def tail(file: Path, lines: int = 20) -> str:
    """The last lines of a log; empty if there is no log."""
    if not file.exists():
        return ""
    return "\n".join(file.read_text(errors="replace").splitlines()[-lines:])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
