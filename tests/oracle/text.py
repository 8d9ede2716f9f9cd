"""Texts as the contract reads them (CONTRACT §1 characters, §2 match_key, text and null)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

NULL_WORDS = {"", "-", "–", "—", "n/a", "null", "#n/a", "(trống)"}
SOFT_HYPHEN = "\u00ad"


class _Unmarked(dict[int, str | None]):
    """For str.translate: combining marks dropped, đ and ð to d."""

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        value = None if unicodedata.category(char).startswith("M") else "d" if char in "đĐðÐ" else char
        self[code] = value
        return value


class _Spaced(dict[int, str]):
    """For str.translate: other than letters and digits to a blank."""

    def __missing__(self, code: int) -> str:
        category = unicodedata.category(chr(code))
        self[code] = chr(code) if category[0] == "L" or category == "Nd" else " "
        return self[code]


class _Uncontrolled(dict[int, str | None]):
    """For str.translate: control characters but tab and line breaks dropped, format characters too."""

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        self[code] = char if char in "\t\n\r" or unicodedata.category(char) not in ("Cc", "Cf") else None
        return self[code]


_UNMARKED, _SPACED, _UNCONTROLLED = _Unmarked(), _Spaced(), _Uncontrolled()


@lru_cache(maxsize=200_000)
def match_key(text: str) -> str:
    """§2: NFKD, combining marks dropped, đ and ð to d, lower case, other than letters and digits to one space."""
    unmarked = unicodedata.normalize("NFKD", text).translate(_UNMARKED)
    return " ".join(unmarked.lower().translate(_SPACED).split())


def drop_controls(text: str, keep: str = "") -> str:
    """§1: control characters but tab and line breaks, and format characters, are removed after decoding.

    `keep` saves characters that a legacy encoding inside Unicode still needs: the soft hyphen is a letter of TCVN3.
    """
    if not keep:
        return text.translate(_UNCONTROLLED)
    return keep.join(piece.translate(_UNCONTROLLED) for piece in text.split(keep))


@lru_cache(maxsize=100_000)
def clean(text: str) -> str:
    """§2: text is stored NFC, white space collapsed, control characters removed."""
    return " ".join(unicodedata.normalize("NFC", drop_controls(text)).split())


def is_null(text: str) -> bool:
    """§2: null (case-folded, trimmed)."""
    return clean(text).casefold() in NULL_WORDS


def code_key(code: str) -> str:
    """§3: codes are compared trimmed and case-folded."""
    return clean(code).casefold()


def can_be_a_code(text: str) -> bool:
    """§1: a text with a digit and without blanks."""
    cleaned = clean(text)
    return bool(cleaned) and " " not in cleaned and re.search(r"\d", cleaned) is not None
