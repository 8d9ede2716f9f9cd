"""The stages of a night, in order; the DAG and the command line both call these.

Each stage can be called alone, killed and repeated; each returns a result and leaves its outcome in ops.stage_outcome.
"""

import logging
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from multiprocessing import get_context, parent_process
from typing import Any, Literal

import psycopg
from psycopg.types.json import Jsonb

from sangkien import lineage
from sangkien.contract.rules import RuleSet
from sangkien.database import Connection, connect, lock, migrate
from sangkien.intake.discover import Candidate, deal, discover
from sangkien.intake.inbox import open_inbox
from sangkien.intake.load import Loader, LoadResult, load_shard
from sangkien.intake.values import LOCAL_TIME
from sangkien.local.postgres import EmbeddedPostgres
from sangkien.privacy.rekey import check_key
from sangkien.receipts.write import ReceiptsResult, write_receipts
from sangkien.settings import Settings, get_settings
from sangkien.validity import rule_sets
from sangkien.validity.judge import JUDGE_LOCK, JudgeResult, bring_under, judge
from sangkien.warehouse import publish as publications

log = logging.getLogger(__name__)

Outcome = Literal["published", "nothing_new", "refused", "failed", "replayed", "waiting", "done"]
Kind = Literal["refresh", "rejudge", "replay", "intake", "close_phase", "housekeeping"]

_END_RUN = """
with last_attempt as (
    select distinct on (stage, shard) stage, outcome, detail
    from ops.stage_outcome where run_id = %(run_id)s
    order by stage, shard, attempt desc
)
update ops.run
set
    finished_at = clock_timestamp(),
    outcome = case
        when exists (select from last_attempt where outcome <> 'done') then 'failed'
        when exists (select from last_attempt where stage = 'approve') then 'published'
        when exists (select from last_attempt where stage = 'refuse') then 'refused'
        when exists (select from last_attempt where stage = 'difference') then 'waiting'
        when exists (select from last_attempt where stage = 'gate' and detail ->> 'passed' = 'false') then 'refused'
        when exists (select from last_attempt where stage = 'publish') then 'published'
        when kind = 'replay' then 'replayed'
        when kind in ('intake', 'close_phase', 'housekeeping') then 'done'
        else 'nothing_new'
    end
where run_id = %(run_id)s
returning outcome
"""


@dataclass(frozen=True)
class Night:
    """One run of the pipeline: which installation, which logical date, and what for."""

    run_id: str
    as_of: date
    dsn: str
    settings: Settings = field(default_factory=get_settings)
    kind: Kind = "refresh"


@dataclass(frozen=True)
class GateOutcome:
    """What the gate decided about which publication."""

    publication: int
    passed: bool
    refused_by: list[str]
    warnings: list[str]


def warehouse_dsn(settings: Settings) -> str:
    """The warehouse's URL; the embedded server is started where no other is named."""
    if settings.dsn:
        return settings.dsn
    server = EmbeddedPostgres(settings.home, bin_dir=settings.pg_bin)
    server.start()
    return server.dsn("sangkien")


def today() -> date:
    """Today in Asia/Ho_Chi_Minh."""
    return datetime.now(LOCAL_TIME).date()


def night_of(run_id: str, as_of: date | str, kind: Kind = "refresh") -> Night:
    """The run of this name, on this logical date (a date, or its ISO form)."""
    day = date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
    return Night(run_id, day, warehouse_dsn(get_settings()), kind=kind)


def begin(night: Night) -> None:
    """Begin a run: the schema is up to date, the run is recorded.

    Raises:
        WrongKeyError: The surrogates that stand were made with another key.
    """
    migrate(night.dsn)
    with connect(night.dsn) as connection:
        check_key(connection, night.settings.pseudonym_secret())
        connection.execute(
            "insert into ops.run (run_id, as_of, kind) values (%s, %s, %s) on conflict do nothing",
            [night.run_id, night.as_of, night.kind],
        )


def find_files(night: Night) -> list[list[Candidate]]:
    """Discover: the new and changed files of the inbox, dealt into shards."""
    with stage_of(night, "discover") as detail, connect(night.dsn) as connection:
        folder = night.settings.inbox_folder
        if not night.settings.inbox:  # the default one is ours to make
            folder.mkdir(parents=True, exist_ok=True)
        files = discover(connection, open_inbox(folder))
        detail.update(files=len(files), bytes=sum(file.size_bytes for file in files))
        return deal(files, night.settings.shards)


