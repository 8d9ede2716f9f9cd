"""The simulation as a whole: plan, make each unit, add up."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from sangkien.simulate.plan import UnitPlan, add_night, make_plan
from sangkien.simulate.programme import read_programme
from sangkien.simulate.quotas import write_quotas
from sangkien.simulate.schedule import FIRST_EXPORT
from sangkien.simulate.truth import Figures, Timeline, added
from sangkien.simulate.unit import UnitResult, write_unit

_ALONE_BELOW = 20_000  # initiatives; starting further processes takes longer

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class SimulationResult:
    """What a simulation wrote, and what the warehouse must show of it.

    Attributes:
        out: The inbox.
        files: The files written, below it, in the order of their paths.
        rows: Data rows of initiatives in them, rejected ones included.
        initiatives: Submitted initiatives as of the last day.
        expected: The figures as of each milestone that is reached, and as of the last day.
        timeline: How they change from export date to export date.
    """

    out: Path
    files: tuple[str, ...]
    rows: int
    initiatives: int
    expected: Mapping[date, Figures]
    timeline: Timeline

    def as_of(self, day: date) -> Figures:
        """The figures as of any day, of what is written."""
        return self.timeline.figures(day)

    def write_truth(self, path: Path) -> None:
        """Write the expected figures as JSON, by day."""
        figures = {str(day): asdict(figures) for day, figures in self.expected.items()}
        path.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def simulate(
    out: Path,
    rows: int,
    seed: int,
    until: date | None = None,
    night: date | None = None,
    night_rows: int = 0,
    progress: Progress | None = None,
) -> SimulationResult:
    """Write an inbox (contract §1): the same arguments give the same bytes.

    Args:
        out: The inbox; other files in it stay.
        rows: Initiatives that stand as submitted at the end of the programme; 2,400,000 are the whole of it.
        seed: Everything drawn derives from it.
        until: The last export date to be written; the files are those of the whole programme.
        night: The export date of one more night of deltas.
        night_rows: Its rows in all.
        progress: Called with the initiatives made and those planned.

    Raises:
        ValueError: There is nothing to simulate, or a further night lies before the first deliveries or has no rows.
    """
    programme = read_programme()
    if rows < 1 or night_rows < 0 or (night is None) != (night_rows == 0):
        raise ValueError("a simulation needs at least one initiative, and a further night a date and rows")
    plans = make_plan(programme, rows, seed)
    if night is not None:
        if night.toordinal() < FIRST_EXPORT:
            raise ValueError(f"the night {night} lies before the first deliveries")
        plans = add_night(plans, night, night_rows)
    files = write_quotas(programme, plans, rows, out, until)
    results = []
    planned = sum(int(plan.programme.counts.sum()) for plan in plans)
    for result in _write_units(plans, out, until, rows):
        results.append(result)
        if progress:
            progress(sum(made.initiatives for made in results), planned)
    timeline = Timeline(added(result.changes for result in results), programme.groups)
    last = max(day for day in (until or programme.milestones[-1], night) if day is not None)
    days = sorted({*(day for day in programme.milestones if day <= last), last})
    return SimulationResult(
        out=out,
        files=tuple(sorted(files + [name for result in results for name in result.files])),
        rows=sum(result.rows for result in results),
        initiatives=timeline.figures(last).submitted,
        expected={day: timeline.figures(day) for day in days},
        timeline=timeline,
    )


def _write_units(plans: Iterable[UnitPlan], out: Path, until: date | None, rows: int) -> Iterator[UnitResult]:
    """Make the units, the largest first: in this process, or in one for each core."""
    by_size = sorted(plans, key=lambda plan: plan.rank)
    write = partial(write_unit, out=out, until=until)
    if rows < _ALONE_BELOW:
        yield from map(write, by_size)
        return
    # Spawned, not forked: polars keeps threads, which a fork would lose.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for made in as_completed([pool.submit(write, plan) for plan in by_size]):
            yield made.result()
