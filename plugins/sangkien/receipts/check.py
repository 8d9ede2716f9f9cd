"""Check a file before it is sent: the receipt that it would get, with nothing loaded (contract §6).

What only the warehouse can know is left out: duplicates in other files and at other units (V12, V13), W04, and whether
the same bytes were delivered before.
"""

import hashlib
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from sangkien.contract.lists import unit_names
from sangkien.contract.rules import NOT_THE_FILES_FAULT, rule_set
from sangkien.intake.admit import admit
from sangkien.intake.quarantine import QuarantineError
from sangkien.intake.read import Reading
from sangkien.intake.waiting import Waiting
from sangkien.receipts.write import Receipt
from sangkien.settings import Limits
from sangkien.validity.issues import SCHEMA, issue_lines, rejected_lines


def check(file: Path, unit_code: str, limits: Limits, today: date) -> Receipt:
    """The receipt that a file would get.

    Args:
        file: The file, under the name that it is to be delivered with.
        unit_code: The unit that is to deliver it.
        limits: What a file may cost.
        today: The day on which it would arrive.
    """
    nothing = pl.DataFrame(schema=SCHEMA)
    said: dict[str, Any] = {
        "unit_code": unit_code,
        "file_name": file.name,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "issues": nothing,
    }
    try:
        if unit_code not in unit_names():
            raise QuarantineError("unknown_unit")
        name = admit(file.name, file.stat().st_size, today, limits)
        said |= {"dataset": name.dataset, "export_date": name.export_date.isoformat()}
        reading, no_key = Reading(file, name, limits), b"check"  # nothing is kept, so it does not matter
        with closing(Waiting(name.dataset, no_key)) as waiting:
            landed = list(reading.landing())
            for rows in landed:
                waiting.add(0, name.export_date, reading.evidence, rows.accepted.hstack(rows.natives))
            delivered = pl.concat([rows.accepted for rows in landed]) if landed else None
            found = [rejected_lines(rows.rejected) for rows in landed]
            if delivered is not None:
                found += [issue_lines(typed, delivered, name.dataset, rule_set()) for typed in waiting.typed()]
        issues = pl.concat([nothing, *found]).sort("line_number", "rule", "column")
        faults = issues.filter(~pl.col("rule").is_in(list(NOT_THE_FILES_FAULT)))
        said |= reading.account() | {
            "issues": issues,
            "status": "accepted_with_issues" if faults.height else "accepted",
        }
    except QuarantineError as error:
        said |= {"status": "quarantined", "reason_code": error.reason, "reason_values": error.values}
    except Exception as error:
        if isinstance(error, OSError | MemoryError):  # not the content's fault, as in intake/load.py
            raise
        detail = {"detail": type(error).__name__}
        said |= {"status": "quarantined", "reason_code": "internal_error", "reason_values": detail}
    return Receipt(**said)
