"""The targets that the issues set, and what the results say of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bench.peer import PEER_TOOLS
from bench.questions import LIMIT_MS
from bench.refresh import BEST, DEFAULTS, EMPTY, HAND, OURS
from bench.sizes import PROGRAMME

Results = Mapping[str, Mapping[str, Any]]
GROWTH_NIGHT = 25_000


@dataclass(frozen=True)
class Target:
    """One target. `most`: the value may be at most the limit; else it must be at least that.

    Attributes:
        issue: The issue that sets it.
        what: What is measured.
        limit: Its bound.
        unit: The unit of both.
        bench: The result that tells.
        value: What it tells; none: not measured.
        most: Which side of the limit is right.
    """

    issue: int
    what: str
    limit: float
    unit: str
    bench: str
    value: Callable[[Mapping[str, Any]], float | None]
    most: bool = True

    def measured(self, results: Results) -> float | None:
        """The value, if it was measured."""
        return self.value(results[self.bench]) if self.bench in results else None

    def verdict(self, results: Results) -> str:
        """Met or not; in brackets where it was measured on fewer initiatives than the target is about."""
        value = self.measured(results)
        if value is None:
            return "not measured"
        said = "met" if (value <= self.limit if self.most else value >= self.limit) else "not met"
        return said if initiatives(results[self.bench]) in {None, PROGRAMME} else f"({said})"


def initiatives(result: Mapping[str, Any]) -> int | None:
    """The size of the history that a result was measured on; none: it has no history."""
    if "histories" in result:
        return max(int(history["initiatives"]) for history in result["histories"])
    size: int | None = result["facts"].get("initiatives")
    return size


def contender(result: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """One contender of a result, if it took part."""
    return next((one for one in result["contenders"] if one["name"] == name), None)


def _times(above: str, below: str) -> Callable[[Mapping[str, Any]], float | None]:
    """The median of one in terms of that of another."""

    def value(result: Mapping[str, Any]) -> float | None:
        first, second = contender(result, above), contender(result, below)
        return None if first is None or second is None else first["median"] / second["median"]

    return value


def _seconds(*names: str) -> Callable[[Mapping[str, Any]], float]:
    return lambda result: sum(one["median"] for one in result["contenders"] if one["name"] in names)


def _peak(name: str) -> Callable[[Mapping[str, Any]], float | None]:
    def value(result: Mapping[str, Any]) -> float | None:
        found = contender(result, name)
        return None if found is None else found["peak_rss_mib"]

    return value


def night_of(history: Mapping[str, Any], size: int) -> Mapping[str, Any] | None:
    """A history's night of so many rows."""
    return next((night for night in history["nights"] if night["rows"] == size), None)


def tenfold(result: Mapping[str, Any], who: str, stage: str | None = None) -> float | None:
    """How many times the 25,000-row night's seconds on the longest history are those on one a tenth as long.

    Args:
        result: The growth curves.
        who: `sangkien` or `stack`.
        stage: One stage of ours; none: the whole night.
    """
    of_size = {history["initiatives"]: night_of(history, GROWTH_NIGHT) for history in result["histories"]}
    longest = max(of_size)
    nights = of_size[longest], of_size.get(longest // 10)
    if any(night is None or who not in night for night in nights):
        return None

    def seconds(night: Any) -> float:
        measured = night[who]
        return float(measured["detail"]["stages"][stage]["seconds"] if stage else sum(measured["seconds"]))

    return seconds(nights[0]) / seconds(nights[1])


TARGETS = (
    Target(3, "Landing, of bare COPY", 2.0, "x", "intake", _times("sangkien: into landing", "bare COPY")),
    Target(
        3,
        "Landing, times faster than dlt with its best settings",
        2.5,
        "x",
        "intake",
        _times(PEER_TOOLS["dlt"], "sangkien: into landing"),
        most=False,
    ),
    Target(3, "Memory of a load", 1024, "MiB", "intake", _peak("sangkien: into landing, typed into staging")),
    Target(
        3,
        "A workbook of 100,000 rows, of python-calamine alone",
        1.5,
        "x",
        "spreadsheet",
        _times("sangkien: rows for landing", "python-calamine alone"),
    ),
    Target(
        4,
        "From landing to verdicts, of SQL by hand",
        1.0,
        "x",
        "judge",
        _times("sangkien: typing, judge", "SQL by hand: typing, flags, duplicates"),
    ),
    Target(
        4,
        "Great Expectations over all row rules, of the flags scan",
        2.5,
        "x",
        "judge_expectations",
        _times("Great Expectations, all row rules", "the flags scan alone"),
    ),
    Target(
        4,
        "A night judged and checked, of from scratch",
        0.08,
        "x",
        "judge",
        _times("sangkien: a night, with its checks", "sangkien: typing, judge"),
    ),
    Target(5, "All marts from scratch, of SQL by hand", 1.5, "x", "build", _times("sangkien, from scratch", "by hand")),
    Target(
        5, "A night's marts, of from scratch", 0.15, "x", "build", _times("sangkien, a night", "sangkien, from scratch")
    ),
    Target(
        5,
        "A night's marts on a history ten times as long, of their own time",
        1.5,
        "x",
        "growth",
        lambda result: tenfold(result, "sangkien", "build"),
    ),
    Target(
        5,
        "The slowest of twelve questions, 95th percentile, four readers, idle or during a refresh",
        LIMIT_MS,
        "ms",
        "questions",
        lambda result: max(max(times.values()) for times in result["questions"].values()),
    ),
    Target(
        6,
        "A night through Airflow, from trigger to publication",
        75,
        "s",
        "airflow",
        _seconds("the stages", "Airflow's own"),
    ),
    Target(6, "of which Airflow's own", 45, "s", "airflow", _seconds("Airflow's own")),
    Target(6, "Idle memory of the whole", 1536, "MiB", "airflow", lambda result: result["facts"]["idle MiB"]),
    Target(9, "Full refresh, of the sum of the steps by hand", 1.0, "x", "refresh", _times(OURS, HAND)),
    Target(
        9,
        "Full refresh, times faster than the stack with dlt's best settings",
        1.5,
        "x",
        "refresh",
        _times(BEST, OURS),
        most=False,
    ),
    Target(
        9,
        "Full refresh, times faster than the stack with dlt's defaults",
        3.5,
        "x",
        "refresh",
        _times(DEFAULTS, OURS),
        most=False,
    ),
    Target(9, "Memory of a full refresh, all processes together", 2048, "MiB", "refresh", _peak(OURS)),
    Target(9, "A night, times faster than the stack", 4.0, "x", "night", _times(BEST, OURS), most=False),
    Target(9, "A night, of one by hand that scans the history", 0.5, "x", "night", _times(OURS, HAND)),
    Target(
        9,
        "A night on a history ten times as long, of its own time",
        1.5,
        "x",
        "growth",
        lambda result: tenfold(result, "sangkien"),
    ),
    Target(9, "A night in which nothing arrived, of one with rows", 1 / 3, "x", "night", _times(OURS + EMPTY, OURS)),
)
