"""Another key: every surrogate is another, every figure the same, and a night with the wrong key does nothing."""

from collections.abc import Callable

from tests.conftest import Warehouse
from tests.privacy.conftest import AS_OF, figures
from tests.privacy.persons import ALL


def test_another_key(copy_warehouse: Callable[[Warehouse], Warehouse], guarded: Warehouse) -> None:
    warehouse = copy_warehouse(guarded)
    warehouse.environment["SANGKIEN_PSEUDONYM_KEY"] = "another one"
    refused = warehouse.command("refresh", "--as-of", AS_OF.isoformat())
    assert refused.returncode == 1
    assert "person rekey" in refused.stderr
    done = warehouse.command("person", "rekey")
    assert done.returncode == 0, done.stderr
    assert figures(warehouse) == figures(guarded)
    for table, key in (
        ("staging.initiative", "author_key"),
        ("staging.initiative", "duplicate_key"),
        ("intermediate.initiative_stretch", "duplicate_key"),
        ("intermediate.duplicate_stretch", "duplicate_key"),
        ("warehouse.fct_initiative_version", "author_key"),
        ("warehouse.fct_author_phase", "author_key"),
    ):
        query = f"select distinct {key}::text as key from {table} where {key} is not null"  # noqa: S608 - named above
        before, after = ({row["key"] for row in one.query(query)} for one in (guarded, warehouse))
        assert len(before) == len(after) > 0, table
        assert not before & after, table
    # Staging, marts and whoever is sought go on under one key: the night adds nothing, a person is found.
    assert warehouse.command("refresh", "--as-of", AS_OF.isoformat()).stdout.strip() == "Nothing new."
    found = warehouse.command("person", "find", ALL[40].name, "--card", ALL[40].card)
    assert "rows: 3" in found.stdout
    assert warehouse.query(
        "select count(*) as n from marts.dim_author as a where not exists"
        " (select from marts.fct_initiative as i where i.author_key = a.author_key)"
    ) == [{"n": 0}]
