"""Writes texts in the encodings that units send (CONTRACT §1), those without a codec in Python too."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Callable

from tests.oracle.legacy import TCVN3, VNI

_TO_TCVN3 = {letter: chr(code) for code, letter in TCVN3.items()}
_TO_VNI = {letter: pair for pair, letter in reversed(VNI.items())}
_TONES = "\u0300\u0301\u0303\u0309\u0323"


def as_tcvn3(text: str) -> str:
    """A Vietnamese text as its TCVN3 bytes look in Latin-1; it has no capital letters with tones."""
    return _replaced(text, _TO_TCVN3)


def as_vni(text: str) -> str:
    """A Vietnamese text as its VNI-Windows bytes look in Latin-1."""
    return _replaced(text, _TO_VNI)


def _replaced(text: str, letters: dict[str, str]) -> str:
    return "".join(letters.get(letter, letter) for letter in unicodedata.normalize("NFC", text))


def windows_1258(text: str) -> bytes:
    """windows-1258 has letters with their circumflex, breve or horn, and tones as marks after them."""
    written = []
    for letter in unicodedata.normalize("NFC", text):
        decomposed = unicodedata.normalize("NFD", letter)
        tone = next((mark for mark in decomposed if mark in _TONES), "")
        written.append(unicodedata.normalize("NFC", decomposed.replace(tone, "")) + tone if tone else letter)
    return "".join(written).encode("cp1258")


ENCODE: dict[str, Callable[[str], bytes]] = {
    "utf-8": str.encode,
    "utf-8-bom": lambda text: text.encode("utf-8-sig"),
    "utf-16-le": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "utf-16-be": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "windows-1258": windows_1258,
    "tcvn3": lambda text: as_tcvn3(text).encode("latin-1"),
    "vni": lambda text: as_vni(text).encode("latin-1"),
}
"""The encodings of text files."""

IN_A_FONT: dict[str, Callable[[str], str]] = {"unicode": str, "tcvn3": as_tcvn3, "vni": as_vni}
"""What stands in the cells of a spreadsheet: Unicode, or what was typed in a legacy font."""
