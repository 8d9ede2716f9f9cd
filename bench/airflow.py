"""`make bench-airflow`: a night through Airflow, stage by stage, and what Airflow itself costs: seconds and memory.

python -m bench.airflow [--deliver FOLDER] [--as-of DATE] [--runs 1]

It works on this installation (SANGKIEN_HOME, SANGKIEN_DSN) and whichever history its warehouse holds. FOLDER is laid
out as an inbox (`sangkien simulate --night ... --out FOLDER`); what of it the inbox does not have yet is the night's.
"""

import argparse
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from bench.measure import Measured, report
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
    """Start Airflow, look at its memory, run nights, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliver", type=Path)
    parser.add_argument("--as-of", default=today().isoformat())
    parser.add_argument("--runs", type=int, default=1)
    arguments = parser.parse_args()
    airflow = local_airflow()
    airflow.up()
    try:
        time.sleep(SETTLE_SECONDS)
        memory = idle_memory(airflow)
        print("idle memory (proportional set size):")
        for name, mebibytes in memory.items():
            print(f"  {name:14} {mebibytes:7.0f} MiB")
        print(f"  {'together':14} {sum(memory.values()):7.0f} MiB")
        ours, overhead = Measured("the stages", [], 0), Measured("Airflow's own", [], sum(memory.values()))
        for _ in range(arguments.runs):
            steps = run_night(airflow, arguments.deliver, arguments.as_of)
            for step in steps:
                print(f"  {step.stage:10} after {step.waited:5.1f} s  {step.seconds:6.1f} s  {step.rows:,} rows")
            ours.seconds.append(sum(step.seconds for step in steps))
            overhead.seconds.append(sum(step.waited for step in steps))
        facts = {"rows": max(step.rows for step in steps), "idle MiB": round(sum(memory.values()))}
        report("airflow", ours.name, [ours, overhead], facts)
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
    return {name: sum(p.memory_full_info().pss for p in them) / 2**20 for name, them in processes.items()}


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
