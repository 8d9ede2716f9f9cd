"""`make bench-airflow`: a night through Airflow, stage by stage, and what Airflow itself costs: seconds and memory.

python -m bench.airflow [--rows N] | [--deliver FOLDER] [--as-of DATE] [--runs 1]

With --rows it makes an installation of its own with a history of so many initiatives, runs one night on it, and deletes
it. Without, it works on this installation (SANGKIEN_HOME, SANGKIEN_DSN) and whichever history its warehouse holds.
FOLDER is laid out as an inbox (`sangkien simulate --night ... --out FOLDER`); what the inbox lacks is the night's.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from bench.database import FOLDER
from bench.measure import Measured, report
from bench.programme import HISTORY, NIGHT, deliver, night_inbox, programme_inbox
from bench.sizes import night_rows
from sangkien.cli_local import embedded_server, local_airflow
from sangkien.database import connect
from sangkien.local.airflow import SERVICES, LocalAirflow
from sangkien.pipeline import today, warehouse_dsn
from sangkien.settings import get_settings

DAG = "nightly_refresh"
SETTLE_SECONDS = 20
STAGES = ("discover", "load", "judge", "build", "gate", "publish")
_STAGES = """
select stage, started_at, finished_at, coalesce(row_count, 0) as row_count
from ops.stage_statistics where run_id = %s and stage = any(%s) order by started_at
"""


@dataclass(frozen=True)
class Step:
    """A stage of a night: how long Airflow took to get to it, and how long it took."""

    stage: str
    waited: float
    seconds: float
    rows: int


def main() -> None:
    """Measure nights of this installation, or of one made for it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--deliver", type=Path)
    parser.add_argument("--as-of", default=today().isoformat())
    parser.add_argument("--runs", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.rows is None:
        bench_nights(arguments.deliver, arguments.as_of, arguments.runs, {})
        return
    own = FOLDER / "airflow"
    night = make_installation(own, arguments.rows)
    try:
        bench_nights(night, NIGHT.isoformat(), 1, {"initiatives": arguments.rows})
    finally:
        embedded_server().destroy()
        shutil.rmtree(own)


def make_installation(home: Path, rows: int) -> Path:
    """An installation with a history of so many initiatives, which is this process's from now on.

    Returns:
        The files of the night that is to be run on it.
    """
    history, night = programme_inbox(FOLDER, rows), night_inbox(FOLDER, rows, NIGHT, night_rows(rows))
    for name in ("SANGKIEN_DSN", "SANGKIEN_INBOX", "SANGKIEN_OUTBOX"):
        os.environ.pop(name, None)
    os.environ["SANGKIEN_HOME"] = str(home)
    embedded_server().destroy()
    shutil.rmtree(home, ignore_errors=True)
    deliver(history, home / "inbox")
    print(f"a first night of {rows:,} initiatives, without Airflow ...", flush=True)
    subprocess.run([Path(sys.executable).with_name("sangkien"), "refresh", "--as-of", str(HISTORY)], check=True)
    return night


def bench_nights(deliver_from: Path | None, as_of: str, runs: int, facts: dict[str, int]) -> None:
    """Start Airflow, look at its memory, run nights, and report."""
    airflow = local_airflow()
    airflow.up()
    try:
        time.sleep(SETTLE_SECONDS)
        memory = idle_memory(airflow)
        print("idle memory (proportional set size):")
        for name, mebibytes in memory.items():
            print(f"  {name:14} {mebibytes:7.0f} MiB")
        print(f"  {'together':14} {sum(memory.values()):7.0f} MiB")
        ours, overhead = Measured("the stages"), Measured("Airflow's own")
        for _ in range(runs):
            steps = run_night(airflow, deliver_from, as_of)
            for step in steps:
                print(f"  {step.stage:10} after {step.waited:5.1f} s  {step.seconds:6.1f} s  {step.rows:,} rows")
            ours.add(sum(step.seconds for step in steps), detail={step.stage: round(step.seconds, 2) for step in steps})
            waited = {f"before {step.stage}": round(step.waited, 2) for step in steps}
            overhead.add(sum(step.waited for step in steps), sum(memory.values()), waited)
        told = {**facts, "rows": max(step.rows for step in steps), "idle MiB": round(sum(memory.values()))}
        report("airflow", ours.name, [ours, overhead], told)
        print(f"  from trigger to publication: {ours.median + overhead.median:.1f} s")
    finally:
        airflow.down()


def idle_memory(airflow: LocalAirflow) -> dict[str, float]:
    """MiB of each service and of the embedded server; shared pages are divided among those who share them."""
    processes = {name: airflow.processes(name) for name in SERVICES}
    server = embedded_server().status().pid
    if server is not None:
        leader = psutil.Process(server)
        processes["postgres"] = [leader, *leader.children(recursive=True)]
    return {name: sum(map(_proportional_size, them)) / 2**20 for name, them in processes.items()}


def _proportional_size(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.NoSuchProcess:  # it has ended since it was listed
        return 0


def run_night(airflow: LocalAirflow, deliver: Path | None, as_of: str) -> list[Step]:
    """Deliver, trigger, wait; the stages up to the publication.

    Raises:
        RuntimeError: The run of the DAG failed.
    """
    if deliver is not None:
        put(deliver, Path(get_settings().inbox_folder.path))
    with airflow.api() as api:
        before = datetime.now(UTC)
        run_id = api.trigger(DAG, conf={"as_of": as_of})
        end = api.wait(DAG, run_id)
    if end.state != "success":
        raise RuntimeError(f"{run_id} ended as {end.state}")
    steps = []
    with connect(warehouse_dsn(get_settings())) as connection:
        for stage, started, finished, rows in connection.execute(_STAGES, [run_id, list(STAGES)]):
            waited, seconds = started - before, finished - started
            steps.append(Step(stage, waited.total_seconds(), seconds.total_seconds(), int(rows)))
            before = finished
    return steps


def put(folder: Path, inbox: Path) -> None:
    """Copy what the inbox does not have, each file whole before it gets its name."""
    for file in folder.rglob("*.*"):
        target = inbox / file.relative_to(folder)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target.with_name(f".{target.name}"))
            target.with_name(f".{target.name}").rename(target)


if __name__ == "__main__":
    main()
