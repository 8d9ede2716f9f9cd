"""Row by row: both sides of every boundary of the rules in CONTRACT §4, with the rules expected by hand.

Every case is one row of a file exported on 2023-09-30, otherwise valid, submitted on 10/03/2023. It is delivered as
CSV and as XLSX with text cells; `only` keeps a case to one of them. A case that expects no rule is a valid initiative.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tests.scenarios.build import Value

EXPORT = "2023-09-30"


@dataclass(frozen=True)
class RowCase:
    """A row and what must come of it; `vnd` is compared where `has_vnd` is set."""

    name: str
    changes: dict[str, Value]
    rules: tuple[str, ...] = ()
    verdict: str = ""
    vnd: int | None = None
    has_vnd: bool = False
    only: Literal["", "csv", "xlsx"] = ""
    shown: dict[str, str | None] = field(default_factory=dict)

    @property
    def expected_verdict(self) -> str:
        if self.verdict:
            return self.verdict
        if any(rule.startswith("V") for rule in self.rules):
            return "invalid"
        return "under_review" if "P01" in self.rules else "valid"


def _case(
    name: str, rules: str = "", verdict: str = "", only: Literal["", "csv", "xlsx"] = "", **changes: Value
) -> RowCase:
    return RowCase(name, changes, tuple(rules.split()), verdict, only=only)


def _money(
    benefit: Value,
    vnd: int | None,
    rules: str = "",
    unit: str = "",
    only: Literal["", "csv", "xlsx"] = "",
    **more: Value,
) -> RowCase:
    changes: dict[str, Value] = {"benefit": benefit, "benefit_unit": unit, **more}
    return RowCase(
        f"benefit {benefit!r} unit {unit!r} {more or ''}", changes, tuple(rules.split()), "", vnd, True, only
    )


def _date(text: Value, iso: str | None, rules: str = "", only: Literal["", "csv", "xlsx"] = "") -> RowCase:
    """A form of writing a date, in applied_on (recognised long after, so that only V10 and V02 can follow)."""
    changes: dict[str, Value] = {"applied_on": text, "recognised_on": "30/08/2023"}
    return RowCase(f"applied_on {text!r}", changes, tuple(rules.split()), only=only, shown={"applied_on": iso})


VALIDITY = [
    _case("nothing wrong"),
    # V01
    _case("title missing", "V01", title=""),
    _case("author missing", "V01", author_name="N/A"),
    _case("member group missing", "V01", member_group="—"),
    _case("applied missing", "V01", applied_on="null"),
    _case("submitted missing", "V01", submitted_on="(Trống)"),
    _case("title a dash", "V01", title="-"),
    _case("title an en dash", "V01", title=" – "),
    _case("title #N/A", "V01", title="#n/a"),
    _case("unreadable is not missing", "V10", applied_on="hôm qua"),
    # V02
    _case("applied the day before the window", "V02", applied_on="31/08/2021"),
    _case("applied on the first day", applied_on="01/09/2021"),
    _case("applied on the last day", applied_on="01/09/2023", recognised_on="01/09/2023"),
    _case("applied the day after the window", "V02", applied_on="02/09/2023", recognised_on="02/09/2023"),
    # V03
    _case("recognition date missing", "V03", recognised_on=""),
    _case("recognition number missing", "V03", recognition_number=""),
    _case("not recognised but under review", "P01", recognised_on="", recognition_number="", status="Đang xem xét"),
    _case("recognition date unreadable", "V10", recognised_on="31/06/2023"),
    _case("unreadable and no number", "V03 V10", recognised_on="31/06/2023", recognition_number="-"),
    _case("unreadable under review", "P01 V10", recognised_on="?", status="Chờ duyệt"),
    # V04, V05
    _case("against public order", "V04", against_public_order="Có"),
    _case("against public order, upper case", "V04", against_public_order=" CÓ "),
    _case("under IP protection", "V05", under_ip_protection="có"),
    _case("both flags", "V04 V05", against_public_order="Có", under_ip_protection="Có"),
    _case("flags empty", against_public_order="", under_ip_protection=""),
    _case("a flag of another word is null", "W07", against_public_order="Yes"),
    # V06
    _case("before phase I", "V06", submitted_on="07/01/2022"),
    _case("first day of phase I", submitted_on="08/01/2022"),
    _case("last day of phase I", submitted_on="31/05/2022"),
    _case("first day of phase II", submitted_on="01/06/2022"),
    _case("last minute of phase II", submitted_on="01/09/2023 23:59:59"),
    _case("after phase II", "V06", submitted_on="02/09/2023 00:00"),
    _case("last second in Ho Chi Minh time", submitted_on="2023-09-02T01:59:59+09:00"),
    _case("first second of the next day there", "V06", submitted_on="2023-09-02T02:00:00+09:00"),
    _case("evening in UTC is the next morning", "V06", submitted_on="2023-09-01T17:00:00Z"),
    _case("afternoon in UTC is the same day", submitted_on="2023-09-01T16:59:59Z"),
    # V07, V08
    _case("unknown member group", "V07", member_group="Nông dân"),
    _case("member group by code", member_group="union_officer"),
    _case("member group by label without marks", member_group="can bo  CONG DOAN"),
    _case("unknown solution type", "V08", solution_type="Giải pháp khác"),
    _case("solution type empty", solution_type=""),
    _case("solution type by alias", solution_type="GP quản lý"),
    # V09: the file was exported on 30/09/2023
    _case("recognised on the day of export", recognised_on="30/09/2023"),
    _case("recognised after the export", "V09", recognised_on="01/10/2023"),
    _case("applied after the export", "V02 V09", applied_on="01/10/2023", recognised_on="01/10/2023"),
    _case("submitted after the export", "V06 V09", submitted_on="01/10/2023"),
    # V10
    _case("impossible date", "V10", submitted_on="30/02/2023"),
    _case("several unreadable ones", "V10", submitted_on="không rõ", applied_on="2023", recognised_on="1/2"),
    # V11
    _case("title of nine characters", "V11", title="Abcdefghi"),
    _case("title of ten characters", title="Abcdefghij"),
    _case("blanks count", title="Abc de fgh"),
    _case("punctuation does not", "V11", title="Abc... (def)!!"),
    _case("one distinct letter", "V11", title="aaaaaa AAAAAA á"),
    _case("two distinct letters", title="ababababab"),
    _case("no letter at all", "V11", title="12345 67890"),
    _case("one letter and digits", "V11", title="A 123456789"),
    # V14, P01, withdrawn
    _case("returned", "V14", status="Trả lại"),
    _case("under review", "P01", status="under_review"),
    _case("under review and invalid", "P01 V07", status="Đang thẩm định", member_group="x"),
    _case("withdrawn", "", "withdrawn", status="Huỷ"),
    _case("withdrawn and broken", "V02 V07", "withdrawn", status="Rút", member_group="x", applied_on="01/01/2020"),
    _case("just submitted", status="Mới gửi"),
]

WARNINGS = [
    # W01
    _case("recognised on the day of use", applied_on="20/02/2023"),
    _case("recognised the day before use", "W01", applied_on="21/02/2023"),
    # W06: on 10/03/2023
    _case("fifteen today", author_birth="10/03/2008"),
    _case("fifteen tomorrow", "W06", author_birth="11/03/2008"),
    _case("eighty-one tomorrow", author_birth="11/03/1942"),
    _case("eighty-one today", "W06", author_birth="10/03/1942"),
    _case("year, fifteen by its last day", author_birth="2007"),
    _case("year, not fifteen by its last day", "W06", author_birth="2008"),
    _case("year, eighty by its first day", author_birth="1943"),
    _case("year, eighty-one by its first day", "W06", author_birth="1942"),
    _case("birth missing", author_birth=""),
    _case("birth not judged without a day of submission", "V01", author_birth="01/01/2020", submitted_on=""),
    _case("birth not judged with an unreadable one", "V10", author_birth="01/01/2020", submitted_on="xx"),
    # W07
    _case("unknown gender", "W07", author_gender="M"),
    _case("gender without marks", author_gender="NU"),
    _case("unknown category", "W07", content_category="Thể thao"),
    _case("unknown status", "W07", status="Xong"),
    _case("status empty", status=""),
    _case("unknown computable", "W07", benefit_computable="1"),
    _case("unknown protection", "W07", under_ip_protection="?"),
    _case("birth unreadable", "W07", author_birth="31/11/1980"),
    _case("birth with two-digit year", "W07", author_birth="15/05/85"),
    _case("unknown unit that decides", "W02 W05 W07", benefit="5", benefit_unit="bao"),
    _case("unknown unit that does not decide", "W07", benefit="5 triệu", benefit_unit="bao"),
    _case("unknown unit and no benefit", "W05 W07", benefit="", benefit_unit="bao"),
    _case("unknown unit, not computable", "W07", benefit="Không tính được", benefit_unit="bao"),
]

MONEY = [
    # forms of numbers
    _money("1.234.567,89", 1_234_568),
    _money("1,234,567.89", 1_234_568),
    _money("1 234 567", 1_234_567),
    _money("1234567", 1_234_567),
    _money("1.234", 1_234),  # ambiguous: the Vietnamese reading, which also has the majority here
    _money("1,234", 1),
    _money("0,5", 1),  # half away from zero
    _money("0.4", 0),
    _money("2,5", 3),
    _money("0,500", 500, unit="nghìn đồng"),
    _money("12.3456", 12_345_600, unit="triệu"),
    # units
    _money("12,5 triệu", 12_500_000),
    _money("12,5 triệu", 12_500_000, unit="đồng"),
    _money("3 tỷ", 3_000_000_000),
    _money("3 tỉ đồng", 3_000_000_000),
    _money("500tr", 500_000_000),
    _money("500 tr.đ", 500_000_000),
    _money("25.000đ", 25_000),
    _money("25 nghìn", 25_000),
    _money("25 ngàn", 25_000),
    _money("1.000.000 VNĐ", 1_000_000),
    _money("20", 20_000_000, unit="triệu đồng"),
    _money("20", 20_000_000, unit="Triệu đồng/năm"),
    _money("20 triệu/năm", 20_000_000, unit="đồng"),
    _money("100 USD", None),
    _money("100", None, unit="USD/năm"),
    # W02 and W05
    _money("nhiều", None, "W02 W05"),
    _money("khoảng 5 triệu", None, "W02 W05"),
    _money("5-6 triệu", None, "W02 W05"),
    _money("1.23.456", None, "W02 W05"),
    _money("5 bao", None, "W02 W05 W07"),
    _money("nhiều", None, "W02", benefit_computable="Không"),
    _money("", None, "W05"),
    _money("-", None, "W05", benefit_computable=""),
    _money("", None, "", benefit_computable="Không"),
    _money("", None, "W05 W07", benefit_computable="chưa rõ"),
    _money("Không tính được", None),
    _money("KHÔNG TÍNH ĐƯỢC", None, benefit_computable=""),
    # W03
    _money("0", 0),
    _money("-1", -1, "W03"),
    _money("-1,5", -2, "W03"),
    _money("-5 USD", None, "W03"),
    # W04 (the median of the unit is far below)
    _money("100 tỷ", 100_000_000_000),
    _money("100.000.000.001", 100_000_000_001, "W04"),
    _money("101", 101_000_000_000, "W04", unit="tỷ đồng"),
    _money("200.000.000.000", 200_000_000_000, "V07 W04", member_group="x"),
    _money("200.000.000.000 USD", None),
    # native cells
    _money(12.5, 12_500_000, unit="triệu", only="xlsx"),
    _money(1234, 1234, only="xlsx"),
    _money(0.5, 1, only="xlsx"),
    _money(-3, -3, "W03", only="xlsx"),
]

DATES = [
    _date("5/1/2023", "2023-01-05"),
    _date("05-01-2023", "2023-01-05"),
    _date("5.1.2023", "2023-01-05"),
    _date("2023-01-05", "2023-01-05"),
    _date("5/1/2023 07:30", "2023-01-05"),
    _date("2023-01-05T07:30:59", "2023-01-05"),
    _date("2023-01-05 23:30:00Z", "2023-01-06"),
    _date("29/02/2024", "2024-02-29", "V02 V09 W01"),
    _date("29/02/2023", None, "V10"),
    _date("5/1/23", None, "V10"),
    _date("2023", None, "V10"),
    _date("01/2023", None, "V10"),
    _date("5/1/2023 24:00", None, "V10"),
    _date("5/1/2023 7h30", None, "V10"),
    _date("2023-13-05", None, "V10"),
    _date("12/25/2022", None, "V10"),  # the column has day-first values
    _date("44941", "2023-01-15", only="csv"),
    _date("44941", None, "V10", only="xlsx"),
    _date("29999", None, "V10", only="csv"),
    _date("30000", "1982-02-18", "V02", only="csv"),
    _date("60000", "2064-04-08", "V02 V09 W01", only="csv"),
    _date("60001", None, "V10", only="csv"),
    _date("44941,5", None, "V10"),
    _date(44941, "2023-01-15", only="xlsx"),
    _date(44941.75, "2023-01-15", only="xlsx"),
    _date(1, "1900-01-01", "V02", only="xlsx"),
    _date(60, None, "V10", only="xlsx"),
    _date(0, None, "V10", only="xlsx"),
    _date(60001, None, "V10", only="xlsx"),
]

ROW_CASES = [*VALIDITY, *WARNINGS, *MONEY, *DATES]
