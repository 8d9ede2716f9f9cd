"""Write receipts: for people (.xlsx) and for programs (.json), in Vietnamese (contract §6)."""

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from psycopg import sql
from psycopg.rows import dict_row
from upath import UPath

from sangkien.contract.fields import Dataset, fields
from sangkien.contract.lists import unit_names
from sangkien.contract.rules import ACTORS, RuleSet, rule_set
from sangkien.database import Connection, connect
from sangkien.intake.discover import UNKNOWN_UNIT
from sangkien.intake.quarantine import reason_texts
from sangkien.sheets import open_workbook
from sangkien.storage import write_whole
from sangkien.validity import rule_sets
from sangkien.validity.issues import SCHEMA, stored_issues

MOST_ISSUES = 10_000
LONGEST_NAME = 200

STATUS_LABELS = {
    "accepted": "Đã nhận",
    "accepted_with_issues": "Đã nhận, có điểm cần sửa",
    "quarantined": "Chưa nhận được: cần sửa và gửi lại",
    "duplicate": "Trùng với tệp đã nhận, không tính lại",
    "superseded": "Đã được thay bằng tệp gửi sau cùng tên",
}
DAY_ORDER_LABELS = {"day_first": "ngày/tháng/năm", "month_first": "tháng/ngày/năm"}
NUMBER_STYLE_LABELS = {
    "vietnamese": "1.234.567,89 (dấu chấm chia nhóm, dấu phẩy thập phân)",
    "english": "1,234,567.89 (dấu phẩy chia nhóm, dấu chấm thập phân)",
}
SKIPPED_LABELS = {
    "title": "dòng trên tiêu đề",
    "blank": "dòng trống",
    "repeated_header": "dòng tiêu đề lặp lại",
    "total": "dòng tổng cộng",
    "group_heading": "dòng tên nhóm",
    "footer": "dòng cuối bảng",
}

_SET_ISSUES = """
with current_stretch as (
    select s.* from intermediate.initiative_stretch as s
    where s.unit_code = %(unit_code)s and s.delivery_no = %(delivery_no)s and s.as_of_to = date '9999-12-31'
)
select s.line_number, 'title' as column, l.title as value, unnest(d.rule_codes) as rule
from current_stretch as s
inner join intermediate.duplicate_stretch as d
    on s.unit_code = d.unit_code and s.code_key = d.code_key and s.as_of_from = d.stretch_from and d.as_of_to =
    s.as_of_to
inner join landing.initiative as l
    on s.unit_code = l.unit_code and s.delivery_no = l.delivery_no and s.line_number = l.line_number
union all
select s.line_number, 'benefit', l.benefit, 'W04'
from current_stretch as s
left join intermediate.unit_benefit_median as m using (unit_code)
inner join landing.initiative as l using (unit_code, delivery_no, line_number)
where s.benefit_vnd > least({limit}, {times} * m.median_vnd)
"""


@dataclass(frozen=True)
class Receipt:
    """What a unit is told about one delivery.

    Attributes:
        issues: As `issues.SCHEMA`; the document lists MOST_ISSUES of them.
        rules: The rule set that they are about.
        preliminary: The judge has not seen it yet: duplicates and implausible amounts are not told of.
    """

    unit_code: str
    file_name: str
    sha256: str
    status: str
    issues: pl.DataFrame
    reason_code: str | None = None
    reason_values: dict[str, Any] = field(default_factory=dict)
    dataset: Dataset | None = None
    export_date: str | None = None
    rows_read: int = 0
    rows_accepted: int = 0
    rows_rejected: int = 0
    rows_skipped: int = 0
    skipped_by_class: dict[str, int] = field(default_factory=dict)
    decisions: dict[str, Any] = field(default_factory=dict)
    rules: RuleSet = field(default_factory=rule_set)
    preliminary: bool = False

    def document(self) -> dict[str, Any]:
        """The receipt as its .json says it."""
        message, advice = (None, None)
        if self.reason_code:
            message, advice = reason_texts(self.reason_code, self.reason_values)
        headings = {f.name: f.heading for f in fields(self.dataset).values()} if self.dataset else {}
        rules = self.rules.rules
        listed = self.issues.head(MOST_ISSUES)
        return {
            "unit_code": self.unit_code,
            "unit_name": unit_names().get(self.unit_code),
            "file_name": self.file_name,
            "sha256": self.sha256,
            "dataset": self.dataset,
            "export_date": self.export_date,
            "status": self.status,
            "status_label": STATUS_LABELS[self.status],
            "preliminary": self.preliminary,
            "reason": self.reason_code,
            "message": message,
            "advice": advice,
            "rows_read": self.rows_read,
            "rows_accepted": self.rows_accepted,
            "rows_rejected": self.rows_rejected,
            "rows_skipped": self.rows_skipped,
            "skipped_by_class": self.skipped_by_class,
            "decisions": self.decisions,
            "issue_count": self.issues.height,
            "issues_not_listed": self.issues.height - listed.height,
            "issues": [
                {
                    "line": line,
                    "column": headings.get(column, column),
                    "value": value,
                    "rule": rule,
                    "message": rules[rule].message_vi,
                    "advice": rules[rule].advice_vi,
                    "acts": ACTORS[rules[rule].acts][0],
                }
                for line, column, value, rule in listed.iter_rows()
            ],
        }


