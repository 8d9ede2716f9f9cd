"""The stack that a good engineer would have put together in a week: dlt, Great Expectations out of the box, dbt tables.

It stores no verdicts and no history, sends no receipts, and publishes by replacing its tables one by one. It leaves
alone what ours does beside that: encodings, legacy letters, layouts, withdrawal by a full export.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.database import FOLDER, sizes, wal_of
from bench.measure import Measured, Watched, watched
from bench.peer import PEERS, dlt_arguments, peer_python, run_peer
from sangkien.contract.lists import SEEDS
from sangkien.database import libpq_environment

PROJECT = PEERS / "stack_dbt"
# The programme's lists are the same for all.
LISTS = (
    "units", "phases", "quotas_published",
    "member_groups", "solution_types", "content_categories", "report_statuses",
)  # fmt: skip
# As ours builds; dates are written day first.
SESSION = "-c datestyle=ISO,DMY -c work_mem=256MB -c jit=off"


@dataclass(frozen=True)
class Stack:
    """One installation of it. `settings`: those of dlt, best or defaults."""

    dsn: str
    inbox: Path
    settings: str = "best"

    @property
    def _folder(self) -> Path:
        return FOLDER / f"stack-{self.settings}"

    def first(self, measured: Measured) -> None:
        """Its first night, from nothing: its lists too."""
        shutil.rmtree(self._folder, ignore_errors=True)
        shutil.copytree(PROJECT, self._folder / "project")
        (self._folder / "project" / "seeds").mkdir()
        for name in LISTS:
            shutil.copy(SEEDS / f"{name}.csv", self._folder / "project" / "seeds")
        self._run(measured, "build")

    def night(self, measured: Measured) -> None:
        """Any other night: new files are appended, everything is checked, all tables are made anew."""
        self._run(measured, "run")

    def _run(self, measured: Measured, dbt: str) -> None:
        """Its three steps, one after the other, each from the start of its program to the end."""
        steps: dict[str, float] = {}
        detail: dict[str, Any] = {"steps": steps}
        load = dlt_arguments(self.dsn, self.inbox, self._folder / "dlt", self.settings)
        runs: dict[str, Callable[[], Watched]] = {
            "dlt": lambda: run_peer("stack", "dlt_intake.py", load),
            "Great Expectations": lambda: run_peer("stack", "gx_suite.py", [self.dsn, SEEDS]),
            "dbt": lambda: self._dbt(dbt),
        }
        peak = 0.0
        with wal_of(self.dsn, detail):
            for name, run in runs.items():
                seen = run()
                steps[name] = round(seen.seconds, 2)
                peak = max(peak, seen.peak_rss_mib)
        detail["MiB by schema"] = sizes(self.dsn)
        measured.add(sum(steps.values()), peak, detail)

    def _dbt(self, command: str) -> Watched:
        project = self._folder / "project"
        program = peer_python("stack").with_name("dbt")
        folders = [f"--project-dir={project}", f"--profiles-dir={project}"]
        return watched([program, command, *folders], libpq_environment(self.dsn) | {"PGOPTIONS": SESSION})
