"""Quotas in force: delivered and published ones, dated (CONTRACT §5). Each case has a unit of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.scenarios.build import Value

QuotaRow = dict[str, Value]


def quota(number: str, phase: str = "II", effective: str = "", kind: str = "Giao", union: str = "") -> QuotaRow:
    """One row of a quotas file."""
    return {"union": union, "phase": phase, "quota_type": kind, "quota": number, "effective_from": effective}


@dataclass(frozen=True)
class QuotaCase:
    """Quota files of a unit by file name, and (phase, quota) in force as of a day."""

    name: str
    unit_code: str
    files: Mapping[str, list[QuotaRow]] = field(default_factory=dict)
    in_force: Mapping[str, tuple[str, int | None]] = field(default_factory=dict)


QUOTA_CASES = [
    QuotaCase(
        "published only", "ldld-ha-noi", {}, {"2022-05-31": ("phase_1", None), "2022-06-01": ("phase_2", 60_000)}
    ),
    QuotaCase("no quota at all", "ldld-ca-mau", {}, {"2023-08-31": ("phase_2", None)}),
    QuotaCase(
        "delivered wins over published, once it is in force",
        "cd-than-khoang-san",
        {"quotas_2022-06-10.csv": [quota("12.000"), quota("3.100", "I")]},
        {"2022-05-31": ("phase_1", 3_000), "2022-06-09": ("phase_2", 10_000), "2022-06-10": ("phase_2", 12_000)},
    ),
    QuotaCase(
        "a missing effective date is the export date",
        "ldld-lam-dong",
        {"quotas_2022-03-01.csv": [quota("2.600", "1")]},
        {"2022-02-28": ("phase_1", 2_500), "2022-03-01": ("phase_1", 2_600)},
    ),
    QuotaCase(
        "the latest effective date up to the day, then the latest export",
        "cd-y-te",
        {
            "quotas_2022-06-01.csv": [quota("100", "2", "01/06/2022"), quota("300", "2", "01/01/2023")],
            "quotas_2022-07-01.csv": [quota("200", "2", "01/06/2022")],
            "quotas_2023-02-01.csv": [quota("250", "2", "15/06/2022")],
        },
        {
            "2022-06-30": ("phase_2", 100),
            "2022-07-01": ("phase_2", 200),
            "2022-12-31": ("phase_2", 200),
            "2023-01-01": ("phase_2", 300),
            "2023-02-01": ("phase_2", 300),
        },
    ),
    QuotaCase(
        "only the unit's own, and only assigned ones",
        "cd-hang-khong",
        {
            "quotas_2022-06-01.xlsx": [
                quota("5.000", union="Công đoàn Tổng công ty Hàng không Việt Nam"),
                quota("9.000", kind="Đăng ký"),
                quota("8.000", kind="Tự đặt"),
                quota("70", union="Công đoàn Công ty Suất ăn"),
            ]
        },
        {"2022-06-01": ("phase_2", 5_000)},
    ),
    QuotaCase(
        "a row without a readable phase or number does not count",
        "cd-dau-khi",
        {"quotas_2022-06-01.csv": [quota("700", "I"), quota("900", ""), quota("chưa giao"), quota("600", "III")]},
        {"2022-05-31": ("phase_1", None), "2022-06-01": ("phase_2", None)},
    ),
]
