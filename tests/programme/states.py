"""Who stands how as of a day, and what is estimated of it: CONTRACT §3 to §5 as sums over columns."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache, cached_property

import polars as pl

from tests.oracle.deliveries import ACCEPTED, QUARANTINED, WITH_ISSUES, Delivery, complete_fulls, statuses
from tests.oracle.measures import DONORS_NEEDED
from tests.oracle.versions import IMPLAUSIBLE_TIMES_MEDIAN, IMPLAUSIBLE_VND, MEDIAN_NEEDS
from tests.programme.reading import Taken
from tests.warehouse import ground, plain_reports
from tests.warehouse.plain_reports import REFERENCE, path, phase_of

SET = ["title", "author"]
"""Initiatives in which these are equal are one (CONTRACT §4, duplicates)."""
CELL = ["unit_kind", "member_group", "solution_type"]
WIDTHS = {3: "solution_type", 2: "member_group", 1: "unit_kind"}
ESTIMATES = ("median", "low", "high")
UNIT_KINDS = {code: unit["unit_kind"] for code, unit in REFERENCE.units.items()}


@dataclass(frozen=True)
class QuotaLine:
    """A line of a delivered file of quotas."""

    delivery: Delivery
    line: int
    union_key: str
    phase: str
    quota_type: str
    quota: Decimal
    effective_from: date | None

    @property
    def exported(self) -> date:
        """The export date of its file."""
        assert self.delivery.name is not None
        return self.delivery.name.export_date

    @property
    def effective_on(self) -> date:
        """A missing date counts as the export date (CONTRACT §5)."""
        return self.effective_from or self.exported


class Programme:
    """What had been exported up to a day; files of one name do not change in it."""

    def __init__(self, taken: Iterable[Taken], horizon: date) -> None:
        self.horizon = horizon
        self._rows = {
            (one.delivery.unit_code, one.delivery.file_name): one.rows
            for one in taken
            if one.delivery.name is not None and one.delivery.name.export_date <= horizon
        }
        self.seen = [one.delivery for one in taken if (one.delivery.unit_code, one.delivery.file_name) in self._rows]
        self.statuses = statuses(self.seen)
        both = zip(self.seen, self.statuses, strict=True)
        self.counting = sorted(
            (delivery for delivery, status in both if status in (ACCEPTED, WITH_ISSUES)), key=_exported
        )

    @cached_property
    def quota_lines(self) -> list[QuotaLine]:
        """In the order in which a later one wins, while both hold."""
        lines = [
            QuotaLine(
                delivery,
                row.line,
                path(delivery.unit_code, row.parent_union, row.union),
                row.phase or "",
                row.quota_type or "",
                row.quota or Decimal(0),
                row.effective_from,
            )
            for delivery in self.counting
            for row in (delivery.table.quotas if delivery.table else ())
        ]
        return sorted(lines, key=lambda one: (one.effective_on, one.exported, one.delivery.file_name, one.line))

    @cached_property
    def union_names(self) -> list[tuple[str, str | None, str | None]]:
        """Unit, upper-level and grassroots union as any loaded row names them."""
        names = [
            pl.scan_parquet(self._rows[one.unit_code, one.file_name])
            .select(pl.lit(one.unit_code).alias("unit_code"), "upper_union", "grassroots_union")
            .unique()
            .collect()
            for one in self.counting
        ]
        return list(pl.concat(names).unique().iter_rows())

    @cache  # noqa: B019 - a programme lives as long as the check
    def quotas(self, phase: str, day: date) -> dict[str, Decimal]:
        """Union to the assigned quota in force; a delivered one wins over a published one."""
        of_phase = {
            unit: quota
            for (unit, of, kind), quota in REFERENCE.published_quotas.items()
            if (of, kind) == (phase, "assigned")
        }
        for line in self.quota_lines:
            known = line.effective_on <= day and line.exported <= day
            if known and (line.phase, line.quota_type) == (phase, "assigned"):
                of_phase[line.union_key] = line.quota
        return of_phase

    @cache  # noqa: B019 - as above
    def standing(self, day: date) -> "State":
        """All initiatives as of a day."""
        counting = [one for one in self.counting if _exported(one) <= day]
        frames = [
            pl.read_parquet(self._rows[one.unit_code, one.file_name]).with_columns(
                unit_code=pl.lit(one.unit_code),
                file_name=pl.lit(one.file_name),
                export_date=pl.lit(_exported(one)),
                turn=pl.lit(turn),
            )
            for turn, one in enumerate(_in_order(counting))
            if one.name is not None and one.name.dataset == "initiatives"
        ]
        last = pl.concat(frames).sort("turn", "line").unique(["unit_code", "code_key"], keep="last")
        return State(_with_benefit_rule(_with_duplicates(_with_left_out(last, counting))))


def _exported(delivery: Delivery) -> date:
    assert delivery.name is not None
    return delivery.name.export_date


def _in_order(counting: list[Delivery]) -> list[Delivery]:
    """§1: export date, complete full before delta, part, file name."""
    in_full = {id(member) for full in complete_fulls(counting) for member in full.members}

    def order(delivery: Delivery) -> tuple[date, bool, int, str]:
        assert delivery.name is not None
        return (_exported(delivery), id(delivery) not in in_full, delivery.name.part, delivery.file_name)

    return sorted(counting, key=order)


def _breaks(prefix: str) -> pl.Expr:
    return pl.col("rules").list.eval(pl.element().str.starts_with(prefix)).list.any()


def _verdict() -> pl.Expr:
    return (
        pl.when(pl.col("left_out") | pl.col("status").eq_missing("withdrawn"))
        .then(pl.lit("withdrawn"))
        .when(_breaks("V"))
        .then(pl.lit("invalid"))
        .when(_breaks("P"))
        .then(pl.lit("under_review"))
        .otherwise(pl.lit("valid"))
    )


def _with_left_out(rows: pl.DataFrame, counting: list[Delivery]) -> pl.DataFrame:
    """§1: what a later complete full export of the unit does not have."""
    left_out = pl.lit(value=False)
    for full in complete_fulls(counting):
        has = pl.col("code_key").is_in(list(full.codes))
        left_out |= (pl.col("unit_code") == full.unit_code) & (pl.col("export_date") < full.export_date) & ~has
    return rows.with_columns(left_out=left_out)


def _with_duplicates(rows: pl.DataFrame) -> pl.DataFrame:
    """§4: of a set, whoever is not the first gets V12 or V13 or both; then each has its verdict."""
    candidates = rows.with_columns(verdict=_verdict()).filter(pl.col("verdict").is_in(["valid", "under_review"]))
    in_order = candidates.sort("submitted_on", "unit_code", "code_key").select(
        "unit_code",
        "code_key",
        before=pl.int_range(pl.len()).over(SET),
        before_in_unit=pl.int_range(pl.len()).over([*SET, "unit_code"]),
    )
    fired = in_order.filter(pl.col("before") > 0).with_columns(
        fired=pl.concat_list(
            pl.when(pl.col("before_in_unit") > 0).then(pl.lit("V12")),
            pl.when(pl.col("before") > pl.col("before_in_unit")).then(pl.lit("V13")),
        ).list.drop_nulls()
    )
    joined = rows.join(fired, on=["unit_code", "code_key"], how="left")
    rules = pl.when(pl.col("fired").is_null()).then("rules").otherwise(pl.concat_list("rules", "fired"))
    return joined.with_columns(rules=rules).with_columns(verdict=_verdict()).drop("fired", "before", "before_in_unit")


def _with_benefit_rule(rows: pl.DataFrame) -> pl.DataFrame:
    """§4, W04."""
    valid = rows.filter(pl.col("vnd").is_not_null() & (pl.col("verdict") == "valid"))
    limits = dict.fromkeys(REFERENCE.units, IMPLAUSIBLE_VND)
    for (unit,), amounts in valid.group_by("unit_code"):
        if amounts.height >= MEDIAN_NEEDS:
            ordered = amounts["vnd"].sort()
            # The mean of the middle two, which are one where the count is odd.
            twice = int(ordered[(amounts.height - 1) // 2]) + int(ordered[amounts.height // 2])
            limits[str(unit)] = min(IMPLAUSIBLE_VND, IMPLAUSIBLE_TIMES_MEDIAN * twice // 2)
    fires = pl.col("vnd") > pl.col("unit_code").replace_strict(limits, return_dtype=pl.Int64)
    with_rule = pl.concat_list("rules", pl.lit("W04"))
    return rows.with_columns(
        rules=pl.when(fires.fill_null(value=False)).then(with_rule).otherwise("rules").list.sort(),
        unit_kind=pl.col("unit_code").replace_strict(UNIT_KINDS),
    )


class State:
    """The initiatives as of a day."""

    def __init__(self, initiatives: pl.DataFrame) -> None:
        self.initiatives = initiatives

    @cached_property
    def valid(self) -> pl.DataFrame:
        """The valid ones, each with what the methods estimate, in quarters of a đồng (those of quartiles)."""
        valid = self.initiatives.filter(pl.col("verdict") == "valid")
        held_out = (pl.col("benefit") == "amount") & pl.col("rules").list.contains("W04")
        valid = valid.with_columns(held_out=held_out)
        reported = pl.when(pl.col("benefit") == "amount").then(4 * pl.col("vnd"))
        cells = _donors(valid.filter((pl.col("benefit") == "amount") & ~pl.col("held_out")), valid)
        estimated = (pl.col("benefit") == "missing") & pl.col("level").is_not_null()
        return (
            valid.join(cells, on=CELL, how="left", nulls_equal=True)
            .with_columns(
                reported=reported, plausible=pl.when(~pl.col("held_out")).then(reported), is_imputed=estimated
            )
            .with_columns(
                pl.when(estimated).then(name).otherwise("plausible").alias(f"completed_{name}") for name in ESTIMATES
            )
        )

    def counts(self, *keys: str) -> pl.DataFrame:
        """How many under each verdict, of each value of the keys."""
        return self.initiatives.group_by(*keys, "verdict").agg(n=pl.len().cast(pl.Int64))

    @cached_property
    def of_units(self) -> dict[str, tuple[int, int]]:
        """Unit to submitted and valid initiatives."""
        told = {(unit, verdict): n for unit, verdict, n in self.counts("unit_code").iter_rows()}
        return {
            unit: (
                sum(told.get((unit, verdict), 0) for verdict in ("valid", "invalid", "under_review")),
                told.get((unit, "valid"), 0),
            )
            for unit in REFERENCE.units
        }

    @cached_property
    def of_unions(self) -> dict[str, int]:
        """Union to the valid initiatives that name it or one under it."""
        told: dict[str, int] = {}
        for union, n in self.valid.group_by("union_key").agg(pl.len()).iter_rows():
            steps = union.split("/")
            for depth in range(1, len(steps) + 1):
                key = "/".join(steps[:depth])
                told[key] = told.get(key, 0) + n
        return told


def _donors(plausible: pl.DataFrame, asking: pl.DataFrame) -> pl.DataFrame:
    """Each cell's donors: the narrowest of its widths that has enough; the unit kind is used as it is."""
    amounts: dict[tuple[str | None, ...], list[int]] = {}
    for width in WIDTHS:
        for cell, members in plausible.group_by(CELL[:width]):
            amounts[cell] = members["vnd"].sort().to_list()
    rows = []
    for cell in asking.select(CELL).unique().iter_rows():
        for width, level in WIDTHS.items():
            donors = amounts.get(cell[:width], [])
            if len(donors) >= DONORS_NEEDED or (width == 1 and donors):
                rows.append((*cell, level, *(_quartile(donors, quarter) for quarter in (2, 1, 3))))
                break
    schema = dict.fromkeys([*CELL, "level"], pl.String) | dict.fromkeys(ESTIMATES, pl.Int64)
    return pl.DataFrame(rows, schema, orient="row")


