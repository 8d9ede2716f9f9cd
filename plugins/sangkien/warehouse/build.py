"""Build the marts of a candidate publication with dbt, in this process.

Nobody sees a candidate until it is published: its rows are stamped with its number
(dbt_project/macros/materializations/stamped.sql).
"""

import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from sangkien.database import connect, libpq_environment
from sangkien.settings import PROJECT_ROOT
from sangkien.warehouse.publish import stamped_tables

DBT_PROJECT = PROJECT_ROOT / "dbt_project"
THREADS = 2
# For the few wide sorts and hashes of a build; compiling queries costs more than it saves here.
SESSION = {"work_mem": "256MB", "maintenance_work_mem": "256MB", "jit": "off"}
LIMITS = ("benefit_limit_vnd", "benefit_times_median", "benefit_least_amounts")


class BuildFailedError(RuntimeError):
    """dbt could not build the candidate; the message names the models and what was wrong with each."""


class UnknownMartError(Exception):
    """There is no such mart to forget."""


@dataclass(frozen=True)
class BuildPlan:
    """What a build is about.

    `base`: the last publication that was built whole, on which this one builds; 0: none. `horizon`: the last day told.
    """

    publication: int
    base: int
    horizon: date


@dataclass(frozen=True)
class BuildResult:
    """What a build did. `rows`: for each mart, how many rows the candidate brought in."""

    publication: int
    compared_everything: bool
    rows: dict[str, int]
    seconds: float


def build(
    dsn: str,
    publication: int,
    base_publication: int,
    horizon: date,
    *,
    rule_parameters: Mapping[str, Any],
    work_folder: Path,
) -> BuildResult:
    """Build the marts of a candidate on top of the last publication that was built.

    Doing it again, also after it was killed, gives the same rows. When the dbt project or a limit has changed since the
    last build, everything is computed and compared anew: a night of the old rules and one of the new never mix.

    Args:
        dsn: PostgreSQL URL of the warehouse.
        publication: The candidate's number.
        base_publication: The last publication that was built whole, published or not; 0: none.
        horizon: The last day that progress and reports tell.
        rule_parameters: The parameters of the rule set in force, of which the limits of W04 are used.
        work_folder: Where dbt keeps what it parsed, compiled and logged.

    Raises:
        BuildFailedError: A model could not be built. What was built before it stays, unseen; the next build goes on
            from there.
    """
    started = time.monotonic()
    definition = _definition(rule_parameters)
    same = _built_definition(dsn) == definition
    plan = BuildPlan(publication, base_publication if same else 0, horizon)
    kinds = ["model"] if same else ["seed", "function", "model"]
    arguments = ["build", *(f"--resource-type={kind}" for kind in kinds)]
    if not same:
        arguments.append("--no-partial-parse")  # dbt would miss what a function refers to through a changed macro
        _forget_definition(dsn)
    results = run_dbt(dsn, arguments, plan, rule_parameters=rule_parameters, work_folder=work_folder)
    _keep_definition(dsn, definition)
    rows = {
        result.node.name: int(result.adapter_response.get("rows_affected", 0))
        for result in results
        if result.node.config.materialized == "stamped"
    }
    return BuildResult(publication, plan.base == 0, rows, time.monotonic() - started)


def is_outdated(dsn: str, rule_parameters: Mapping[str, Any]) -> bool:
    """Whether the marts that stand were built by another dbt project or with other limits: a night has to build."""
    with connect(dsn) as connection:
        row = connection.execute("select exists (select from ops.publication where state <> 'building')").fetchone()
    return row == (True,) and _built_definition(dsn) != _definition(rule_parameters)


def forget(dsn: str, mart: str) -> None:
    """Drop a mart with what every publication shows of it; the next night makes it anew, with what hangs on it.

    Raises:
        UnknownMartError: No stamped mart has this name.
    """
    with connect(dsn) as connection:
        if mart not in stamped_tables(connection):
            raise UnknownMartError(f"{mart} is no mart with rows of its own")
        connection.execute(sql.SQL("drop table {} cascade").format(sql.Identifier("warehouse", mart)))
    _forget_definition(dsn)