def load_files(night: Night, files: list[Candidate], shard: str = "") -> LoadResult:
    """Load one shard."""
    with stage_of(night, "load", shard) as detail:
        result = load_shard(files, loader_of(night))
        detail.update(vars(result), rows=result.rows_read)
        return result


def judge_changes(night: Night) -> JudgeResult | None:
    """Judge: verdicts for what changed, into the night's candidate; none where nothing did."""
    from sangkien.warehouse.build import is_outdated  # noqa: PLC0415 - see build_marts

    with stage_of(night, "judge") as detail, connect(night.dsn) as connection:
        lock(connection, JUDGE_LOCK)
        lock(connection, publications.PUBLISH_LOCK)  # what is in force stays so until it is judged under
        rules = rule_sets.in_force(connection)
        # A candidate that waits for a person's word is not outdated because it was judged under other rules.
        if not publications.is_needed(connection, night.as_of, rules.version) and not is_outdated(
            night.dsn, rule_sets.standing(connection).parameters
        ):
            return None
        return judge_under(connection, night, rules, detail)


def judge_under(connection: Connection, night: Night, rules: RuleSet, detail: dict[str, Any]) -> JudgeResult:
    """Judge for the candidate under a rule set, whichever the rows stand under; the caller locks, and commits."""
    before = rule_sets.standing(connection)
    candidate = publications.open_candidate(connection, night.run_id, night.as_of, rules.version)
    bring_under(connection, rules, before)
    result = judge(connection, candidate.publication_id, rules)
    counted = {"rows": result.changed_initiatives, "publication": candidate.publication_id}
    detail.update(vars(result), **counted, rule_set=rules.version)
    return result


def build_marts(night: Night) -> int | None:
    """Build: dbt brings the marts of the candidate up to date; none where there is no candidate to build."""
    from sangkien.warehouse.build import build  # noqa: PLC0415 - dbt is slow to import

    with connect(night.dsn, autocommit=True) as connection, stage_of(night, "build") as detail:
        connection.execute("select pg_advisory_lock(hashtextextended('sangkien:build', 0))")
        while candidate := publications.newest(connection, "building"):
            result = build(
                night.dsn,
                publication=candidate.publication_id,
                base_publication=candidate.base,
                horizon=candidate.horizon,
                rule_parameters=rule_sets.read(connection, candidate.rule_set).parameters,
                work_folder=night.settings.home / "dbt",
            )
            detail.update(vars(result), by_mart=result.rows, rows=sum(result.rows.values()))
            if publications.mark_built(connection, candidate):
                return candidate.publication_id
        return None


def pass_gate(night: Night, version: str = "") -> GateOutcome | None:
    """Gate: Great Expectations over the night's rows and the candidate; none where no candidate waits for it.

    Args:
        night: The run.
        version: The rule set that the candidate must have been judged under; empty: the one in force.
    """
    with connect(night.dsn, autocommit=True) as connection, stage_of(night, "gate") as detail:
        connection.execute("select pg_advisory_lock(hashtextextended('sangkien:gate', 0))")
        candidate = publications.newest(connection, "built", "refused")
        if candidate is None or candidate.rule_set != (version or rule_sets.in_force(connection).version):
            return None
        from sangkien.warehouse.gate import gate  # noqa: PLC0415 - slow to import: not in a night without deliveries
        from sangkien.warehouse.gate_page import write_pages  # noqa: PLC0415 - as above

        rules = rule_sets.read(connection, candidate.rule_set)
        result = gate(night.dsn, candidate, rules, night.run_id)
        outcome = GateOutcome(
            candidate.publication_id,
            passed=not result.refused_by,
            refused_by=[check.check_id for check in result.refused_by],
            warnings=[check.check_id for check in result.warnings],
        )
        summary = {"refused_by": outcome.refused_by, "warnings": outcome.warnings}
        publications.mark_gated(connection, candidate.publication_id, passed=outcome.passed, summary=summary)
        detail.update(vars(outcome))
        try:
            page = write_pages(night.dsn, night.settings.reports_folder, candidate.publication_id, rules)
            detail["page"] = str(page)
        except OSError:  # a folder that is full or away holds no publication up: the results are kept as rows
            log.exception("the page of the gate's results could not be written")
        return outcome


def publish_candidate(night: Night, publication: int) -> bool:
    """Publish: readers see the candidate from now on. Returns whether that was news."""
    with connect(night.dsn) as connection, stage_of(night, "publish") as detail:
        detail["publication"] = publication
        return publications.publish(connection, publication)


