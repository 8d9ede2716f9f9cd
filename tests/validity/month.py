"""A simulated month: units that send, correct, withdraw, are late, and send again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from tests.scenarios.build import Value, csv_file, initiative

UNITS = ("cd-cao-su", "cd-y-te", "ldld-an-giang", "ldld-ha-noi", "ldld-long-an", "ldld-thanh-hoa")
FIRST_DAY = date(2023, 8, 1)
DAYS = 31
Row = dict[str, Value]
Files = dict[str, bytes]


@dataclass
class Unit:
    """A unit and what it has sent."""

    code: str
    rows: dict[str, Row] = field(default_factory=dict)
    sent: list[tuple[str, list[str]]] = field(default_factory=list)


def month(seed: int) -> list[Files]:
    """The files that arrive each night, by their place in the inbox."""
    chance = Random(seed)
    units = [Unit(code) for code in UNITS]
    nights: dict[int, Files] = defaultdict(dict)
    for day in range(DAYS):
        for unit in units:
            if chance.random() < 0.7:
                name, content = _export(chance, unit, FIRST_DAY + timedelta(days=day))
                late = chance.randint(1, 9) if chance.random() < 0.15 else 0
                nights[min(day + late, DAYS - 1)][f"{unit.code}/{name}"] = content
            if unit.sent and chance.random() < 0.1:
                name, codes = chance.choice(unit.sent)
                kept = [_corrected(chance, unit.rows[code]) for code in codes if chance.random() < 0.8]
                nights[day][f"{unit.code}/{name}"] = csv_file(kept)
    return [nights[day] for day in range(DAYS)]


def _export(chance: Random, unit: Unit, day: date) -> tuple[str, bytes]:
    for _ in range(chance.randint(0, 8)):
        code = f"SK{len(unit.rows) + 1}"
        unit.rows[code] = _new(chance, unit, code)
    known = sorted(unit.rows)
    for code in chance.sample(known, k=min(len(known), 3)):
        unit.rows[code] = _corrected(chance, unit.rows[code])
    if chance.random() < 0.07:
        name, codes = f"initiatives_{day}_full.csv", [code for code in known if chance.random() < 0.9]
    else:
        name, codes = f"initiatives_{day}.csv", sorted({*known[-8:], *chance.sample(known, k=min(len(known), 5))})
    unit.sent.append((name, codes))
    return name, csv_file([unit.rows[code] for code in codes])


def _new(chance: Random, unit: Unit, code: str) -> Row:
    """Every fourth bears a title and an author that others may bear too."""
    row = initiative(unit.code, code)
    if chance.random() < 0.25:
        shared = chance.randint(1, 60)
        row |= {"title": f"Giải pháp dùng chung số {shared}", "author_name": f"Phạm Thị Chung {shared}"}
    row["submitted_on"] = f"{chance.randint(1, 28)}/{chance.randint(1, 7)}/2023"
    row["benefit"] = str(chance.randint(1, 40) * 1_000_000)
    return row


def _corrected(chance: Random, row: Row) -> Row:
    """A row with something else said of it."""
    changes: tuple[Row, ...] = (
        {"applied_on": "01/01/2020"},
        {"applied_on": "15/01/2023"},
        {"status": "Rút"},
        {"status": "Đang xem xét"},
        {"status": "Hợp lệ"},
        {"submitted_on": f"{chance.randint(1, 28)}/{chance.randint(1, 7)}/2023"},
        {"benefit": str(chance.choice((1, 10**3, 10**5)) * chance.randint(1, 40) * 1_000_000)},
        {"title": f"Cải tiến thiết bị đã sửa {chance.randint(1, 30)}"},
    )
    return row | chance.choice(changes)
