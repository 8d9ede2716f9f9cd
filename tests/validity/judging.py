"""A warehouse of which only load and judge run, and what the judge says of it: night by night, and from scratch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from psycopg import sql

from sangkien.contract.rules import rule_set
from sangkien.database import Connection, connect, migrate
from sangkien.intake.inbox import FolderInbox
from sangkien.validity.judge import judge
from tests.conftest import Warehouse
from tests.intake.conftest import Intake

FROM_SCRATCH = 1_000_000
_TABLES = ("initiative_stretch", "duplicate_stretch", "unit_benefit_amount", "unit_benefit_median")
# Nothing of it depends on the order in which files came: of a delivery its name, not its number.
_VERDICTS = """
with told as (
    select s.unit_code, s.code_key, concat_ws(' ', s.as_of_from, s.as_of_to, d.file_name, s.line_number, s.left_out,
        s.verdict, s.rule_codes, s.submitted_on, trim_scale(s.benefit_vnd),
        case when s.as_of_to = date '9999-12-31' and s.benefit_vnd > least({limit}, {times} * m.median_vnd)
            then 'W04' end) as said
    from intermediate.initiative_stretch as s
    inner join ops.delivery as d using (unit_code, delivery_no)
    left join intermediate.unit_benefit_median as m using (unit_code)
    union all
    select unit_code, code_key, concat_ws(' ', stretch_from, as_of_from, as_of_to, rule_codes, first_unit_code,
        first_code_key)
    from intermediate.duplicate_stretch
)
select unit_code || ' ' || code_key, string_agg(said, '; ' order by said collate "C") from told
group by unit_code, code_key
"""


@dataclass
class Judging:
    """An installation whose nights end with the judge. `intake`: where its files are put, and loaded."""

    intake: Intake
    nights: int = 0
    verdicts: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, warehouse: Warehouse) -> Judging:
        """An empty one."""
        migrate(warehouse.dsn)
        return cls(Intake(warehouse, FolderInbox(warehouse.inbox)))

    def clear(self) -> None:
        """Forget everything."""
        with connect(self.intake.warehouse.dsn) as connection:
            connection.execute(
                "truncate landing.initiative, landing.rejected_row, staging.initiative, ops.delivery, ops.inbox_file,"
                " intermediate.initiative_stretch, intermediate.duplicate_stretch, intermediate.unit_benefit_amount,"
                " intermediate.unit_benefit_median, intermediate.changed_initiative"
            )
        for file in self.intake.warehouse.inbox.rglob("*.*"):
            file.unlink()
        self.nights, self.verdicts = 0, {}

    def night(self, files: dict[str, bytes]) -> None:
        """Take a night's files, by their place in the inbox; judge; hold it against a judgement from scratch."""
        for place, content in files.items():
            unit, name = place.split("/")
            self.intake.deliver(content, unit, name)
        self.intake.load()
        self.nights += 1
        with connect(self.intake.warehouse.dsn) as connection:
            judge(connection, self.nights, rule_set())
            before, self.verdicts = self.verdicts, _verdicts(connection)
            changed = {key for key in before | self.verdicts if before.get(key) != self.verdicts.get(key)}
            missed = changed - _touched(connection, self.nights)
            hashes = _hashes(connection)
        assert not missed, f"changed, but the marts would not know: {sorted(missed)[:5]}"
        with connect(self.intake.warehouse.dsn) as connection:
            connection.execute("truncate intermediate.changed_initiative")
            for table in _TABLES:
                connection.execute(sql.SQL("truncate intermediate.{}").format(sql.Identifier(table)))
            connection.execute("update ops.delivery set judged_status = null")
            judge(connection, FROM_SCRATCH, rule_set())
            scratch = _verdicts(connection)
            assert {k: (v, scratch.get(k)) for k, v in self.verdicts.items() if scratch.get(k) != v} == {}
            assert hashes == _hashes(connection)
            connection.rollback()


def _hashes(connection: Connection) -> dict[str, Any]:
    """A hash over the rows of each table of the judge."""
    statement = """select md5(string_agg(t::text, chr(10) order by t::text collate "C")) from intermediate.{} as t"""
    found = {}
    for table in _TABLES:
        row = connection.execute(sql.SQL(statement).format(sql.Identifier(table))).fetchone()
        found[table] = row and row[0]
    return found


def _verdicts(connection: Connection) -> dict[str, str]:
    """All that is said of each initiative."""
    limits = rule_set().parameters
    statement = sql.SQL(_VERDICTS).format(limit=limits["benefit_limit_vnd"], times=limits["benefit_times_median"])
    return dict(connection.execute(statement).fetchall())


def _touched(connection: Connection, night: int) -> set[str]:
    rows = connection.execute(
        "select unit_code || ' ' || code_key from intermediate.changed_initiative where publication_id = %s", [night]
    )
    return {key for (key,) in rows}
