"""Why a file is quarantined: reasons as data, with what the unit should do."""

from functools import cache
from importlib import resources
from typing import Any

import yaml


class QuarantineError(Exception):
    """A file that cannot be taken; nothing of it is loaded (contract §1).

    Attributes:
        reason: The code of the reason in reasons.yml.
        values: What the reason's texts are filled with.
    """

    def __init__(self, reason: str, **values: str | int) -> None:
        """Take the reason's code and the values of its texts."""
        super().__init__(f"{reason} {values}")
        self.reason = reason
        self.values = values


@cache
def _reasons() -> dict[str, dict[str, str]]:
    return dict(yaml.safe_load(resources.files("sangkien.intake").joinpath("reasons.yml").read_text("utf-8")))


def reason_texts(reason: str, values: dict[str, Any]) -> tuple[str, str]:
    """What a quarantined file's receipt says.

    Returns:
        The message and the advice, in Vietnamese.
    """
    texts = _reasons()[reason]
    return texts["message"].format_map(values), texts["advice"].format_map(values)
