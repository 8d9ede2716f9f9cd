"""`make faults`: many nights in a row, each with a fault at a random moment; the tables must be those without any.

python -m tests.faults.run [--nights 100] [--seed 1] [--airflow 6]

The only help that a night gets is a person's: room on the disk, and a server that is started again. What a night could
not do, the next one does. The last nights run through a real Airflow, whose scheduler, tasks and database are killed.
"""

import argparse
import math
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import FrameType

from tests.conftest import Warehouse
from tests.faults.disturb import FAULTS, FILLING, PATIENCE_SECONDS, REPLACING, Disturbance
from tests.faults.machine import Machine, machine
from tests.faults.nights import Night, cut_short, make_nights, put_all
from tests.faults.reader import Reader
from tests.faults.through_airflow import airflow_nights

# A version that was replaced while it was read may have been seen, or not: that is history, and so is its status. What
# is compared of these two marts is the versions that stay, and what the calendar says of those.
_OWN_COMPARISON = {
    "fct_delivery": """
        select md5(string_agg(told::text, chr(10) order by told::text)) as hash from (
            select to_jsonb(d) - 'occurrence_no' as told from marts.fct_delivery as d
            where (unit_code, file_name, sha256) in (
                select distinct on (unit_code, file_name) unit_code, file_name, sha256 from ops.delivery
                order by unit_code, file_name, delivery_no desc
            )
        ) as d
    """,
    "rpt_delivery_calendar": """
        select md5(string_agg(told::text, chr(10) order by told::text)) as hash from (
            select to_jsonb(c) - array['files_quarantined', 'files_superseded'] as told
            from marts.rpt_delivery_calendar as c
        ) as c
    """,
}
_WITHOUT_STATUS = """
select count(*) as files from unnest(%s::text[]) as file (path)
left join ops.inbox_file as seen using (path)
left join ops.delivery as d using (unit_code, delivery_no)
where d.status is null
"""


class FaultError(Exception):
    """A fault has left a trace."""


def run(nights: int, seed: int, through_airflow: int, log: Path) -> None:
    """Run the nights, and compare.

    Args:
        nights: How many.
        seed: The same gives the same deliveries, faults and moments (but not the same machine).
        through_airflow: How many of them, the last ones, run through Airflow.
        log: Where the output of the commands goes.

    Raises:
        FaultError: With what was left behind.
    """
    chance, told, troubles = Random(seed), Counter[str](), list[str]()
    with tempfile.TemporaryDirectory(prefix="sangkien-deliveries-") as folder, machine() as here:
        source = Path(folder)
        planned = make_nights(source, nights, seed)
        by_hand = planned[: len(planned) - through_airflow]
        print(f"{len(planned)} nights; seed {seed}; log {log}; disk: {'tmpfs' if here.is_small else 'no tmpfs here'}")
        put_all(by_hand[0].files, source, here.warehouse.inbox)
        usual_seconds = _refresh(here, by_hand[0].as_of, log)
        with Reader(here.warehouse.dsn) as reader:
            for number, night in enumerate(by_hand[1:], 2):
                done = _night(here, night, source, chance, usual_seconds, log)
                told[done.fault] += 1
                usual_seconds = min(usual_seconds, done.seconds)
                troubles += done.troubles
                print(f"{number:4} {night.as_of} {len(night.files):3} files  {done.said}", flush=True)
            told.update(airflow_nights(here, planned[len(by_hand) :], source, chance))
            _refresh(here, planned[-1].as_of, log)
        troubles += [f"a reader saw: {trouble}" for trouble in reader.troubles]
        troubles += _compare(here, planned, source, log)
        (published,) = here.warehouse.query("select count(*) as n from ops.run where outcome = 'published'")
    if troubles:
        raise FaultError("\n".join(troubles))
    print(f"Every table equals that of an undisturbed run, every file has a status; {published['n']} nights published.")
    print(f"A reader looked {reader.looks} times and always saw one publication, whole. Faults: {dict(told)}")


@dataclass(frozen=True)
class Done:
    """What became of a night: its fault, what is said of it in the report, and what should not have come of it.

    `seconds`: how long it took; one that did not come to its end: infinite.
    """

    fault: str
    said: str
    troubles: list[str]
    seconds: float


def _night(here: Machine, night: Night, source: Path, chance: Random, usual_seconds: float, log: Path) -> Done:
    fault = chance.choice([fault for fault in FAULTS if here.is_small or fault not in FILLING])
    places = put_all(night.files, source, here.warehouse.inbox)
    which = chance.randrange(len(places))
    if fault in REPLACING:
        places[which].write_bytes(cut_short(night.files[which], chance))
    began = time.monotonic()
    run = here.start_refresh(night.as_of, log)
    final = night.files[which].read_bytes()
    disturbance = Disturbance(here, run, night.as_of, places[which], final, chance, usual_seconds, log)
    fault(disturbance)
    code = run.wait(PATIENCE_SECONDS)
    seconds = time.monotonic() - began if code == 0 else math.inf
    restarted = ", server started again" if here.mend() else ""
    said = f"{fault.__name__}, {disturbance.moment}, exit code {code}{restarted}"
    return Done(fault.__name__, said, disturbance.troubles, seconds)


def _refresh(here: Machine, as_of: str, log: Path) -> float:
    """A refresh that nothing disturbs; its seconds."""
    began = time.monotonic()
    code = here.start_refresh(as_of, log).wait(PATIENCE_SECONDS)
    if code != 0:
        raise FaultError(f"an undisturbed refresh ended with exit code {code}; see {log}")
    return time.monotonic() - began


def _compare(here: Machine, nights: list[Night], source: Path, log: Path) -> Iterator[str]:
    """What is not as in a warehouse that has taken everything in one undisturbed night."""
    with machine() as other:
        for night in nights:
            put_all(night.files, source, other.warehouse.inbox)
        _refresh(other, nights[-1].as_of, log)
        expected, found = _hashes(other.warehouse), _hashes(here.warehouse)
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            yield f"{name} has other rows than after an undisturbed run"
    files = [str(file.relative_to(here.warehouse.inbox)) for file in here.warehouse.inbox.rglob("*.*")]
    (left,) = here.warehouse.query(_WITHOUT_STATUS, files)
    if left["files"]:
        yield f"{left['files']} files have no status"


def _hashes(warehouse: Warehouse) -> dict[str, str]:
    own = {name: warehouse.query(query)[0]["hash"] for name, query in _OWN_COMPARISON.items()}
    return warehouse.published() | own


def _told_to_stop(_number: int, _frame: FrameType | None) -> None:
    """Leave by the way that takes the machine down, once: whoever says it again waits."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    sys.exit(128 + signal.SIGTERM)


def main() -> None:
    """Run it from the command line."""
    signal.signal(signal.SIGTERM, _told_to_stop)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--airflow", type=int, default=6, help="how many of the nights run through Airflow")
    arguments = parser.parse_args()
    log = Path(tempfile.mkstemp(prefix="sangkien-faults-", suffix=".log")[1])
    try:
        run(arguments.nights, arguments.seed, arguments.airflow, log)
    except FaultError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