def run_dbt(
    dsn: str,
    arguments: Sequence[str],
    plan: BuildPlan,
    *,
    rule_parameters: Mapping[str, Any],
    work_folder: Path,
) -> list[Any]:
    """Run a dbt command in sessions that show the candidate.

    Args:
        dsn: PostgreSQL URL of the warehouse.
        arguments: The command and its own options.
        plan: What to build, or to look at.
        rule_parameters: See `build`.
        work_folder: See `build`.

    Returns:
        dbt's result of each node.

    Raises:
        BuildFailedError: A node failed, or dbt itself.
    """
    from dbt.cli.main import dbtRunner  # noqa: PLC0415  importing dbt takes a second or two

    everywhere = [
        f"--project-dir={DBT_PROJECT}",
        f"--profiles-dir={DBT_PROJECT}",
        f"--target-path={work_folder / 'target'}",
        f"--log-path={work_folder / 'logs'}",
        "--log-level=none",
        "--log-level-file=info",
        "--no-write-json",
        f"--vars={json.dumps(_limits(rule_parameters))}",
    ]
    with _environment(_libpq(dsn, plan) | _about(plan)):
        outcome = dbtRunner().invoke([*arguments, *everywhere])
    results = list(getattr(outcome.result, "results", None) or [])
    if not outcome.success:
        raise BuildFailedError(_what_failed(results, outcome.exception, work_folder))
    return results


def _what_failed(results: list[Any], exception: BaseException | None, folder: Path) -> str:
    failed = [f"{result.node.name}: {result.message}" for result in results if result.status in ("error", "fail")]
    reasons = failed or [str(exception or "dbt gave no reason")]
    return "\n".join(["dbt could not build the marts.", *reasons, f"Its log is in {folder / 'logs'}."])


def _libpq(dsn: str, plan: BuildPlan) -> dict[str, str]:
    parts = {name: str(value) for name, value in conninfo_to_dict(dsn).items() if value is not None}
    session = SESSION | {"sangkien.publication": str(plan.publication)}
    options = " ".join([parts.get("options", ""), *(f"-c {name}={value}" for name, value in session.items())])
    return libpq_environment(dsn) | {"PGOPTIONS": options.strip()}


def _about(plan: BuildPlan) -> dict[str, str]:
    return {
        "SANGKIEN_BUILD_PUBLICATION": str(plan.publication),
        "SANGKIEN_BUILD_BASE": str(plan.base),
        "SANGKIEN_BUILD_HORIZON": plan.horizon.isoformat(),
        "SANGKIEN_BUILD_THREADS": str(THREADS),
    }


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _limits(rule_parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: rule_parameters[name] for name in LIMITS}


def _definition(rule_parameters: Mapping[str, Any]) -> str:
    """A hash of all that decides what the marts are made of, but the deliveries."""
    digest = hashlib.sha256(json.dumps(_limits(rule_parameters)).encode())
    for file in sorted(file for file in DBT_PROJECT.rglob("*") if file.suffix in {".sql", ".yml", ".csv"}):
        name = file.relative_to(DBT_PROJECT)
        if name.parts[0] != "target":  # what dbt makes of it, when it is run by hand
            digest.update(name.as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _built_definition(dsn: str) -> str | None:
    with connect(dsn) as connection:
        if connection.execute("select to_regclass('warehouse.definition')").fetchone() == (None,):
            return None
        row = connection.execute("select hash from warehouse.definition where name = 'dbt_project'").fetchone()
    return None if row is None else str(row[0])


def _forget_definition(dsn: str) -> None:
    """Until a build of another definition is whole, no later one may build on the marts as they are."""
    with connect(dsn) as connection:
        if connection.execute("select to_regclass('warehouse.definition')").fetchone() != (None,):
            connection.execute("delete from warehouse.definition where name = 'dbt_project'")


def _keep_definition(dsn: str, definition: str) -> None:
    with connect(dsn) as connection:
        connection.execute(
            "insert into warehouse.definition values ('dbt_project', %s)"
            " on conflict (name) do update set hash = excluded.hash",
            [definition],
        )
