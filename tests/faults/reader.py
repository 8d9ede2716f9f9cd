"""A reader who looks all the time: what it sees is always one publication, whole."""

import threading
import time
from dataclasses import dataclass, field

import psycopg

_LOOK = """
select
    coalesce((select publication_id from ops.current_publication), 0) as publication,
    (select submitted from marts.rpt_overview order by as_of desc limit 1) as told,
    (
        select count(*) from marts.fct_initiative
        where verdict <> 'withdrawn' and as_of_from <= (select max(as_of) from marts.rpt_overview)
    ) as counted
"""
_NOTHING_YET = (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName)


@dataclass
class Reader:
    """Looks until it is stopped.

    Attributes:
        looks: How often it saw a publication.
        troubles: What it should never have seen.
    """

    dsn: str
    looks: int = 0
    troubles: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Reader":
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _read(self) -> None:
        newest = 0
        while not self._stop.is_set():
            try:
                with psycopg.connect(self.dsn, application_name="reader") as connection:
                    publication, told, counted = connection.execute(_LOOK).fetchone() or (0, None, None)
            except _NOTHING_YET:
                pass
            except psycopg.OperationalError:  # the server was killed, or its disk is full
                pass
            else:
                self.looks += publication > 0
                if publication < newest:
                    self.troubles.append(f"publication {publication} after {newest}")
                if publication and told != counted:
                    self.troubles.append(f"publication {publication} tells {told} and holds {counted}")
                newest = max(newest, publication)
            time.sleep(0.2)
