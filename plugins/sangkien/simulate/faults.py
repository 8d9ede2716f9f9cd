"""The faults: one function for each rule (contract §4), that makes rows break it, and nothing else that matters."""

from collections.abc import Callable
from datetime import date
from enum import IntEnum

from sangkien.simulate.draw import IntArray, Stream
from sangkien.simulate.recipe import APPLIED_FROM, APPLIED_TO
from sangkien.simulate.schedule import FIRST_SUBMISSION
from sangkien.simulate.table import NULL, Table

Fault = Callable[[Table, IntArray, Stream], None]


class Status(IntEnum):
    """Statuses by their place in report_statuses.csv."""

    SUBMITTED = 0
    UNDER_REVIEW = 1
    ACCEPTED = 2
    RETURNED = 3
    WITHDRAWN = 4


class Benefit(IntEnum):
    """What the benefit's cells hold."""

    AMOUNT = 0
    NOT_COMPUTABLE = 1
    MISSING = 2
    USD = 3
    UNREADABLE = 4
    UNKNOWN_UNIT = 5
    NEGATIVE = 6
    HUGE = 7
    LARGE = 8


NO, YES = 0, 1

_UNREADABLE_DATES = (
    "30/02/2022",
    "31/11/2022",
    "15/13/2022",
    "2022-02-30",
    "00/00/2022",
    "12/5/22",
    "12/05/2022 24:00",
    "tháng 6/2022",
    "2022",
    "chưa rõ",
)
"""None of them is a real date in any order: a fault must not make a column month-first."""

SPECIAL_TEXTS = {
    "title": (
        "Sáng kiến", "test", "...", "xxxxxxxxxxxx", "SK 1", "Không có", "1234567890123", "aaa aaa aaa aaa", "abc",
    ),
    "member_group": ("Nông dân", "Học sinh", "Hưu trí", "Đối tượng khác", "Khách mời"),
    "solution_type": ("Sáng chế", "Hữu ích", "Loại khác", "Giải pháp pháp chế", "Kiểu dáng công nghiệp"),
    "content_category": ("Chuyển đổi số", "Văn hóa doanh nghiệp", "Chống tham nhũng"),
    "status": ("Chưa rõ", "Lưu kho", "Bổ sung hồ sơ"),
    "author_gender": ("Khác", "Không rõ", "N"),
    "author_birth": ("không nhớ", "19xx", "31/02/1980"),
    "against_public_order": ("Chưa xác định", "?"),
    "under_ip_protection": ("Chưa xác định", "?"),
    "applied_on": _UNREADABLE_DATES,
    "recognised_on": _UNREADABLE_DATES,
    "submitted_on": _UNREADABLE_DATES,
}  # fmt: skip


def empty(*fields: str) -> Fault:
    """Empty cells."""

    def make(table: Table, rows: IntArray, _: Stream) -> None:
        for name in fields:
            table.mark(name, rows, NULL)

    return make


def special(name: str) -> Fault:
    """A special text in the cell."""

    def make(table: Table, rows: IntArray, draws: Stream) -> None:
        table.mark(name, rows, draws.integers(1, len(SPECIAL_TEXTS[name]) + 1, len(rows)))

    return make


def value(name: str, code: int) -> Fault:
    """A value of the column."""

    def make(table: Table, rows: IntArray, _: Stream) -> None:
        table[name][rows] = code
        table.unmark(name, rows)

    return make


def one_of(*faults: Fault) -> Fault:
    """One of several faults, for each row."""

    def make(table: Table, rows: IntArray, draws: Stream) -> None:
        choice = draws.integers(0, len(faults), len(rows))
        for i, fault in enumerate(faults):
            fault(table, rows[choice == i], draws)

    return make


def both(*faults: Fault) -> Fault:
    """Several faults on the same rows."""

    def make(table: Table, rows: IntArray, draws: Stream) -> None:
        for fault in faults:
            fault(table, rows, draws)

    return make


def days(name: str, first: int, last: int, after: str | None = None) -> Fault:
    """A day between two ordinals, or between two numbers of days after another column's day; both ends included."""

    def make(table: Table, rows: IntArray, draws: Stream) -> None:
        table[name][rows] = draws.integers(first, last + 1, len(rows)) + (table[after][rows] if after else 0)
        table.unmark(name, rows)

    return make


def _day(year: int, month: int, day: int) -> int:
    return date(year, month, day).toordinal()


FAULTS: dict[str, Fault] = {
    "V01": one_of(*(empty(f) for f in ("title", "author_name", "member_group", "applied_on", "submitted_on"))),
    "V02": one_of(
        days("applied_on", APPLIED_FROM - 700, APPLIED_FROM - 1),
        days("applied_on", APPLIED_FROM - 3, APPLIED_FROM - 1),
        days("applied_on", APPLIED_TO + 1, APPLIED_TO + 90),
    ),
    "V03": one_of(
        empty("recognised_on"),
        empty("recognition_number"),
        empty("recognised_on", "recognition_number", "recognition_level"),
    ),
    "V04": value("against_public_order", YES),
    "V05": value("under_ip_protection", YES),
    "V06": one_of(
        days("submitted_on", FIRST_SUBMISSION - 90, FIRST_SUBMISSION - 1),
        days("submitted_on", FIRST_SUBMISSION - 2, FIRST_SUBMISSION - 1),
    ),
    "V07": special("member_group"),
    "V08": special("solution_type"),
    "V09": one_of(
        days("recognised_on", _day(2024, 1, 1), _day(2025, 12, 31)),
        days("recognised_on", 1, 20, after="judged_on"),
        days("applied_on", 1, 20, after="judged_on"),
        days("submitted_on", 1, 20, after="judged_on"),
    ),
    "V10": one_of(special("applied_on"), special("recognised_on"), special("submitted_on")),
    "V11": special("title"),
    "V14": value("status", Status.RETURNED),
    "under_review": both(
        value("status", Status.UNDER_REVIEW),
        one_of(empty("recognised_on", "recognition_number"), empty("recognised_on")),
    ),
    "W01": days("recognised_on", -30, -1, after="applied_on"),
    "W06": one_of(
        days("author_birth", _day(2011, 1, 1), _day(2018, 12, 31)),
        days("author_birth", _day(1930, 1, 1), _day(1939, 12, 31)),
    ),
    "W07": one_of(
        *(
            special(f)
            for f in (
                "author_gender",
                "content_category",
                "status",
                "author_birth",
                "against_public_order",
                "under_ip_protection",
            )
        )
    ),
    "not_computable": value("benefit_kind", Benefit.NOT_COMPUTABLE),
    "missing": value("benefit_kind", Benefit.MISSING),
    "usd": value("benefit_kind", Benefit.USD),
    "unreadable": value("benefit_kind", Benefit.UNREADABLE),
    "unknown_unit": value("benefit_kind", Benefit.UNKNOWN_UNIT),
    "negative": value("benefit_kind", Benefit.NEGATIVE),
    "huge": value("benefit_kind", Benefit.HUGE),
    "large": value("benefit_kind", Benefit.LARGE),
    "R01": empty("initiative_code"),
    "R02": both(value("beyond", YES), value("status", Status.ACCEPTED)),
}
