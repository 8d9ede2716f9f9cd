"""The account that runs the embedded server: PostgreSQL refuses to run as root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

CANDIDATES = ("postgres", "nobody")


class PostgresError(RuntimeError):
    """The embedded server cannot do what was asked; the message says what to do."""


@dataclass(frozen=True)
class Account:
    """Who runs the server's programs; `entry` is None where that is the caller."""

    entry: pwd.struct_passwd | None

    @classmethod
    def for_data(cls, data: Path) -> "Account":
        """The account for a cluster: the caller, unless that is root; then its owner, or one that every system has.

        Raises:
            PostgresError: The caller is root, and the system has neither of `CANDIDATES`.
        """
        if os.geteuid() != 0:
            return cls(None)
        if data.exists():
            return cls(pwd.getpwuid(data.stat().st_uid))
        known = {entry.pw_name: entry for entry in pwd.getpwall()}
        for name in CANDIDATES:
            if name in known:
                return cls(known[name])
        raise PostgresError(f"PostgreSQL refuses to run as root: work as another user, or add a user {CANDIDATES[0]}.")

    def run(self, command: list[str], *, cwd: Path, log: Path | None = None) -> int:
        """Run a program without the caller's rights, groups and PG* variables.

        Args:
            command: The program and its arguments.
            cwd: A folder that the account may enter.
            log: File for its output. Never a pipe: a server that goes on would hold it open and the caller would wait.

        Returns:
            Its exit code.
        """
        with (log or Path(os.devnull)).open("ab") as output:
            return subprocess.run(
                command,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
                user=self.entry.pw_uid if self.entry else None,
                group=self.entry.pw_gid if self.entry else None,
                extra_groups=[] if self.entry else None,
                check=False,
            ).returncode

    def can_reach(self, path: Path) -> bool:
        """Whether the account may enter a folder or execute a program: asked of the system, not computed."""
        return self.run(["test", "-x", str(path)], cwd=Path("/")) == 0

    def take(self, path: Path) -> None:
        """Make the account the owner of a file or folder."""
        if self.entry:
            os.chown(path, self.entry.pw_uid, self.entry.pw_gid)
