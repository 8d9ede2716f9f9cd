"""One small simulation, and the contract's own reading of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from sangkien.simulate import SimulationResult, simulate
from tests.oracle import Oracle

ROWS, SEED = 2_400, 11  # a thousandth of the programme
END = date(2023, 8, 31)


@dataclass(frozen=True)
class Simulated:
    """A simulation of the whole programme, as it was written and as it reads."""

    inbox: Path
    result: SimulationResult
    oracle: Oracle


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    inbox = tmp_path_factory.mktemp("inbox")
    result = simulate(inbox, ROWS, SEED)
    return Simulated(inbox, result, read(inbox, END))


def read(inbox: Path, day: date) -> Oracle:
    """The reading of an inbox on a day."""
    oracle = Oracle()
    oracle.arrive(inbox, day)
    return oracle


def contents(inbox: Path) -> dict[str, bytes]:
    """The bytes of every file below an inbox, by path."""
    return dict(_files(inbox))


def _files(inbox: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(inbox.rglob("*.*")):
        yield path.relative_to(inbox).as_posix(), path.read_bytes()
