"""What a delivery's file name says (contract §1)."""

import re
from dataclasses import dataclass
from datetime import date
from typing import cast

from sangkien.contract.fields import Dataset

EARLIEST_EXPORT = date(2021, 12, 15)

_NAME = re.compile(
    r"(?P<dataset>initiatives|quotas)_(?P<date>\d{4}-\d{2}-\d{2})(?P<full>_full)?"
    r"(?:_p(?P<part>\d{2})of(?P<parts>\d{2}))?"
    r"\.(?P<extension>(?i:(?:csv|tsv|txt)(?:\.gz)?|zip|xlsx|xlsm|xls|ods))",
    re.ASCII,
)
_LEFT_ALONE = re.compile(r"\..*|~\$.*|.*\.(?:part|tmp|filepart)|Thumbs\.db|desktop\.ini", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class DeliveryName:
    """A delivery's name, taken apart. `part_no` 0: without parts."""

    dataset: Dataset
    export_date: date
    is_full: bool
    part_no: int
    part_count: int


def is_left_alone(file_name: str) -> bool:
    """Whether a file of this name is none of our business: hidden, or still being written (contract §1)."""
    return _LEFT_ALONE.fullmatch(file_name) is not None


def parse_delivery_name(file_name: str) -> DeliveryName | None:
    """Take a file's name apart; none where it is not a delivery's."""
    found = _NAME.fullmatch(file_name)
    if found is None:
        return None
    try:
        export_date = date.fromisoformat(found["date"])
    except ValueError:
        return None
    part_no, part_count = int(found["part"] or 0), int(found["parts"] or 0)
    if found["part"] and not 1 <= part_no <= part_count:
        return None
    return DeliveryName(cast(Dataset, found["dataset"]), export_date, found["full"] is not None, part_no, part_count)
