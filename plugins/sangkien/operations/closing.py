"""Closing a phase: the publication whose figures were told as a phase's result is kept for good."""

from dataclasses import dataclass

from sangkien.contract.lists import Phase, phases, read_seed
from sangkien.database import connect
from sangkien.pipeline import Night, stage_of
from sangkien.warehouse import publish
from sangkien.warehouse.overview import COUNTS, Overview, overview, share


class UnknownPhaseError(Exception):
    """The programme has no such phase."""


@dataclass(frozen=True)
class Closing:
    """The figures of a phase's last day, as the publication tells them that would be kept."""

    phase: Phase
    label: str
    figures: Overview

    @property
    def publication(self) -> int:
        """The publication that would be kept."""
        return self.figures.publication

    def markdown(self) -> str:
        """What a person decides on."""
        told, quota = self.figures.figures, self.figures.figures["quota_denominator"]
        lines = [f"{name.replace('_', ' ')} | {told[name]:,}" for name in COUNTS]
        lines.append(f"quota completion | {share(told['quota_numerator'], quota)} of {quota or 0:,}")
        heading = f"**{self.label}**, as of {self.figures.as_of}, by publication {self.publication}\n"
        return "\n".join([heading, "what | figure", "--- | ---", *lines])


def look_at(run: Night, phase_code: str) -> Closing:
    """The figures of a phase's last day, by the publication that readers see.

    Raises:
        UnknownPhaseError: The message names the phases that there are.
        NothingPublishedError: There is no publication yet.
    """
    known = {phase.code: phase for phase in phases()}
    if phase_code not in known:
        raise UnknownPhaseError(f"there is no phase {phase_code!r}, but {', '.join(known)}")
    labels = {row["phase_code"]: row["label_vi"] for row in read_seed("phases")}
    with stage_of(run, "look") as detail:
        found = overview(run.dsn, known[phase_code].upload_to)
        detail.update(publication=found.publication, phase=phase_code)
        return Closing(known[phase_code], labels[phase_code], found)


def keep_for_good(run: Night, publication: int, told_as: str) -> None:
    """Mark the publication official.

    Raises:
        UnknownPublicationError: It was never published, or was pruned.
    """
    with stage_of(run, "close_phase") as detail, connect(run.dsn) as connection:
        detail.update(publication=publication, told_as=told_as)
        publish.mark_official(connection, publication, told_as)
