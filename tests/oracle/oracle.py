"""The oracle: nights of an inbox in, the figures of the contract out."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from tests.oracle import delivery_name, measures
from tests.oracle.cells import Limits, QuarantineError
from tests.oracle.container import open_delivery
from tests.oracle.deliveries import ACCEPTED, WITH_ISSUES, Delivery, statuses
from tests.oracle.reference import SEEDS, Reference
from tests.oracle.table import read_table
from tests.oracle.versions import Initiative, current_initiatives

UNKNOWN_UNIT = "_unknown"
SHARED_REFERENCE = Path("/work/shared/reference")


class Oracle:
    """An independent reading of the data contract: slow, exact, and nothing shared with the product.

    Args:
        reference: the folder of the reference lists; by default the project's seeds, else the shared lists.
        limits: the limits of CONTRACT §1.
    """

    def __init__(self, reference: Path | None = None, limits: Limits | None = None) -> None:
        folder = reference or (SEEDS if (SEEDS / "units.csv").exists() else SHARED_REFERENCE)
        self.reference = Reference.read(folder)
        self.limits = limits or Limits()
        self._seen: list[Delivery] = []
        self._last_bytes: dict[str, str] = {}
        self._first_day: dict[tuple[str, str], date] = {}
        self._cache: dict[date | None, dict[tuple[str, str], Initiative]] = {}

    # --- a night ---

    def arrive(self, inbox: Path, day: date) -> None:
        """Take what the inbox holds on a day. A file that has not changed since it was seen is no new delivery."""
        self._cache.clear()
        paths = sorted(path for path in inbox.rglob("*") if path.is_file())
        for path in paths:
            place = PurePosixPath(path.relative_to(inbox).as_posix())
            if delivery_name.left_alone(place):
                continue
            data = path.read_bytes()
            sha256 = hashlib.sha256(data).hexdigest()
            if self._last_bytes.get(str(place)) == sha256:
                continue
            self._last_bytes[str(place)] = sha256
            first_day = self._first_day.setdefault((str(place), sha256), day)
            self._seen.append(self._take(place, data, sha256, first_day))

    def _take(self, place: PurePosixPath, data: bytes, sha256: str, first_day: date) -> Delivery:
        known = len(place.parts) > 1 and place.parts[0] in self.reference.units
        unit_code = place.parts[0] if known else UNKNOWN_UNIT
        file_name = "/".join(place.parts[1:]) if known else str(place)
        delivery = Delivery(unit_code, file_name, sha256, delivery_name.parse(place.name))
        try:
            if not known:
                raise QuarantineError("unknown_unit")
            if len(place.parts) != 2:
                raise QuarantineError("not_in_unit_folder")
            if delivery.name is None:
                raise QuarantineError("unknown_name")
            if not delivery_name.FIRST_EXPORT_DATE <= delivery.name.export_date <= first_day:
                raise QuarantineError("export_date")
            document = open_delivery(data, self.limits)
            delivery.table = read_table(document, delivery.name, self.reference, self.limits)
        except QuarantineError as error:
            delivery.reason = error.reason
            return delivery
        delivery.repeats_live = any(
            one.sha256 == sha256 for one in self._live() if (one.unit_code, one.file_name) == (unit_code, file_name)
        )
        return delivery

    def _live(self) -> list[Delivery]:
        """The delivery of each name that stands now: the last one that was not quarantined."""
        live = {(one.unit_code, one.file_name): one for one in self._seen if one.reason is None}
        return list(live.values())

    # --- what there is ---

    def deliveries(self) -> list[dict[str, Any]]:
        """Every file that was seen, with its status and counts (None where nothing of it was loaded)."""
        result = []
        for delivery, status in zip(self._seen, statuses(self._seen), strict=True):
            table = delivery.table
            result.append(
                {
                    "unit_code": delivery.unit_code,
                    "file_name": delivery.file_name,
                    "sha256": delivery.sha256,
                    "export_date": delivery.name.export_date if delivery.name else None,
                    "status": status,
                    "reason": delivery.reason,
                    "rows_read": table.rows_read if table else None,
                    "rows_accepted": table.rows_read - table.rows_rejected if table else None,
                    "rows_rejected": table.rows_rejected if table else None,
                    "rows_skipped": table.rows_skipped if table else None,
                    "skipped": dict(table.skipped) if table else {},
                    "encoding": table.encoding if table else None,
                    "rules": sorted(table.rules) if table else [],
                }
            )
        return result

    def initiatives(self, as_of: date | None = None) -> dict[tuple[str, str], dict[str, Any]]:
        """Every initiative as of a date (None: of all deliveries), by (unit_code, code key)."""
        return {key: _shown(initiative) for key, initiative in self._initiatives(as_of).items()}

    def overview(self, as_of: date | None = None) -> dict[str, Any]:
        """The headline figures, as `sangkien overview --json` names them (without the publication)."""
        initiatives = list(self._initiatives(as_of).values())
        figures = measures.counts(initiatives)
        phase = measures.phase_in_force(self.reference, as_of or date.max)
        groups = Counter(one.row.member_group for one in initiatives if one.verdict == "valid")
        return {
            "as_of": as_of,
            **figures,
            "by_member_group": {str(code): groups[code] for code in groups},
            "quota_completion": {
                "numerator": figures["valid"],
                "denominator": phase.cumulative_quota,
                "basis": phase.code,
            },
            "benefit_vnd": self.benefit_total(as_of)["programme", "programme"],
        }

    def quota_progress(self, unit_code: str, as_of: date | None = None) -> dict[str, Any]:
        """The unit's valid count against its assigned quota of the phase in force (None where it has none)."""
        day = as_of or date.max
        phase = measures.phase_in_force(self.reference, day)
        valid = [one for one in self._initiatives(as_of).values() if one.verdict == "valid"]
        return {
            "unit_code": unit_code,
            "phase_code": phase.code,
            "as_of": as_of,
            "valid_count": sum(1 for one in valid if one.unit_code == unit_code),
            "quota": measures.assigned_quota(self._counting(as_of), self.reference, unit_code, phase.code, day),
        }

    def benefit_total(self, as_of: date | None = None) -> dict[tuple[str, str], dict[str, int]]:
        """The three methods (and the range of the third) by scope: ("programme", "programme") and ("unit", code)."""
        estimates = measures.estimates(self._initiatives(as_of).values(), self.reference)
        result = {("programme", "programme"): measures.totals(estimates)}
        for unit_code in {estimate.initiative.unit_code for estimate in estimates}:
            mine = [estimate for estimate in estimates if estimate.initiative.unit_code == unit_code]
            result["unit", unit_code] = measures.totals(mine)
        return result

    def _counting(self, as_of: date | None) -> list[Delivery]:
        """The deliveries that count and were exported up to a date."""
        return [
            delivery
            for delivery, status in zip(self._seen, statuses(self._seen), strict=True)
            if status in (ACCEPTED, WITH_ISSUES)
            and delivery.name is not None
            and (as_of is None or delivery.name.export_date <= as_of)
        ]

    def _initiatives(self, as_of: date | None) -> dict[tuple[str, str], Initiative]:
        if as_of not in self._cache:
            self._cache[as_of] = current_initiatives(self._counting(as_of))
        return self._cache[as_of]


def _shown(initiative: Initiative) -> dict[str, Any]:
    row = initiative.row
    return {
        "unit_code": initiative.unit_code,
        "initiative_code": row.initiative_code,
        "verdict": initiative.verdict,
        "member_group_code": row.member_group,
        "solution_type_code": row.solution_type,
        "content_category_code": row.content_category,
        "submitted_on": row.day("submitted_on"),
        "applied_on": row.day("applied_on"),
        "recognised_on": row.day("recognised_on"),
        "benefit_vnd": row.benefit.vnd,
        "rules": sorted(initiative.rules),
        "file_name": initiative.delivery.file_name,
        "line": row.line,
    }
