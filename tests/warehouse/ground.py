"""A small programme, put into the warehouse as if it had been read from files: what the build starts from."""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sangkien.contract.rules import rule_set
from sangkien.contract.text import match_key
from sangkien.database import Connection, connect, migrate
from sangkien.validity.judge import judge
from sangkien.warehouse.build import BuildPlan, BuildResult, build, run_dbt
from sangkien.warehouse.publish import publish
from tests.conftest import Warehouse

UNITS = {
    "ldld-ha-noi": "provincial_federation",
    "ldld-ha-giang": "provincial_federation",
    "cd-than-khoang-san": "corporation_union",
}
GROUPS = ("public_sector", "enterprise_worker", "union_officer")
TYPES = ("technical", "management", None)
CATEGORIES = ("labour_productivity", "other", None)
UPPER_UNIONS = ("Công đoàn quận A", "CÔNG ĐOÀN quận A", "Công đoàn ngành Y tế", None)
AUTHORS = ("Nguyễn Văn An", "NGUYỄN VĂN AN", None)
GRASSROOTS_UNIONS = ("CĐCS Bệnh viện 1", "CĐCS Trường 2", None)
HORIZON = date(2023, 9, 5)
PARAMETERS = rule_set().parameters

_INSERT_ROW = """
insert into staging.initiative (
    unit_code, delivery_no, line_number, initiative_code, code_key, export_date, title_given, title_key_length,
    title_has_two_letters, author_given, duplicate_key, member_group_given, member_group_code, solution_type_given,
    solution_type_code, status_code, applied_on_given, recognised_on_given, recognition_number_given,
    submitted_on_given, submitted_on, benefit_computable, benefit_unreadable, benefit_amount, benefit_currency,
    benefit_vnd, repeated_in_file, rule_codes, rule_set, content_category_code,
    upper_union_name, upper_union_key, grassroots_union_name, grassroots_union_key, field_name, author_key
) values (
    %(unit)s, %(delivery_no)s, %(line)s, %(code)s, lower(%(code)s), %(export_date)s, true, 30,
    true, true, %(duplicate)s, true, %(group)s, true,
    %(type)s, %(status)s, true, true, true,
    true, %(submitted_on)s, %(computable)s, false, %(amount)s, %(currency)s,
    %(vnd)s, false, %(rules)s, 'test', %(category)s,
    %(upper)s, %(upper_key)s, %(grassroots)s, %(grassroots_key)s, %(field)s, %(author_key)s
)
"""

_INSERT_QUOTA = """
insert into staging.quota (
    unit_code, delivery_no, line_number, export_date, phase_code, quota_type, quota, effective_from,
    union_name, union_key, parent_union_name, parent_union_key, rule_codes, rule_set
) values (
    %(unit)s, %(delivery_no)s, 2, %(export_date)s, %(phase)s, 'assigned', %(quota)s, %(effective_from)s,
    %(union)s, %(union_key)s, %(parent)s, %(parent_key)s, '{}', 'test'
)
"""


@dataclass(frozen=True)
class Row:
    """One row of a delivery. `title`: rows with one title are duplicates. Amounts: `vnd` in đồng, `usd` in dollars."""

    code: str
    verdict: str = "valid"
    group: str = "enterprise_worker"
    type: str | None = "technical"
    vnd: Decimal | None = None
    usd: Decimal | None = None
    computable: bool | None = None
    title: str | None = None
    submitted_on: date | None = date(2022, 1, 10)
    category: str | None = None
    upper: str | None = None
    grassroots: str | None = None
    field: str | None = None
    author: str | None = "Nguyễn Văn An"

    @property
    def rules(self) -> list[str]:
        """A rule that gives the verdict."""
        return {"invalid": ["V03"], "under_review": ["P01"]}.get(self.verdict, [])


@dataclass(frozen=True)
class Delivery:
    """One delta export of a unit; nothing of a quarantined one is loaded."""

    unit: str
    export_date: date
    rows: tuple[Row, ...]
    status: str = "accepted"