def send_receipts(night: Night) -> ReceiptsResult:
    """Receipts: every unit gets back what was wrong, whatever became of the publication.

    Before the judge has seen a delivery, it gets a preliminary one by day; a night replaces that.
    """
    with stage_of(night, "receipts") as detail:
        result = write_receipts(night.dsn, night.settings.outbox_folder, preliminary=night.kind != "refresh")
        detail.update(vars(result), rows=result.written)
        return result


def end(night: Night) -> Outcome:
    """Record how the run ended, as its stages tell."""
    with connect(night.dsn) as connection:
        row = connection.execute(_END_RUN, {"run_id": night.run_id}).fetchone()
    assert row is not None  # noqa: S101 - `begin` has made the row
    outcome: Outcome = row[0]
    return outcome


def refresh(as_of: date, on_progress: Callable[[str, int, int], None]) -> Outcome:
    """The nightly job without Airflow.

    Args:
        as_of: The logical date.
        on_progress: Told the stage, and how many of how many steps of it are done.

    Raises:
        Exception: Whatever stopped a stage; the run is recorded as failed, and may be repeated.
    """
    night = night_of(new_run_id("refresh"), as_of)
    begin(night)
    try:
        _load_all(night, on_progress)
        for stage, run in (("judge", judge_changes), ("build", build_marts)):
            on_progress(stage, 0, 1)
            run(night)
        on_progress("gate", 0, 1)
        gated = pass_gate(night)
        if gated and gated.passed:
            on_progress("publish", 0, 1)
            publish_candidate(night, gated.publication)
        on_progress("receipts", 0, 1)
        send_receipts(night)
        on_progress("receipts", 1, 1)
    finally:
        outcome = end(night)
    return outcome


def new_run_id(kind: str) -> str:
    """A name for a run that the command line begins."""
    return f"{kind}-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def _load_all(night: Night, on_progress: Callable[[str, int, int], None]) -> None:
    """Load every shard, each in a process of its own."""
    on_progress("discover", 0, 1)
    shards = find_files(night)
    total, done = sum(map(len, shards)), 0
    on_progress("load", 0, total)
    if len(shards) <= 1:
        for shard in shards:
            load_files(night, shard)
        return
    with ProcessPoolExecutor(len(shards), mp_context=get_context("spawn"), initializer=_end_with_parent) as pool:
        running = {pool.submit(load_files, night, shard, str(n)): len(shard) for n, shard in enumerate(shards)}
        for future in as_completed(running):
            future.result()
            done += running[future]
            on_progress("load", done, total)


def _end_with_parent() -> None:
    """A loader whose refresh was killed would wait for work for ever."""
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def loader_of(night: Night) -> Loader:
    """What loading in a run needs to know."""
    settings = night.settings
    return Loader(
        night.dsn,
        open_inbox(settings.inbox_folder),
        settings.raw_store,
        settings.limits,
        settings.pseudonym_secret(),
        night.run_id,
        night.as_of,
    )


def _said_without_content(error: Exception) -> str:
    """What went wrong, without what PostgreSQL quotes of the rows: that may be personal."""
    if isinstance(error, psycopg.Error):
        return f"{type(error).__name__}: {error.diag.message_primary or 'connection lost'}"
    return f"{type(error).__name__}: {error}"[:2000]


@contextmanager
def stage_of(night: Night, stage: str, shard: str = "") -> Iterator[dict[str, Any]]:
    """Leave a row in ops.stage_outcome: running, then done or failed. Yields the dict of its detail."""
    detail: dict[str, Any] = {}
    key = [night.run_id, stage, shard]
    with connect(night.dsn) as connection:
        lock(connection, f"sangkien:stage:{night.run_id}")
        row = connection.execute(
            "insert into ops.stage_outcome (run_id, stage, shard, attempt, started_at, outcome)"
            " select %s, %s, %s, coalesce(max(attempt), 0) + 1, clock_timestamp(), 'running' from ops.stage_outcome"
            " where run_id = %s and stage = %s and shard = %s returning attempt",
            key * 2,
        ).fetchone()
    attempt = row[0] if row else 1
    outcome = "failed"
    try:
        yield detail
        outcome = "done"
        folders = {lineage.INBOX: str(night.settings.inbox_folder), lineage.OUTBOX: str(night.settings.outbox_folder)}
        lineage.tell(stage, night.dsn, folders, detail)
    except Exception as error:
        detail["error"] = _said_without_content(error)
        raise
    finally:
        with connect(night.dsn) as connection:
            connection.execute(
                "update ops.stage_outcome set finished_at = clock_timestamp(), outcome = %s, detail = %s"
                " where run_id = %s and stage = %s and shard = %s and attempt = %s",
                [outcome, Jsonb(detail), *key, attempt],
            )
