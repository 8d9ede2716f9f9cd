"""Where files lie in the inbox, and what is no delivery (CONTRACT §1)."""

from __future__ import annotations

from dataclasses import dataclass

from tests.scenarios.build import csv_file, initiative


@dataclass(frozen=True)
class PlaceCase:
    """A file at a place below the inbox; `unit_code` is empty where it must be left alone."""

    name: str
    place: str
    unit_code: str = ""
    file_name: str = ""


UNIT = "cd-hang-hai"
CONTENT = csv_file([initiative("nơi đặt", "PL1")])

PLACE_CASES = [
    PlaceCase("at the root", "initiatives_2023-08-01.csv", "_unknown", "initiatives_2023-08-01.csv"),
    PlaceCase("unknown folder", "ldld-xx/initiatives_2023-08-01.csv", "_unknown", "ldld-xx/initiatives_2023-08-01.csv"),
    PlaceCase(
        "folder in upper case", "CD-Y-TE/initiatives_2023-08-01.csv", "_unknown", "CD-Y-TE/initiatives_2023-08-01.csv"
    ),
    PlaceCase(
        "below the unit's folder", f"{UNIT}/cu/initiatives_2023-08-01.csv", UNIT, "cu/initiatives_2023-08-01.csv"
    ),
    PlaceCase("a dot-file", f"{UNIT}/.initiatives_2023-08-01.csv"),
    PlaceCase("being written", f"{UNIT}/initiatives_2023-08-01.csv.part"),
    PlaceCase("a temporary file", f"{UNIT}/initiatives_2023-08-01.csv.tmp"),
    PlaceCase("being sent", f"{UNIT}/initiatives_2023-08-01.csv.filepart"),
    PlaceCase("open in Excel", f"{UNIT}/~$initiatives_2023-08-01.xlsx"),
    PlaceCase("thumbnails", f"{UNIT}/Thumbs.db"),
    PlaceCase("desktop.ini at the root", "desktop.ini"),
]
