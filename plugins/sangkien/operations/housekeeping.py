"""Housekeeping: old publications, raw files and logs go as the settings say; then vacuum and statistics.

By default every raw file is kept. Where SANGKIEN_KEEP__RAW_DAYS is set, those go that no command can need any more: the
bytes of deliveries that were loaded, arrived before, and have no duplicate that could take their place.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from psycopg import sql

from sangkien.database import connect
from sangkien.intake.raw_store import kept_file
from sangkien.local.airflow import metadata_url
from sangkien.pipeline import Night, stage_of
from sangkien.warehouse.prune import prune

DAY_SECONDS = 86_400
AIRFLOW_LOGS = ("AIRFLOW__LOGGING__BASE_LOG_FOLDER", "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY")
SCHEMAS = ("ops", "landing", "staging", "intermediate", "warehouse")

# What `replay` reads again (quarantined, the last of its name), and what takes a superseded twin's place (duplicates
# and what they equal), is needed as bytes. Everything else stands in landing.
_LOADED_LONG_AGO = """
select sha256 from ops.delivery
where sha256 <> ''
group by sha256
having max(arrived_on) < %(before)s and bool_and(
    status in ('accepted', 'accepted_with_issues', 'superseded') or (
        status = 'quarantined' and exists (
            select from ops.delivery as later
            where
                later.unit_code = delivery.unit_code and later.file_name = delivery.file_name
                and later.delivery_no > delivery.delivery_no
        )
    )
)
"""


def prune_publications(run: Night) -> list[int]:
    """Delete the rows of publications that the policy does not keep. Returns which."""
    with stage_of(run, "prune") as detail, connect(run.dsn) as connection:
        gone, deleted = prune(connection, run.settings.keep)
        detail.update(publications=gone, by_mart=deleted, rows=sum(deleted.values()))
        return gone


def delete_raw_files(run: Night) -> int:
    """Delete raw files that nothing can need any more, and what a killed copy has left. Returns how many."""
    store, days = run.settings.raw_store, run.settings.keep.raw_days
    with stage_of(run, "raw_files") as detail:
        old: list[Path] = [file for file in store.glob("tmp*") if file.is_file()]
        if days is not None:
            before = run.as_of - timedelta(days=days)
            with connect(run.dsn) as connection:
                loaded = connection.execute(_LOADED_LONG_AGO, {"before": before}).fetchall()
            old += [kept_file(store, sha256) for (sha256,) in loaded]
        # A file that was written lately is about to be read.
        detail.update(_delete(old, DAY_SECONDS))
        return int(detail["files"])


def delete_logs(run: Night) -> int:
    """Delete log files that nobody has written to for SANGKIEN_KEEP__LOG_DAYS, Airflow's too. Returns how many."""
    folders = [run.settings.home / "logs", run.settings.home / "dbt" / "logs"]
    folders += [Path(os.environ[name]) for name in AIRFLOW_LOGS if name in os.environ]
    with stage_of(run, "logs") as detail:
        files = {file for folder in folders for file in folder.rglob("*") if file.is_file()}
        detail.update(_delete(files, run.settings.keep.log_days * DAY_SECONDS))
        return int(detail["files"])


def clean_airflow(run: Night) -> None:
    """Delete what Airflow remembers of runs older than SANGKIEN_KEEP__LOG_DAYS, by its own command.

    Raises:
        RuntimeError: With the end of what the command said.
    """
    with stage_of(run, "airflow"):
        before = datetime.now(UTC) - timedelta(days=run.settings.keep.log_days)
        command = [str(Path(sys.executable).with_name("airflow")), "db", "clean", "--skip-archive", "--yes"]
        # A task is not given Airflow's database; this is the one that keeps house in it.
        environment = os.environ | {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata_url(run.dsn)}
        done = subprocess.run(
            [*command, "--clean-before-timestamp", before.isoformat()],
            env=environment,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise RuntimeError(f"`airflow db clean` failed: {done.stderr[-1000:]}")


def vacuum(run: Night) -> int:
    """Vacuum the library's and dbt's tables, and renew their statistics. Returns how many."""
    query = "select schemaname, tablename from pg_tables where schemaname = any(%s) order by 1, 2"
    with stage_of(run, "vacuum") as detail, connect(run.dsn, autocommit=True) as connection:
        tables = connection.execute(query, [list(SCHEMAS)]).fetchall()
        for table in tables:
            connection.execute(sql.SQL("vacuum (analyze) {}").format(sql.Identifier(*table)))
        detail["tables"] = len(tables)
        return len(tables)


def _delete(files: Iterable[Path], older_than_seconds: float) -> dict[str, Any]:
    """Delete those files that nobody has written to for so long."""
    deleted, size = 0, 0
    for file in files:
        try:
            status = file.stat()
            if time.time() - status.st_mtime > older_than_seconds:
                file.unlink()
                deleted, size = deleted + 1, size + status.st_size
        except FileNotFoundError:
            continue  # an earlier turn has deleted it
    return {"files": deleted, "bytes": size}
