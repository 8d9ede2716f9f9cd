"""Batches: the rows of some deliveries, into landing one file after the other, then typed into staging together."""

from collections import Counter
from pathlib import Path

import polars as pl

from sangkien.contract.delivery_name import DeliveryName
from sangkien.contract.fields import TABLES, Dataset
from sangkien.contract.rules import NOT_THE_FILES_FAULT
from sangkien.database import Connection, copy_frame
from sangkien.intake.delivery import Delivery
from sangkien.intake.read import Reading
from sangkien.intake.waiting import Waiting
from sangkien.settings import Limits


class Batch:
    """Deliveries of one unit whose rows are loaded. First `land` each of them, then `type_rows` once."""

    def __init__(self, limits: Limits, pseudonym_key: bytes) -> None:
        """Begin with none.

        Args:
            limits: What a file may cost.
            pseudonym_key: The key of the authors' surrogates.
        """
        self._limits, self._pseudonym_key = limits, pseudonym_key
        self._landed: dict[int, tuple[Delivery, Reading]] = {}
        self._waiting: dict[Dataset, Waiting] = {}

    def close(self) -> None:
        """Forget the rows that wait."""
        for waiting in self._waiting.values():
            waiting.close()

    def land(self, connection: Connection, delivery: Delivery, copy: Path, name: DeliveryName) -> None:
        """Bring the rows of a delivery into landing, as delivered.

        Raises:
            QuarantineError: It cannot be taken; the caller's savepoint takes back what was landed.
        """
        table = TABLES[name.dataset]
        waiting = self._waiting.setdefault(name.dataset, Waiting(name.dataset, self._pseudonym_key))
        reading = Reading(copy, name, self._limits)
        self._landed[delivery.delivery_no] = delivery, reading
        try:
            for rows in reading.landing():
                copy_frame(connection, f"landing.{table}", _of(delivery, rows.accepted))
                copy_frame(connection, "landing.rejected_row", _of(delivery, rows.rejected))
                delivered = rows.accepted.hstack(rows.natives)
                waiting.add(delivery.delivery_no, name.export_date, reading.evidence, delivered)
        except BaseException:
            del self._landed[delivery.delivery_no]
            waiting.leave_out(delivery.delivery_no)
            raise
        _account(delivery, reading, faults=0)

    def type_rows(self, connection: Connection) -> list[Delivery]:
        """Type what was landed into staging, judged by the row rules.

        Returns:
            The deliveries, with what was decided about their values and the number of their issues.
        """
        faults: Counter[int] = Counter()
        unit_code = pl.lit(next((delivery.unit_code for delivery, _ in self._landed.values()), "")).alias("unit_code")
        for dataset, waiting in self._waiting.items():
            for typed in waiting.typed():
                copy_frame(connection, f"staging.{TABLES[dataset]}", typed.select(unit_code, pl.all()))
                faults.update(_faults(typed))
        for delivery_no, (delivery, reading) in self._landed.items():
            _account(delivery, reading, faults[delivery_no])
        return [delivery for delivery, _ in self._landed.values()]


def _of(delivery: Delivery, frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        pl.lit(delivery.unit_code).alias("unit_code"), pl.lit(delivery.delivery_no).alias("delivery_no"), pl.all()
    )


def _account(delivery: Delivery, reading: Reading, faults: int) -> None:
    for column, value in reading.account().items():
        setattr(delivery, column, value)
    delivery.issue_count = faults + delivery.rows_rejected
    delivery.status = "accepted_with_issues" if delivery.issue_count else "accepted"


def _faults(typed: pl.DataFrame) -> dict[int, int]:
    """How many fired rules the file itself can mend, by delivery."""
    fired = typed.filter(pl.col("rule_codes") != "{}").select(
        "delivery_no", code=pl.col("rule_codes").str.strip_chars("{}").str.split(",")
    )
    mendable = fired.explode("code").filter(~pl.col("code").is_in(list(NOT_THE_FILES_FAULT)))
    return dict(mendable.group_by("delivery_no").len().iter_rows())