@dataclass(frozen=True)
class Quota:
    """One quota that a unit delivers, for itself or a union below it."""

    unit: str
    export_date: date
    phase: str
    quota: int
    effective_from: date | None = None
    union: str | None = None
    parent: str | None = None


def programme(seed: int = 1, initiatives: int = 60) -> list[Delivery]:
    """Deliveries of three units over 20 months; initiatives are sent again and change, some are duplicates."""
    random = Random(seed)
    exports = [date(2022, 1, 15) + timedelta(days=60 * n) for n in range(10)]
    deliveries = []
    for unit in UNITS:
        for export in exports:
            codes = sorted({random.randrange(initiatives) for _ in range(initiatives // 3)})
            rows = tuple(_row(random, f"SK-{code}", export) for code in codes)
            deliveries.append(Delivery(unit, export, rows))
    return deliveries


QUOTAS = [
    Quota("ldld-ha-noi", date(2022, 1, 10), "phase_1", 10, date(2022, 1, 1)),
    Quota("ldld-ha-noi", date(2022, 4, 1), "phase_1", 12),
    Quota("ldld-ha-noi", date(2022, 6, 5), "phase_2", 40, date(2022, 7, 1)),
    Quota("ldld-ha-giang", date(2022, 6, 5), "phase_2", 50, date(2022, 6, 1)),
]


def _row(random: Random, code: str, export: date) -> Row:
    kind = random.random()
    vnd = Decimal(random.randrange(10**6, 10**8)) * (1 if random.random() < 0.98 else 10**5)
    return Row(
        code=code,
        verdict=random.choices(["valid", "invalid", "under_review", "withdrawn"], [80, 10, 6, 4])[0],
        group=random.choice(GROUPS),
        type=random.choice(TYPES),
        vnd=-vnd if kind > 0.97 else vnd if kind > 0.3 else None,
        usd=Decimal("12.50") if kind < 0.03 else None,
        computable=False if 0.03 < kind < 0.1 else None,
        title=f"title {random.randrange(15)}" if random.random() < 0.1 else None,
        submitted_on=export - timedelta(days=random.randrange(1, 20)),
        category=random.choice(CATEGORIES),
        upper=random.choice(UPPER_UNIONS),
        grassroots=random.choice(GRASSROOTS_UNIONS),
        field=random.choice(("Y tế", "y tế", "Cơ khí", None)),
        author=AUTHORS[len(code) % 2 + export.day % 2],
    )


@dataclass(frozen=True)
class Ground:
    """A warehouse that is filled by hand."""

    warehouse: Warehouse

    @property
    def dsn(self) -> str:
        """The warehouse."""
        return self.warehouse.dsn

    @classmethod
    def prepare(cls, warehouse: Warehouse) -> "Ground":
        """Make the schema."""
        migrate(warehouse.dsn)
        return cls(warehouse)

    def deliver(self, deliveries: Iterable[Delivery], quotas: Iterable[Quota] = ()) -> None:
        """Load deliveries, as accepted."""
        with connect(self.dsn) as connection:
            for delivery in deliveries:
                number = _open(connection, delivery.unit, "initiatives", delivery.export_date, delivery)
                connection.cursor().executemany(
                    _INSERT_ROW,
                    [_values(delivery, number, line, row) for line, row in _loaded(delivery)],
                )
            for quota in quotas:
                number = _open(connection, quota.unit, "quotas", quota.export_date)
                keys = {"union_key": _key(quota.union), "parent_key": _key(quota.parent)}
                connection.execute(_INSERT_QUOTA, vars(quota) | keys | {"delivery_no": number})

    def build(
        self, publication: int, base: int, horizon: date = HORIZON, parameters: dict[str, Any] = PARAMETERS
    ) -> BuildResult:
        """Judge what was delivered for a candidate, and build it."""
        with connect(self.dsn) as connection:
            connection.execute(
                "insert into ops.run (run_id, as_of) values (%s, %s) on conflict do nothing",
                [f"night-{publication}", horizon],
            )
            connection.execute(
                "insert into ops.publication (publication_id, run_id, state, horizon, rule_set)"
                " values (%s, %s, 'building', %s, %s) on conflict do nothing",
                [publication, f"night-{publication}", horizon, rule_set().version],
            )
            judge(connection, publication, rule_set())
        return build(
            self.dsn, publication, base, horizon, rule_parameters=parameters, work_folder=self.warehouse.folder / "dbt"
        )

    def dbt(self, publication: int, *arguments: str) -> list[Any]:
        """Run dbt on a publication."""
        return run_dbt(
            self.dsn,
            arguments,
            BuildPlan(publication, 0, HORIZON),
            rule_parameters=PARAMETERS,
            work_folder=self.warehouse.folder / "dbt",
        )

    def publish(self, publication: int) -> None:
        """Let readers see a publication."""
        with connect(self.dsn) as connection:
            connection.execute("update ops.publication set state = 'built' where publication_id = %s", [publication])
            publish(connection, publication)

    def query(self, query: str, publication: int | None = None) -> list[dict[str, Any]]:
        """Rows as a session sees them that shows a publication; none: the current one."""
        with self._connect(publication) as connection:
            cursor = connection.execute(query.encode())
            names = [column.name for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def hashes(self, publication: int | None = None, schema: str = "marts") -> dict[str, str]:
        """A hash over the rows of every mart of a publication, or over every stamped table with its stamps."""
        names = self.query(
            f"select table_name as name from information_schema.tables where table_schema = '{schema}'"  # noqa: S608
            " and table_name not like 'int\\_%' and table_name <> 'definition' order by 1"
        )
        rows = """select md5(string_agg(t::text, chr(10) order by t::text collate "C")) as hash from {}.{} as t"""
        return {r["name"]: self.query(rows.format(schema, r["name"]), publication)[0]["hash"] for r in names}

    @contextmanager
    def _connect(self, publication: int | None) -> Iterator[Connection]:
        with connect(self.dsn, shown_publication=publication) as connection:
            yield connection


def name_surrogate(row: Row) -> uuid.UUID | None:
    """The surrogate of the author's name, as the intake makes one with its key."""
    return None if row.author is None else uuid.uuid5(uuid.NAMESPACE_OID, match_key(row.author))


def _key(name: str | None) -> str | None:
    return None if name is None else match_key(name)


def _loaded(delivery: Delivery) -> list[tuple[int, Row]]:
    return [] if delivery.status == "quarantined" else list(enumerate(delivery.rows, start=2))


def _open(connection: Connection, unit: str, dataset: str, export_date: date, delivery: Delivery | None = None) -> int:
    status = delivery.status if delivery else "accepted"
    row = connection.execute(
        "insert into ops.delivery (unit_code, delivery_no, file_name, sha256, size_bytes, dataset, export_date,"
        " arrived_on, run_id, status, reason_code, rows_read, rows_accepted)"
        " select %(unit)s, coalesce(max(delivery_no), 0) + 1, %(name)s, md5(%(name)s), 1, %(dataset)s, %(day)s,"
        " %(day)s, 'test', %(status)s, %(reason)s, %(rows)s, %(rows)s"
        " from ops.delivery where unit_code = %(unit)s returning delivery_no",
        {
            "unit": unit,
            "dataset": dataset,
            "day": export_date,
            "status": status,
            "reason": "empty" if status == "quarantined" else None,
            "name": f"{dataset}_{export_date}.csv",
            "rows": len(_loaded(delivery)) if delivery else 1,
        },
    ).fetchone()
    assert row is not None
    return int(row[0])


def _values(delivery: Delivery, number: int, line: int, row: Row) -> dict[str, Any]:
    return {
        "unit": delivery.unit,
        "delivery_no": number,
        "line": line,
        "export_date": delivery.export_date,
        "status": "withdrawn" if row.verdict == "withdrawn" else "accepted",
        "duplicate": None if row.title is None or row.rules else uuid.uuid5(uuid.NAMESPACE_OID, row.title),
        **vars(row),
        "upper_key": _key(row.upper),
        "grassroots_key": _key(row.grassroots),
        "author_key": name_surrogate(row),
        "amount": row.usd if row.vnd is None else row.vnd,
        "currency": "USD" if row.vnd is None else "VND",
        "rules": row.rules,
    }
