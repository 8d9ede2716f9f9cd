"""`make bench-growth`: what a night costs as the history grows, and as the night grows.

python -m bench.growth [--histories 24000 240000] [--nights 2500 25000 250000] [--no-stack]

For each history, nights one after the other, the smallest first, each on what those before it left. A history's
results are kept as soon as they are there, beside those of other histories that were measured before. 2,400,000 need
some 15 GB of disk; ten times that does not fit the machine on which docs/benchmarks.md was written.
"""

import argparse
import json
import shutil
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from bench.database import FOLDER, bench_server, empty_database
from bench.measure import RESULTS, Measured, keep, surroundings
from bench.peer import peer_python, peer_versions
from bench.programme import HISTORY, NIGHT, deliver, night_inbox, programme_inbox
from bench.refresh import clear, new_installation
from bench.sizes import GROWTH_HISTORIES, GROWTH_NIGHTS
from bench.stack import Stack
from sangkien.local.postgres import EmbeddedPostgres


def main() -> None:
    """Measure each history, and keep what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--histories", type=int, nargs="+", default=list(GROWTH_HISTORIES))
    parser.add_argument("--nights", type=int, nargs="+", default=list(GROWTH_NIGHTS))
    parser.add_argument("--no-stack", action="store_true", help="without dlt, Great Expectations and dbt")
    arguments = parser.parse_args()
    stack = not arguments.no_stack
    if stack:
        peer_python("stack")
    with bench_server() as server:
        for rows in arguments.histories:
            print(f"a history of {rows:,} initiatives", flush=True)
            try:
                measured = _measure(server, rows, sorted(arguments.nights), stack=stack)
            finally:
                clear(server)
            _keep(rows, measured, peer_versions() if stack else None)


def _measure(server: EmbeddedPostgres, rows: int, nights: list[int], *, stack: bool) -> dict[str, Any]:
    """The history's first night, and each night after it: of ours, and of the stack with dlt's best settings."""
    inbox = FOLDER / "inbox"
    shutil.rmtree(inbox, ignore_errors=True)
    history = programme_inbox(FOLDER, rows)
    deliver(history, inbox)
    ours, theirs = new_installation(server, inbox), Stack(empty_database(server, "bench_stack"), inbox)
    first = Measured(f"sangkien, {rows:,} initiatives"), Measured(f"the stack, {rows:,} initiatives")
    ours.refresh(first[0], HISTORY)
    if stack:
        theirs.first(first[1])
    told = []
    for number, size in enumerate(nights):
        day = NIGHT + timedelta(days=number)
        deliver(night_inbox(FOLDER, rows, day, size), inbox)
        night = Measured(f"sangkien, a night of {size:,}"), Measured(f"the stack, a night of {size:,}")
        ours.refresh(night[0], day)
        if stack:
            theirs.night(night[1])
        told.append({"rows": size, **_both(night, stack=stack)})
    return {
        "initiatives": rows,
        "MiB of files": round(sum(file.stat().st_size for file in history.rglob("*.csv")) / 2**20),
        "first": _both(first, stack=stack),
        "nights": told,
    }


def _both(measured: tuple[Measured, Measured], *, stack: bool) -> dict[str, Any]:
    ours, theirs = (asdict(one) for one in measured)
    return {"sangkien": ours} | ({"stack": theirs} if stack else {})


def _keep(rows: int, measured: dict[str, Any], peers: dict[str, str] | None) -> None:
    file = RESULTS / "growth.json"
    histories = json.loads(file.read_text("utf-8"))["histories"] if file.exists() else []
    others = [history for history in histories if history["initiatives"] != rows]
    dated = measured | {"at": surroundings()["at"]}
    keep("growth", {"histories": sorted([*others, dated], key=lambda one: one["initiatives"])}, peers)


if __name__ == "__main__":
    main()
