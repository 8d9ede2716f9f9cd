"""Reading the same from the marts as was computed, and comparing every row and number."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

import polars as pl

from sangkien.database import Connection, connect
from tests.programme.expected import Expected
from tests.programme.facts import all_facts, authors
from tests.programme.reports import all_reports
from tests.programme.states import Programme, World

SHOWN = 5


@dataclass
class Compared:
    """What came of one table: how many rows were compared, and how many differ, with the first few told."""

    name: str
    rows: int
    different: int = 0
    told: list[str] = field(default_factory=list)


def compare(dsn: str, publication: int, programme: Programme, days: list[date]) -> Iterator[Compared]:
    """Compare everything that a publication tells with what its deliveries must give.

    Args:
        dsn: The warehouse.
        publication: The one of the night that ended on the programme's last day.
        programme: What had been exported up to then.
        days: As of which those tables are compared that tell every day.
    """
    world = World.of(programme)
    with connect(dsn, shown_publication=publication) as connection:
        for expected in chain(all_reports(world, days), all_facts(world, days)):
            yield _compared(expected, connection)
        keys, doubtful = _authors(programme, connection)
        yield doubtful
        yield _compared(authors(world, keys), connection)


def read(connection: Connection, query: str, schema: pl.Schema) -> pl.DataFrame:
    """The rows of a query, under the names and types of a frame."""
    data = io.BytesIO()
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy ({query}) to stdout (format csv, null '\\N')".encode()) as copy,
    ):
        for block in copy:
            data.write(block)
    data.seek(0)
    if not data.getbuffer().nbytes:
        return pl.DataFrame(schema=schema)
    as_text = {name: pl.String if kind == pl.Boolean else kind for name, kind in schema.items()}
    found = pl.read_csv(data, has_header=False, schema=as_text, null_values="\\N", empty_string_is_null=False)
    return found.with_columns(pl.col(name) == "t" for name, kind in schema.items() if kind == pl.Boolean)


def _compared(expected: Expected, connection: Connection) -> Compared:
    rows = expected.rows
    keys = rows.columns[: expected.keys]
    found = read(connection, expected.query, rows.schema)
    compared = Compared(expected.name, rows.height)
    if found.select(keys).is_duplicated().any():
        compared.different += 1
        compared.told.append(f"a row stands twice in the marts, by {keys}")
    for only, where in ((rows, found), (found, rows)):
        alone = only.join(where, on=keys, how="anti", nulls_equal=True)
        side = "missing in" if only is rows else "only in"
        compared.different += alone.height
        compared.told += [f"{side} the marts: {row}" for row in alone.head(SHOWN).iter_rows()]
    both = rows.join(found, on=keys, suffix=" found", nulls_equal=True)
    for name in rows.columns[expected.keys :]:
        unequal = both.filter(pl.col(name).ne_missing(pl.col(f"{name} found")))
        compared.different += unequal.height
        compared.told += [
            f"{row[:-2]} {name}: the contract says {row[-2]!r}, the marts say {row[-1]!r}"
            for row in unequal.select(*keys, name, f"{name} found").head(SHOWN).iter_rows()
        ]
    return compared


def _authors(programme: Programme, connection: Connection) -> tuple[pl.DataFrame, Compared]:
    """The key of each author, which must be one's alone: as many pairs as authors, and as keys."""
    schema = pl.Schema({"unit_code": pl.String, "initiative_code": pl.String, "author_key": pl.String})
    found = read(connection, "select unit_code, initiative_code, author_key::text from marts.fct_initiative", schema)
    named = programme.standing(programme.horizon).initiatives.select(
        "unit_code", "initiative_code", "union_key", "author"
    )
    pairs = named.join(found, on=["unit_code", "initiative_code"]).drop_nulls("author")
    pairs = pairs.select("union_key", "author", "author_key").unique()
    compared = Compared("dim_author, whom keys stand for", pairs.height)
    for alone in (["union_key", "author"], ["author_key"]):
        shared = pairs.filter(pairs.select(alone).is_duplicated())
        compared.different += shared.height
        compared.told += [f"not one key for one author: {row}" for row in shared.head(SHOWN).iter_rows()]
    return pairs, compared
