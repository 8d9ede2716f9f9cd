"""Admit: whether a file's name, date and size let it in (contract §1)."""

from datetime import date

from sangkien.contract.delivery_name import EARLIEST_EXPORT, DeliveryName, parse_delivery_name
from sangkien.intake.quarantine import QuarantineError
from sangkien.settings import Limits


def admit(file_name: str, size_bytes: int, arrived_on: date, limits: Limits) -> DeliveryName:
    """What a file's name says, when it may be read.

    Args:
        file_name: Its name in the unit's folder.
        size_bytes: Its size.
        arrived_on: The day on which its bytes were first seen.
        limits: What a file may cost.

    Raises:
        QuarantineError: The name is not a delivery's, its date cannot be, or the file is too large.
    """
    name = parse_delivery_name(file_name)
    if name is None:
        raise QuarantineError("unknown_name")
    if name.export_date > arrived_on:
        raise QuarantineError("export_date_in_future", export_date=str(name.export_date), arrived_on=str(arrived_on))
    if name.export_date < EARLIEST_EXPORT:
        raise QuarantineError("export_date_too_early", export_date=str(name.export_date))
    if size_bytes > limits.file_bytes:
        raise QuarantineError("too_large", what="kích thước", found=size_bytes, limit=limits.file_bytes)
    return name
