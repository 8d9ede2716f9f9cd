"""The faults: each disturbs a refresh that has just been started, at a moment that chance gives."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import psycopg

from tests.faults.machine import Machine, kill_group, kill_one

STAGES = ("discover", "load", "judge", "build", "gate", "publish", "receipts")
PATIENCE_SECONDS = 600


@dataclass
class Disturbance:
    """A fault of one night.

    Attributes:
        machine: Where.
        run: The refresh that is disturbed.
        as_of: Its logical date.
        replaced: A delivery of tonight that its unit replaces: its place in the inbox.
        final: The bytes that it has in the end.
        chance: Gives the moment, and the victim.
        usual_seconds: How long a refresh takes undisturbed.
        log: Where what is said goes.
        moment: When it happened, for the report.
        troubles: What should not have come of it.
    """

    machine: Machine
    run: subprocess.Popen[bytes]
    as_of: str
    replaced: Path
    final: bytes
    chance: Random
    usual_seconds: float
    log: Path
    moment: str = ""
    troubles: list[str] = field(default_factory=list)
    _began: datetime = field(default_factory=lambda: datetime.now(UTC))

    def wait_for_moment(self, *stages: str) -> None:
        """Wait for a moment of the refresh: in one of these stages, else in any of them or at any time."""
        if not stages and self.chance.random() < 0.4:
            seconds = self.chance.uniform(0, self.usual_seconds)
            self.moment = f"after {seconds:.1f} s"
        else:
            stage, seconds = self.chance.choice(stages or STAGES), self.chance.choice((0, 0.05, 0.2, 0.6, 1.5))
            self.moment = f"{stage} + {seconds} s"
            while self.run.poll() is None and not self._has_begun(stage):
                time.sleep(0.02)
        self.let_run(seconds)

    def let_run(self, seconds: float) -> None:
        """Wait so long, but not longer than the refresh runs."""
        try:
            self.run.wait(seconds)
        except subprocess.TimeoutExpired:
            return

    def _has_begun(self, stage: str) -> bool:
        query = "select from ops.stage_outcome where stage = %s and started_at > %s limit 1"
        try:
            with psycopg.connect(self.machine.warehouse.dsn, application_name="reader") as connection:
                return connection.execute(query, [stage, self._began]).fetchone() is not None
        except (psycopg.errors.UndefinedTable, psycopg.OperationalError):  # the first night; or the server is not up
            return False


def killed(night: Disturbance) -> None:
    """SIGKILL to the refresh and all its processes."""
    night.wait_for_moment()
    kill_group(night.run)


def one_process_killed(night: Disturbance) -> None:
    """SIGKILL to one process of the refresh: a loader, or the one that leads."""
    night.wait_for_moment("load", "load", "judge", "build")
    kill_one(night.run, night.chance.random())


def server_killed(night: Disturbance) -> None:
    """SIGKILL to PostgreSQL."""
    night.wait_for_moment()
    night.machine.kill_server(only_a_backend=False)


def backend_killed(night: Disturbance) -> None:
    """SIGKILL to one process of PostgreSQL: it ends every session, and recovers by itself."""
    night.wait_for_moment()
    night.machine.kill_server(only_a_backend=True)


def connection_dropped(night: Disturbance) -> None:
    """A session is cut off."""
    night.wait_for_moment()
    night.machine.drop_connection()


def disk_full_in_load(night: Disturbance) -> None:
    """The disk is full while files are loaded."""
    night.wait_for_moment("discover", "load")
    night.machine.fill_disk()


def disk_full_in_publish(night: Disturbance) -> None:
    """The disk is full while figures are built and published."""
    night.wait_for_moment("judge", "build", "gate", "publish")
    night.machine.fill_disk()


def two_at_once(night: Disturbance) -> None:
    """Another refresh starts at the same moment, or a little later."""
    seconds = night.chance.choice((0, 0, 0.5, 2))
    night.moment = f"+ {seconds} s"
    night.let_run(seconds)
    other = night.machine.start_refresh(night.as_of, night.log)
    codes = (night.run.wait(PATIENCE_SECONDS), other.wait(PATIENCE_SECONDS))
    if codes != (0, 0):
        night.troubles.append(f"two refreshes at once ended with exit codes {codes}")


def replaced_by_renaming(night: Disturbance) -> None:
    """A delivery is replaced, whole, while it may be read."""
    night.wait_for_moment("discover", "load")
    waiting = night.replaced.with_name(f".{night.replaced.name}")
    waiting.write_bytes(night.final)
    waiting.replace(night.replaced)


def replaced_in_place(night: Disturbance) -> None:
    """A delivery is written over, piece by piece, while it may be read."""
    night.wait_for_moment("discover", "load")
    with night.replaced.open("wb", buffering=0) as file:
        for start in range(0, len(night.final), 512):
            file.write(night.final[start : start + 512])
            time.sleep(0.01)


FAULTS: tuple[Callable[[Disturbance], None], ...] = (
    killed,
    one_process_killed,
    server_killed,
    backend_killed,
    connection_dropped,
    disk_full_in_load,
    disk_full_in_publish,
    two_at_once,
    replaced_by_renaming,
    replaced_in_place,
)
REPLACING = (replaced_by_renaming, replaced_in_place)
FILLING = (disk_full_in_load, disk_full_in_publish)
