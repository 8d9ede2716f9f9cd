"""One small programme, and a warehouse that has taken it in one undisturbed night."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from sangkien.simulate import SimulationResult, simulate
from tests.conftest import Warehouse

ROWS = 3_000
SEED = 7
AS_OF = date(2023, 8, 31)
FIRST_UNTIL = date(2023, 6, 30)


@dataclass(frozen=True)
class Programme:
    """The simulated deliveries, and what the warehouse must make of them."""

    inbox: Path
    result: SimulationResult

    def files(self) -> list[str]:
        """The deliveries, by their paths in the inbox."""
        return sorted(str(file.relative_to(self.inbox)) for file in self.inbox.rglob("*.*"))

    def deliver(self, files: list[str], warehouse: Warehouse) -> None:
        """Put some of the deliveries into a warehouse's inbox."""
        for file in files:
            target = warehouse.inbox / file
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(self.inbox / file, target)


@pytest.fixture(scope="session")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    """A programme of 3,000 initiatives."""
    inbox = tmp_path_factory.mktemp("programme")
    return Programme(inbox, simulate(inbox, ROWS, SEED))


@pytest.fixture(scope="session")
def undisturbed(make_warehouse: Callable[[], Warehouse], programme: Programme) -> Warehouse:
    """A warehouse that has taken the whole programme in one night."""
    warehouse = make_warehouse()
    programme.deliver(programme.files(), warehouse)
    assert warehouse.refresh(AS_OF) == 0
    return warehouse


@pytest.fixture(scope="session")
def first_part(make_warehouse: Callable[[], Warehouse], programme: Programme) -> Warehouse:
    """A warehouse that has taken the deliveries up to the middle of 2023; tests work on copies of it."""
    warehouse = make_warehouse()
    programme.deliver([file for file in programme.files() if _export_date(file) <= FIRST_UNTIL], warehouse)
    assert warehouse.refresh(FIRST_UNTIL) == 0
    return warehouse


@pytest.fixture
def two_nights(
    copy_warehouse: Callable[[Warehouse], Warehouse], first_part: Warehouse, programme: Programme
) -> Warehouse:
    """A copy of that warehouse, with the rest of the programme waiting in its inbox."""
    warehouse = copy_warehouse(first_part)
    programme.deliver([file for file in programme.files() if _export_date(file) > FIRST_UNTIL], warehouse)
    return warehouse


def _export_date(file: str) -> date:
    return date.fromisoformat(Path(file).name.split("_")[1][:10])
