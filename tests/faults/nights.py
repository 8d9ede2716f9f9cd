"""What is delivered in which night, by a small simulated programme."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from random import Random

from sangkien.simulate import simulate

ROWS = 1_500


@dataclass(frozen=True)
class Night:
    """The files that arrive, by their place in the inbox, and the logical date."""

    as_of: str
    files: list[Path]


def make_nights(folder: Path, count: int, seed: int) -> list[Night]:
    """Deal a programme's deliveries to nights, in the order of their dates."""
    simulate(folder, ROWS, seed)
    files = sorted(folder.rglob("*.*"), key=lambda file: (export_date(file), file))
    shares = [files[len(files) * n // count : len(files) * (n + 1) // count] for n in range(count)]
    return [Night(export_date(share[-1]), share) for share in shares if share]


def export_date(file: Path) -> str:
    """The export date in a delivery's name."""
    return file.name.split("_")[1][:10]


def put_all(files: list[Path], of: Path, inbox: Path) -> list[Path]:
    """Deliver files as units do: under a name that is left alone, then renamed. Returns their places in the inbox."""
    places = []
    for file in files:
        target = inbox / file.relative_to(of)
        target.parent.mkdir(exist_ok=True)
        waiting = target.with_name(f".{target.name}")
        shutil.copyfile(file, waiting)
        places.append(waiting.replace(target))
    return places


def cut_short(file: Path, chance: Random) -> bytes:
    """A version of a file that its unit will replace: it ends too early."""
    whole = file.read_bytes()
    return whole[: chance.randrange(len(whole))]
