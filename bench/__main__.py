"""`make bench`: every benchmark, one after the other, and the page about them.

python -m bench [--rows N] [--runs 1] [--quick] [--from NAME] [--only NAME ...]

Each leaves its result when it ends. One that fails does not stop the others; `--from` and `--only` go on from there.
"""

import argparse
import os
import subprocess
import sys
import time

from bench.database import FOLDER
from bench.measure import RESULTS
from bench.sizes import GROWTH_HISTORIES, PROGRAMME, QUICK_ROWS, ROWS


def main() -> None:
    """Run them; exit code 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--runs", type=int, default=1, help="of those whose medians are told")
    parser.add_argument("--quick", action="store_true", help="small, into a folder that no page is written from")
    parser.add_argument("--from", dest="begin", metavar="NAME", help="leave out those before this one")
    parser.add_argument("--only", nargs="+", metavar="NAME")
    arguments = parser.parse_args()
    rows = arguments.rows or (QUICK_ROWS if arguments.quick else ROWS)
    sized = ["--rows", str(rows), "--runs", str(arguments.runs)]
    benches = {"refresh": sized} if arguments.quick else _all(rows, sized)
    names = list(benches)
    named = arguments.only or [arguments.begin or names[0]]
    if unknown := [name for name in named if name not in names]:
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(names)}")
    chosen = arguments.only or names[names.index(named[0]) :]
    results = FOLDER / "quick" if arguments.quick else RESULTS
    began, failed = time.monotonic(), []
    for number, name in enumerate(chosen, start=1):
        print(f"\n=== {name} ({number} of {len(chosen)}, after {time.monotonic() - began:.0f} s) ===", flush=True)
        command = [sys.executable, "-m", f"bench.{name}", *benches[name]]
        if subprocess.run(command, env=os.environ | {"BENCH_RESULTS": str(results)}, check=False).returncode:
            failed.append(name)
    print(f"\n{len(chosen)} benchmarks took {time.monotonic() - began:.0f} s; their results are in {results}")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}; see above, then again with --only {' '.join(failed)}")


def _all(rows: int, sized: list[str]) -> dict[str, list[str]]:
    """Name and arguments of each. Growth is measured up to the size asked for, in steps of ten."""
    histories = sorted({*(history for history in (*GROWTH_HISTORIES, PROGRAMME) if history < rows), rows})
    return {
        "intake": [*sized, "--peers"],
        "judge": sized,
        "build": [*sized, "--forget"],
        "refresh": sized,
        "growth": ["--histories", *map(str, histories)],
        "airflow": ["--rows", str(rows)],
        "page": [],
    }


if __name__ == "__main__":
    main()
