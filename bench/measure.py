"""Running a contender in processes of its own and measuring it."""

import json
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psutil

RESULTS = Path(__file__).parent / "results"


@dataclass(eq=False)
class Measured:
    """One contender's runs."""

    name: str
    seconds: list[float]
    peak_rss_mib: float
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def median(self) -> float:
        """The median of its times, in seconds."""
        return statistics.median(self.seconds)


def in_processes(work: Callable[..., Any], shares: Sequence[tuple[Any, ...]]) -> tuple[float, float, list[Any]]:
    """Do each share of a work in a process of its own, all at once.

    Returns:
        The seconds until the last was done (start of the processes not counted), the largest resident set of any of
        them in MiB, and what they returned.
    """
    with ProcessPoolExecutor(len(shares), mp_context=get_context("spawn")) as pool:
        barrier = [pool.submit(time.sleep, 0.5) for _ in shares]  # every process is up, with its imports done
        for waiting in barrier:
            waiting.result()
        began = time.perf_counter()
        running = [pool.submit(_measured, work, *share) for share in shares]
        done = [future.result() for future in running]
        seconds = time.perf_counter() - began
    return seconds, max(rss for rss, _ in done), [result for _, result in done]


def _measured(work: Callable[..., Any], *share: Any) -> tuple[float, Any]:
    result = work(*share)
    with Path("/proc/self/status").open() as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    return peak / 1024, result


def report(bench: str, limit: str, contenders: Sequence[Measured], facts: dict[str, Any]) -> None:
    """Print a table of the contenders beside the limit, and leave it in `bench/results/<bench>.json`."""
    base = next(contender.median for contender in contenders if contender.name == limit)
    print(f"\n{bench}: " + ", ".join(f"{name} {value:,}" for name, value in facts.items()))
    for contender in contenders:
        runs = ", ".join(f"{seconds:.1f}" for seconds in contender.seconds)
        print(
            f"  {contender.name:34} {contender.median:8.1f} s  {contender.median / base:5.2f} x limit"
            f"  {contender.peak_rss_mib:7.0f} MiB  (runs: {runs})"
        )
        for name, value in contender.detail.items():
            print(f"    {name}: {value}")
    RESULTS.mkdir(exist_ok=True)
    document = {
        "bench": bench,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": psutil.cpu_count(), "memory_gib": psutil.virtual_memory().total >> 30},
        "python": platform.python_version(),
        "limit": limit,
        "facts": facts,
        "contenders": [
            asdict(contender) | {"median": contender.median, "ratio": contender.median / base}
            for contender in contenders
        ],
    }
    (RESULTS / f"{bench}.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
