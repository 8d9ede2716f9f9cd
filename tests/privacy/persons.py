"""A thousand persons whom nothing can be mistaken for, in deliveries of every fate."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from tests.scenarios.build import HEADINGS, Overrides, csv_file, initiative, put, xlsx_file

PERSONS = 1_000
UNIT, OTHER, THIRD = "ldld-ha-noi", "ldld-thanh-hoa", "cd-than-khoang-san"
ALL_HEADINGS = HEADINGS | {
    "member_card": "Số thẻ đoàn viên",
    "coauthors": "Đồng tác giả",
    "description": "Mô tả",
    "job_title": "Chức danh",
    "workplace": "Đơn vị công tác",
    "field": "Lĩnh vực",
    "grassroots_union": "Công đoàn cơ sở",
    "note": "Ghi chú riêng",
}


@dataclass(frozen=True)
class Person:
    """One of them. The letters stand in no Vietnamese word, and the years of birth in no date of the programme."""

    number: int

    @property
    def name(self) -> str:
        return f"Kjzq{self.number:04d} Vwfx{self.number:04d}"

    @property
    def birth(self) -> date:
        return date(1951, 1, 1) + timedelta(days=self.number * 12)

    @property
    def card(self) -> str:
        return f"QJX{self.number:06d}"

    @property
    def phone(self) -> str:
        return f"09{self.number + 10_000_000:08d}"

    @property
    def email(self) -> str:
        return f"kjzq{self.number:04d}@vwfx.example"

    def strings(self) -> list[str]:
        """Whatever of the person must not be found."""
        births = [f"{self.birth:{form}}" for form in ("%d/%m/%Y", "%Y-%m-%d")]
        return [*self.name.split(), self.card, *births, self.phone, self.email]

    def row(self, code: str, overrides: Overrides | None = None) -> dict[str, str | int | float | date]:
        return (
            initiative("người", code)
            | {
                "title": f"Cải tiến thiết bị của {self.name} mã {code}",
                "author_name": self.name,
                "author_birth": f"{self.birth:%d/%m/%Y}",
                "member_card": self.card,
                "coauthors": f"{Person(self.number % PERSONS + 1).name} (30%)",
                "description": f"Liên hệ {self.phone}, {self.email}",
                "job_title": f"Tổ trưởng {self.name}",
                "workplace": f"Phân xưởng {self.card}",
                "field": f"Cơ khí {self.phone}",
                "grassroots_union": f"CĐCS Nhà máy {self.number % 20} ({self.email})",
                "note": f"{self.name}, {self.phone}",
            }
            | dict(overrides or {})
        )


ALL = [Person(number) for number in range(1, PERSONS + 1)]
STRINGS = [string for person in ALL for string in person.strings()]
SOUGHT = Person(7)
NAMED_BY_A_FILE = Person(PERSONS + 1)


def deliver(inbox: Path) -> None:
    """Deliver them: accepted, corrected, twice, rejected, quarantined, as text and as workbook."""
    faults: list[dict[str, str]] = [
        {}, {"applied_on": "31/02/2023"}, {"member_group": "Nhóm lạ"}, {"author_birth": "khoảng 1960"},
        {"author_gender": "Kjzq"}, {"recognised_on": ""}, {"status": "Rút"}, {"benefit": "nhiều"},
    ]  # fmt: skip
    rows = [person.row(f"P-{person.number}", faults[person.number % 8]) for person in ALL]
    rows += [person.row("") for person in ALL[:20]]  # rejected: no code
    put(inbox, f"{UNIT}/initiatives_2023-03-20.csv", csv_file(rows, ALL_HEADINGS))
    corrected = [person.row(f"P-{person.number}", {"benefit": "2.000.000"}) for person in ALL[:200]]
    put(inbox, f"{UNIT}/initiatives_2023-04-20.xlsx", xlsx_file(corrected, ALL_HEADINGS))
    again = [person.row(f"Q-{person.number}", {"title": rows[person.number - 1]["title"]}) for person in ALL[:50]]
    put(inbox, f"{OTHER}/initiatives_2023-03-21.csv", csv_file(again, ALL_HEADINGS, delimiter=";", encoding="utf-16"))
    put(inbox, f"{OTHER}/initiatives_2023-03-21_full_p01of02.csv.gz", b"\x1f\x8b" + SOUGHT.name.encode())
    unread = csv_file(rows[:30], ALL_HEADINGS) + f'"{SOUGHT.name}'.encode()
    put(inbox, f"{OTHER}/initiatives_2023-03-22.csv", unread)
    name = NAMED_BY_A_FILE.name
    for number, misnamed in enumerate((f"báo cáo của {name}.csv", f"{name}/initiatives_2023-03-23.csv")):
        put(inbox, f"{OTHER}/{misnamed}", csv_file([initiative("tên tệp", f"T-{number}")], ALL_HEADINGS))
