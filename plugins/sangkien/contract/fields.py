"""The fields of each dataset, from fields.yml."""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml

from sangkien.contract.text import match_key

Dataset = Literal["initiatives", "quotas"]
TABLES: dict[Dataset, str] = {"initiatives": "initiative", "quotas": "quota"}
"""The table of each dataset, in landing and in staging."""


@dataclass(frozen=True)
class Field:
    """One field of a dataset."""

    name: str
    heading: str
    kind: str
    mandatory: bool = False
    aliases: tuple[str, ...] = ()


@cache
def _document() -> dict[str, Any]:
    return dict(yaml.safe_load(resources.files("sangkien.contract").joinpath("fields.yml").read_text("utf-8")))


@cache
def fields(dataset: Dataset) -> dict[str, Field]:
    """The fields of a dataset by name, in the order of the contract."""
    return {
        name: Field(name, **{**entry, "aliases": tuple(entry.get("aliases", ()))})
        for name, entry in _document()[dataset].items()
    }


@cache
def headings(dataset: Dataset) -> dict[str, tuple[str, int]]:
    """match_key of each heading to its field and its rank: 0 for the field's own heading, 1 for an alias."""
    by_key: dict[str, tuple[str, int]] = {}
    for field in fields(dataset).values():
        for rank, names in enumerate([(field.heading,), field.aliases]):
            for name in names:
                by_key.setdefault(match_key(name), (field.name, rank))
    return by_key


@cache
def ignored_headings() -> frozenset[str]:
    """match_key of the headings that are known and not read, such as the ordinal number."""
    return frozenset(match_key(name) for name in _document()["ignored_headings"])
