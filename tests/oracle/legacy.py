"""Encodings from before Unicode: windows-1258, TCVN3 (ABC) and VNI-Windows (CONTRACT §1)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache

# TCVN3: byte A1 onwards; it has no capital letters with tones (fonts that end in H draw them).
_TCVN3 = {
    0xA1: "ĂÂÊÔƠƯĐăâêôơưđ",
    0xB5: "àảãáạ",
    0xBB: "ằẳẵắ",
    0xC6: "ặầẩẫấậè",
    0xCE: "ẻẽéẹềểễếệìỉ",
    0xDC: "ĩíịò",
    0xE1: "ỏõóọồổỗốộờởỡớợù",
    0xF1: "ủũúụừửữứựỳỷỹýỵ",
}
TCVN3 = {start + offset: char for start, chars in _TCVN3.items() for offset, char in enumerate(chars)}

_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT = "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"
_CIRCUMFLEX, _BREVE, _HORN = "\u0302", "\u0306", "\u031b"
_VNI_MARKS = {
    "ù": _ACUTE, "ø": _GRAVE, "û": _HOOK, "õ": _TILDE, "ï": _DOT,
    "â": _CIRCUMFLEX, "á": _CIRCUMFLEX + _ACUTE, "à": _CIRCUMFLEX + _GRAVE,
    "å": _CIRCUMFLEX + _HOOK, "ã": _CIRCUMFLEX + _TILDE, "ä": _CIRCUMFLEX + _DOT,
    "ê": _BREVE, "é": _BREVE + _ACUTE, "è": _BREVE + _GRAVE,
    "ú": _BREVE + _HOOK, "ü": _BREVE + _TILDE, "ë": _BREVE + _DOT,
}  # fmt: skip
_VNI_ALONE = {
    "ñ": "đ", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "ô": "ơ", "ö": "ư",
}  # fmt: skip
_VNI_BASES = {"a": "a", "e": "e", "o": "o", "u": "u", "y": "y", "ô": "o" + _HORN, "ö": "u" + _HORN}


def _vni_pairs() -> dict[str, str]:
    pairs: dict[str, str] = {}
    for base, plain in _VNI_BASES.items():
        for mark, combining in _VNI_MARKS.items():
            if (_CIRCUMFLEX in combining and base not in "aeo") or (_BREVE in combining and base != "a"):
                continue
            lower = unicodedata.normalize("NFC", plain + combining)
            for first in (base, base.upper()):
                for second in (mark, mark.upper()):
                    pairs[first + second] = lower if first == base else lower.upper()
    for char, vietnamese in _VNI_ALONE.items():
        pairs[char] = vietnamese
        pairs[char.upper()] = vietnamese.upper()
    return pairs


VNI = _vni_pairs()
_VNI_PATTERN = re.compile("|".join(sorted(map(re.escape, VNI), key=len, reverse=True)))


def from_tcvn3(text: str) -> str:
    """A TCVN3 text that was read as windows-1252, as Vietnamese."""
    return "".join(_tcvn3_char(char) for char in text)


def _tcvn3_char(char: str) -> str:
    code = ord(char)
    return TCVN3.get(code, char) if 0xA1 <= code <= 0xFE else char


def from_vni(text: str) -> str:
    """A VNI-Windows text that was read as windows-1252, as Vietnamese."""
    return _VNI_PATTERN.sub(lambda found: VNI[found.group()], text)


CONVERSIONS: tuple[tuple[str, Callable[[str], str]], ...] = (("tcvn3", from_tcvn3), ("vni", from_vni))


def candidates(data: bytes) -> list[tuple[str, str]]:
    """The texts that bytes which are not UTF-8 can be: those of the encodings in which every byte has a meaning."""
    found = []
    with suppress(UnicodeDecodeError):
        found.append(("windows-1258", data.decode("cp1258")))
    try:
        western = data.decode("cp1252")
    except UnicodeDecodeError:
        return found
    return found + [(name, convert(western)) for name, convert in CONVERSIONS]


_ONSET = "(?:ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdđghklmnpqrstvx])?"
_OPEN = (
    "(?:oai|oay|oeo|oao|uây|uôi|ươi|ươu|iêu|yêu|uyu|uya|ai|ao|au|ay|âu|ây|eo|êu|ia|iu|oi|ôi|ơi|ua|ui|ưa|ưi|ưu|uơ|"
    "oa|oe|uê|uy|[aeêioôơuưy])"
)
_CLOSED = "(?:iê|yê|uyê|uô|ươ|oa|oă|oe|oo|uâ|uê|uy|[aăâeêioôơuưy])(?:ch|ng|nh|[cmnpt])"
_SYLLABLE = re.compile(f"{_ONSET}(?:{_OPEN}|{_CLOSED})")
_LETTERS = re.compile(r"[^\W\d_]+")
_TONES = {_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT}
_PUNCTUATION = set("“”‘’–—…")


def is_syllable(word: str) -> bool:
    """Whether a word is spelt as a Vietnamese syllable with at most one tone."""
    decomposed = unicodedata.normalize("NFD", word.lower())
    if sum(char in _TONES for char in decomposed) > 1:
        return False
    toneless = unicodedata.normalize("NFC", "".join(char for char in decomposed if char not in _TONES))
    return _SYLLABLE.fullmatch(toneless) is not None


@lru_cache(maxsize=100_000)
def _is_vietnamese(word: str) -> bool:
    """Whether a word with a letter outside ASCII is Vietnamese: its letters are syllables, with no odd sign in it."""
    odd = any(not (char.isascii() or char.isalnum() or char in _PUNCTUATION) for char in word)
    return not odd and all(map(is_syllable, _LETTERS.findall(word)))


def plausibility(text: str) -> float:
    """The share of the words with a character outside ASCII that are Vietnamese; 1 where there is none."""
    words = [word for word in unicodedata.normalize("NFC", text).split() if not word.isascii()]
    return sum(map(_is_vietnamese, words)) / len(words) if words else 1.0


def conversion_of(texts: list[str]) -> tuple[str, Callable[[str], str]] | None:
    """The legacy encoding that a Unicode column is written in, or None. Text that is right is never repaired."""
    text = " ".join(texts)
    if text.isascii() or plausibility(text) >= 0.5:
        return None
    scored = [(plausibility(convert(text)), name, convert) for name, convert in CONVERSIONS]
    share, name, convert = max(scored, key=lambda one: one[0])
    return (name, convert) if share >= 0.8 else None
