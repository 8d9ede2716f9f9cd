"""The programme as published: its units, its milestones and the figures that a full-size simulation shows exactly."""

from dataclasses import dataclass
from datetime import date

from sangkien.contract.lists import Phase, phases, read_seed
from sangkien.simulate.draw import IntArray, apportion, proportion

# Which units are the largest, in this order; the others follow in an order drawn from the seed.
LARGEST = (
    "ldld-ha-noi",
    "ldld-ho-chi-minh",
    "ldld-binh-duong",
    "ldld-thanh-hoa",
    "ldld-dong-nai",
    "ldld-nghe-an",
    "ldld-hai-phong",
    "ldld-long-an",
    "ldld-bac-giang",
    "cd-giao-duc",
    "ldld-quang-ninh",
    "cd-than-khoang-san",
)


@dataclass(frozen=True)
class Unit:
    """A reporting unit."""

    code: str
    name: str


@dataclass(frozen=True)
class PublishedQuota:
    """A quota that was published (reference/quotas_published.csv)."""

    unit_code: str
    phase_code: str
    quota_type: str
    quota: int


@dataclass(frozen=True)
class Programme:
    """What was published (reference/published_figures.csv).

    Attributes:
        units: The reporting units in the order of their codes.
        milestones: The days as of which the submitted initiatives are known, the end of the programme last.
        submitted: How many were submitted as of each milestone.
        groups: Codes of the member groups.
        valid: How many initiatives of each group were valid in the end.
        phases: The phases of the programme.
        phase_quotas: The programme's quota of each phase, cumulative.
        unit_quotas: Published quotas of single units.
    """

    units: tuple[Unit, ...]
    milestones: tuple[date, ...]
    submitted: tuple[int, ...]
    groups: tuple[str, ...]
    valid: tuple[int, ...]
    phases: tuple[Phase, ...]
    phase_quotas: tuple[int, ...]
    unit_quotas: tuple[PublishedQuota, ...]

    @property
    def full_size(self) -> int:
        """Submitted initiatives at the end of the real programme."""
        return self.submitted[-1]

    def submitted_at(self, rows: int) -> tuple[int, ...]:
        """Submitted initiatives as of each milestone, for a simulation of a size."""
        return tuple(proportion(count, rows, self.full_size) for count in self.submitted)

    def valid_at(self, rows: int) -> IntArray:
        """Valid initiatives of each member group at the end, for a simulation of a size."""
        return apportion(proportion(sum(self.valid), rows, self.full_size), self.valid)


def read_programme() -> Programme:
    """Read the reference lists of the project (dbt_project/seeds)."""
    figures = read_seed("published_figures")
    submitted = sorted(
        (date.fromisoformat(row["as_of"]), int(row["value"]))
        for row in figures
        if row["measure"] in ("submitted", "submitted_at_least")
    )
    group_codes = [row["member_group_code"] for row in read_seed("member_groups")]
    valid = {row["scope"]: int(row["value"]) for row in figures if row["measure"] == "valid"}
    return Programme(
        units=tuple(sorted((Unit(row["unit_code"], row["unit_name"]) for row in read_seed("units")), key=_code)),
        milestones=tuple(day for day, _ in submitted),
        submitted=tuple(count for _, count in submitted),
        groups=tuple(group_codes),
        valid=tuple(valid[code] for code in group_codes),
        phases=phases(),
        phase_quotas=tuple(int(row["cumulative_quota"]) for row in read_seed("phases")),
        unit_quotas=tuple(
            PublishedQuota(row["unit_code"], row["phase_code"], row["quota_type"], int(row["quota"]))
            for row in read_seed("quotas_published")
        ),
    )


def _code(unit: Unit) -> str:
    return unit.code
