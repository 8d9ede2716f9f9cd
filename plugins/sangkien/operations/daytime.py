"""By day: new deliveries get their receipts, quarantined ones are read again; nothing is judged or published."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from sangkien.database import connect, migrate
from sangkien.intake.discover import discover
from sangkien.intake.inbox import open_inbox
from sangkien.intake.load import LoadResult
from sangkien.intake.replay import Replayed, replay
from sangkien.pipeline import Night, begin, end, find_files, load_files, loader_of, send_receipts, stage_of
from sangkien.receipts.write import receipts_wait


def receive(run: Night) -> LoadResult | None:
    """Load what is new in the inbox, and send its receipts; the next night judges and publishes it.

    It may meet a night: a unit's files are loaded by one of them at a time, and what waits for the judge stays waiting.

    Returns:
        What became of the files; none if there was nothing to do, and then no run is recorded.
    """
    migrate(run.dsn)
    with connect(run.dsn) as connection:
        if not discover(connection, open_inbox(run.settings.inbox_folder)) and not receipts_wait(connection):
            return None
    begin(run)
    try:
        result = LoadResult()
        for number, shard in enumerate(find_files(run)):
            result.add(load_files(run, shard, str(number)))
        send_receipts(run)
        return result
    finally:
        end(run)


def days_between(since: str | None, until: str | None) -> dict[str, date]:
    """The days of arrival that `replay_deliveries` looks at; none given: no limit on that side."""
    return {"since": date.fromisoformat(since or "0001-01-01"), "until": date.fromisoformat(until or "9999-12-31")}


def replay_deliveries(
    run: Night, unit_code: str = "", reason: str = "", *, since: date = date.min, until: date = date.max
) -> Iterator[Replayed]:
    """Read quarantined deliveries again, and send their receipts; see `sangkien.intake.replay.replay`."""
    begin(run)
    try:
        with stage_of(run, "replay") as detail:
            files, detail["rows"] = Counter[str](), 0
            detail["files"] = files
            for replayed in replay(loader_of(run), unit_code, reason, since=since, until=until):
                files[replayed.after.status] += 1
                detail["rows"] += replayed.after.rows_read
                yield replayed
        send_receipts(run)
    finally:
        end(run)
