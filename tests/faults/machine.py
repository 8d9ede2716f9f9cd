"""A small machine of its own: a disk that can be filled, a PostgreSQL that can be killed, and an installation."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from sangkien.local.postgres import EmbeddedPostgres
from tests.conftest import SANGKIEN, Warehouse

DISK_BYTES = 2 * 2**30
# A disk that fills up finds some room, and none for the next file of 16 MiB that PostgreSQL writes ahead.
LEFT_BYTES = 64 * 2**10


@dataclass
class Machine:
    """Everything lies on one disk: the cluster, the raw store, the inbox and the outbox."""

    disk: Path
    server: EmbeddedPostgres
    warehouse: Warehouse
    is_small: bool
    runs: list[subprocess.Popen[bytes]]

    def start_refresh(self, as_of: str, log: Path) -> subprocess.Popen[bytes]:
        """Start the nightly job in a process group of its own."""
        with log.open("ab") as said:
            run = subprocess.Popen(
                [SANGKIEN, "refresh", "--as-of", as_of],
                env=self.warehouse.variables() | {"COLUMNS": "200"},
                start_new_session=True,
                stdout=said,
                stderr=subprocess.STDOUT,
            )
        self.runs.append(run)
        return run

    def fill_disk(self) -> None:
        """Somebody else's file takes what is left."""
        free = shutil.disk_usage(self.disk).free - LEFT_BYTES
        with suppress(OSError), (self.disk / "ballast").open("wb") as ballast:  # another writer may be quicker
            os.posix_fallocate(ballast.fileno(), 0, max(free, 1))

    def mend(self) -> bool:
        """What a person does in the morning: make room, start the server if it is down. Whether that was needed."""
        (self.disk / "ballast").unlink(missing_ok=True)
        was_down = not self.server.status().running
        self.server.start()
        return was_down

    def kill_server(self, *, only_a_backend: bool) -> None:
        """SIGKILL the server, or one of its processes that serves a session."""
        pid = self.server.status().pid
        if pid is None:
            return
        victim = pid
        if only_a_backend:
            with psycopg.connect(self.warehouse.dsn, autocommit=True) as connection:
                found = connection.execute(OF_THE_REFRESH).fetchone()
            victim = found[0] if found else pid
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)

    def drop_connection(self) -> None:
        """End a session of the refresh, as a network that fails would."""
        with psycopg.connect(self.warehouse.dsn, autocommit=True) as connection:
            found = connection.execute(OF_THE_REFRESH).fetchone()
            if found:
                connection.execute("select pg_terminate_backend(%s)", [found[0]])


OF_THE_REFRESH = (
    "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    " and backend_type = 'client backend' and application_name <> 'reader' order by random() limit 1"
)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL a command and all its children."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def kill_one(process: subprocess.Popen[bytes], which: float) -> None:
    """SIGKILL one process of a command: the one at this fraction of the list."""
    with suppress(psutil.NoSuchProcess):
        main = psutil.Process(process.pid)
        all_of_it = [main, *main.children(recursive=True)]
        all_of_it[int(which * len(all_of_it))].kill()


@contextmanager
def machine() -> Iterator[Machine]:
    """Set one up, on a tmpfs of its own where we may mount one; take it down again."""
    disk = Path(tempfile.mkdtemp(prefix="sangkien-faults-", dir="/var/tmp"))
    disk.chmod(0o755)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=755", "tmpfs", str(disk)]
    is_small = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    server = EmbeddedPostgres(disk / "server")
    runs: list[subprocess.Popen[bytes]] = []
    try:
        server.start()
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
            connection.execute("alter system set max_wal_size = '96MB'")
            connection.execute("select pg_reload_conf()")
        warehouse = Warehouse(server.dsn(), disk / "installation")
        warehouse.inbox.mkdir(parents=True)
        yield Machine(disk, server, warehouse, is_small, runs)
    finally:
        for run in runs:
            if run.poll() is None:  # we were told to stop in the middle of it
                kill_group(run)
                run.wait()
        server.destroy()
        if is_small:
            subprocess.run(["umount", "--lazy", str(disk)], check=True)
        shutil.rmtree(disk, ignore_errors=True)