def _quartile(ordered: list[int], quarter: int) -> int:
    """`percentile_cont` in quarters of a đồng: exact in whole numbers."""
    steps, part = divmod((len(ordered) - 1) * quarter, 4)
    above = ordered[min(steps + 1, len(ordered) - 1)]
    return 4 * ordered[steps] + part * (above - ordered[steps])


@dataclass(frozen=True)
class World(plain_reports.World):
    """The programme as the plain reports ask for it."""

    programme: Programme

    @classmethod
    def of(cls, programme: Programme) -> "World":
        """With its deliveries of initiatives; their rows are told by the states."""
        deliveries = [
            ground.Delivery(one.unit_code, _exported(one), (), "quarantined" if status == QUARANTINED else "accepted")
            for one, status in zip(programme.seen, programme.statuses, strict=True)
            if one.name is not None and one.name.dataset == "initiatives"
        ]
        return cls(deliveries, [], programme.horizon, programme)

    def standing(self, day: date) -> dict[str, tuple[int, int, Fraction | None]]:
        """Each unit's submitted and valid initiatives as of a day, and its quota."""
        phase = phase_of(day)
        return {unit: (*n, self.quota(unit, phase, day)) for unit, n in self.programme.standing(day).of_units.items()}

    def quota(self, unit: str, phase: str, day: date) -> Fraction | None:
        """The assigned quota of a unit."""
        quota = self.programme.quotas(phase, day).get(unit)
        return None if quota is None else Fraction(quota)