@dataclass(frozen=True)
class ReceiptsResult:
    """How many receipts were written."""

    written: int


# A delivery waits for its receipt while the last one does not show its status. Before the judge has seen its rows, a
# receipt cannot tell of duplicates: it is preliminary, and written again.
_JUDGED = "(d.status = 'quarantined' or d.judged_status is not distinct from d.status)"
_WAITS = f"(d.receipt_status is distinct from d.status or d.receipt_is_preliminary) and {_JUDGED}"
_WAITS_BY_DAY = "d.receipt_status is distinct from d.status"
PRELIMINARY = "Kết quả tạm thời: việc trùng lặp và số tiền bất thường được xét trong đêm, khi đó phiếu này được thay."


def receipts_wait(connection: Connection) -> bool:
    """Whether there is a delivery that has not even a preliminary receipt."""
    row = connection.execute(f"select exists (select from ops.delivery as d where {_WAITS_BY_DAY})").fetchone()  # noqa: S608
    return row == (True,)


def write_receipts(dsn: str, outbox: UPath, *, preliminary: bool = False) -> ReceiptsResult:
    """Write the receipt of every delivery that waits for one; safe to be repeated, and to be run twice at once.

    Args:
        dsn: The warehouse.
        outbox: Where to.
        preliminary: Also of those that the judge has not seen yet.
    """
    written, waits = 0, _WAITS_BY_DAY if preliminary else _WAITS
    with connect(dsn) as connection, connect(dsn, autocommit=True) as guard:
        units = [unit for (unit,) in guard.execute(f"select distinct unit_code from ops.delivery as d where {waits}")]  # noqa: S608
        for unit in sorted(units):
            lock_name = f"sangkien:receipts:{unit}"
            guard.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [lock_name])
            written += _write_of_unit(connection, unit, outbox, waits)
            guard.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [lock_name])
    return ReceiptsResult(written)


def _write_of_unit(connection: Connection, unit_code: str, outbox: UPath, waits: str) -> int:
    """Write the receipts of a unit; of the same bytes under one name, only the newest delivery is told."""
    with connection.cursor(row_factory=dict_row) as cursor:
        waiting = cursor.execute(
            "select d.*, not exists (select from ops.delivery as n where n.unit_code = d.unit_code"  # noqa: S608
            " and n.file_name = d.file_name and n.sha256 = d.sha256 and n.delivery_no > d.delivery_no) as is_newest,"
            f" not {_JUDGED} as preliminary"
            f" from ops.delivery as d where {waits} and d.unit_code = %s order by d.delivery_no",
            [unit_code],
        ).fetchall()
    rules = rule_sets.standing(connection)
    written = 0
    for row in waiting:
        if row.pop("is_newest"):
            _save(_receipt(connection, row, rules), outbox)
            written += 1
        connection.execute(
            "update ops.delivery set receipt_status = %(status)s, receipt_is_preliminary = %(preliminary)s"
            " where unit_code = %(unit_code)s and delivery_no = %(delivery_no)s",
            row,
        )
        connection.commit()
    return written


def _receipt(connection: Connection, row: dict[str, Any], rules: RuleSet) -> Receipt:
    issues = _issues(connection, row, rules) if row["rows_read"] else pl.DataFrame(schema=SCHEMA)
    names = set(Receipt.__dataclass_fields__) - {"issues", "export_date", "rules"}
    export_date = row["export_date"].isoformat() if row["export_date"] else None
    return Receipt(**{name: row[name] for name in names}, export_date=export_date, issues=issues, rules=rules)


def _issues(connection: Connection, row: dict[str, Any], rules: RuleSet) -> pl.DataFrame:
    lines = stored_issues(connection, row["dataset"], row["unit_code"], row["delivery_no"], rules)
    if row["dataset"] == "initiatives":
        limits = rules.parameters
        statement = sql.SQL(_SET_ISSUES).format(limit=limits["benefit_limit_vnd"], times=limits["benefit_times_median"])
        by_set = pl.DataFrame(connection.execute(statement, row).fetchall(), schema=SCHEMA, orient="row")
        lines = pl.concat([lines, by_set])
    return lines.sort("line_number", "rule", "column")


def _save(receipt: Receipt, outbox: UPath) -> None:
    folder = outbox / receipt.unit_code
    folder.mkdir(parents=True, exist_ok=True)
    name = receipt.file_name
    if receipt.unit_code == UNKNOWN_UNIT or "/" in name or len(name.encode()) > LONGEST_NAME:
        name = f"tep-{hashlib.sha256(name.encode(errors='surrogateescape')).hexdigest()[:16]}"
    name = f"{name}.{receipt.sha256[:12]}"
    document = receipt.document()
    written = {".json": json.dumps(document, ensure_ascii=False, indent=1).encode(), ".xlsx": _workbook(document)}
    for extension, data in written.items():
        write_whole(folder, f"{name}{extension}", data)


def _summary_lines(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "Đơn vị", f"{document['unit_name'] or ''} ({document['unit_code']})"
    yield "Tệp", document["file_name"]
    yield "Mã kiểm tra (sha256)", document["sha256"]
    yield "Kết quả", document["status_label"]
    if document["preliminary"]:
        yield "Lưu ý", PRELIMINARY
    if document["reason"]:
        yield "Lý do", document["message"]
        yield "Cần làm", document["advice"]
    yield "Số dòng đọc được", str(document["rows_read"])
    yield "Số dòng được nhận", str(document["rows_accepted"])
    yield "Số dòng không được nhận", str(document["rows_rejected"])
    skipped = ", ".join(f"{SKIPPED_LABELS[c]}: {n}" for c, n in document["skipped_by_class"].items())
    yield "Số dòng bỏ qua", f"{document['rows_skipped']}" + (f" ({skipped})" if skipped else "")
    yield "Số điểm cần xem", str(document["issue_count"])
    if document["issues_not_listed"]:
        yield "Không liệt kê", f"còn {document['issues_not_listed']} điểm nữa"
    for name, label in (("encoding", "Bảng mã"), ("delimiter", "Dấu phân cách"), ("sheet", "Trang tính")):
        if name in document["decisions"]:
            yield label, repr(document["decisions"][name]) if name == "delimiter" else document["decisions"][name]
    if "header_line" in document["decisions"]:
        yield from _decision_lines(document["decisions"], document["dataset"])


def _decision_lines(decisions: dict[str, Any], dataset: Dataset) -> Iterator[tuple[str, str]]:
    headings = {field.name: field.heading for field in fields(dataset).values()}
    yield "Dòng tiêu đề", str(decisions["header_line"])
    read_as = (f"{heading} → {headings[name]}" for heading, name in decisions["columns"].items())
    yield "Các cột được hiểu là", "\n".join(read_as)
    for name, order in decisions["day_order"].items():
        yield f"Cách ghi ngày ở cột {headings[name]}", DAY_ORDER_LABELS[order]
    yield "Cách ghi số", NUMBER_STYLE_LABELS[decisions["number_style"]]
    for name, cells in decisions.get("personal_data", {}).items():
        yield (
            f"Dữ liệu cá nhân ở cột {headings[name]}",
            f"{cells} ô có số điện thoại, e-mail hoặc số định danh cá nhân. Xin bỏ đi trong lần gửi sau;"
            " báo cáo không hiện những số này.",
        )
    yield "Cột không có trong biểu mẫu (được giữ lại)", ", ".join(decisions["unknown_columns"]) or "không có"


def _workbook(document: dict[str, Any]) -> bytes:
    """The receipt for people. Every value is a string cell, so that nothing in it can run as a formula."""
    file = io.BytesIO()
    with open_workbook(file) as workbook:
        bold = workbook.add_format({"bold": True})
        wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
        summary = workbook.add_worksheet("Tóm tắt")
        summary.set_column(0, 0, 38, bold)
        summary.set_column(1, 1, 90, wrapped)
        for row, (label, value) in enumerate(_summary_lines(document)):
            summary.write_string(row, 0, label, bold)
            summary.write_string(row, 1, value, wrapped)
        details = workbook.add_worksheet("Cần sửa")
        headings = {"line": "Dòng", "column": "Cột", "value": "Giá trị đã gửi", "rule": "Quy tắc", "message": "Vấn đề",
                    "advice": "Cần làm", "acts": "Ai xử lý"}  # fmt: skip
        for column, (heading, width) in enumerate(zip(headings.values(), (8, 28, 40, 9, 50, 60, 22), strict=True)):
            details.set_column(column, column, width)
            details.write_string(0, column, heading, bold)
        details.freeze_panes(1, 0)
        for row, issue in enumerate(document["issues"], start=1):
            details.write_number(row, 0, issue["line"])
            for column, name in enumerate(list(headings)[1:], start=1):
                details.write_string(row, column, (issue[name] or "")[:32_000])
    return file.getvalue()
