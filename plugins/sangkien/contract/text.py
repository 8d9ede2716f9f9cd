"""How texts are cleaned and compared (contract §2), for single values and for whole columns."""

import hashlib
import re
import sys
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import polars as pl

LONGEST_KEY = 400  # bytes; an index of PostgreSQL takes 2,700 in all, of several keys
NULL_TOKENS = frozenset({"", "-", "–", "—", "n/a", "null", "#n/a", "(trống)"})

_WORDS = re.compile(r"[^\W_]+")


# Combining marks are dropped, and the letters that NFKD does not take apart become d.
_FOLDED: dict[int, str | None] = {
    code: None for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)).startswith("M")
} | dict.fromkeys(map(ord, "đĐðÐ"), "d")

# For whole columns the usual letters are folded at once; a text with any other goes the long way.
_PLAIN_LETTERS = {
    letter: folded
    for letter in map(chr, [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)])
    if (folded := unicodedata.normalize("NFKD", letter).translate(_FOLDED).lower()).isascii() and folded.isalpha()
}
# What is not in its stored form already: null tokens, white space at an end or repeated, and any character outside of
# ranges that hold only letters in NFC, digits and signs.
_UNCLEAN = (
    r"[^ -~\u{A1}-\u{AC}\u{AE}-\u{2FF}\u{1E00}-\u{1EFF}–—‘’“”…]|^ | $|  |^(?i:"
    + "|".join(map(re.escape, sorted(NULL_TOKENS)))
    + ")$"
)


@lru_cache(maxsize=2**16)  # units, list values and headings come again and again
def match_key(text: str) -> str:
    """The key under which texts are equal: no marks, no case, one blank between words (contract §2)."""
    folded = text if text.isascii() else unicodedata.normalize("NFKD", text).translate(_FOLDED)
    return " ".join(_WORDS.findall(folded.lower()))


def without_controls(text: str) -> str:
    """The text without control and format characters, but for tabs and line breaks (contract §1)."""
    if text.isprintable():
        return text
    return "".join(c for c in text if c in "\t\n\r" or unicodedata.category(c) not in ("Cc", "Cf"))


def match_keys(texts: pl.Series) -> pl.Series:
    """`match_key` over a column."""
    folded = texts.str.replace_many(_PLAIN_LETTERS).str.to_lowercase()
    rest = folded.str.contains(r"[^\x00-\x7f]")
    folded = folded.str.replace_all("[^a-z0-9]+", " ").str.strip_chars(" ")
    return _for_some(texts, rest, folded, _match_keys_of_any)


def _match_keys_of_any(texts: pl.Series) -> pl.Series:
    return (
        texts.str.normalize("NFKD")
        .str.replace_all(r"\p{M}+", "")
        .str.replace_all("[đĐðÐ]", "d")
        .str.to_lowercase()
        .str.replace_all(r"[^\p{L}\p{N}]+", " ")
        .str.strip_chars(" ")
    )


def has_two_letters(keys: pl.Series) -> pl.Series:
    """Whether a match_key has two distinct letters or more; none has none."""
    clear = (keys.str.contains("[a-h]") & keys.str.contains("[i-z]")).fill_null(value=False)
    return _for_some(keys, ~clear, clear, _has_two_letters_of_any)


def _has_two_letters_of_any(keys: pl.Series) -> pl.Series:
    letters = keys.str.replace_all(r"\P{L}", "")
    return (letters.str.strip_chars(letters.str.head(1)) != "").fill_null(value=False)


def clean(texts: pl.Series) -> pl.Series:
    """The texts as they are stored: no control or format characters, NFC, white space collapsed; null tokens null."""
    return _for_some(texts, texts.str.contains(_UNCLEAN), texts, _clean_any)


def clean_columns(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every text `clean`."""
    unclean = frame.select(pl.col(pl.String).str.contains(_UNCLEAN).any()).row(0, named=True)
    return frame.with_columns(clean(frame[name]) for name, is_any in unclean.items() if is_any)


def _clean_any(texts: pl.Series) -> pl.Series:
    cleaned = (
        texts.str.replace_all(r"[\p{Cf}[\p{Cc}&&[^\t\n\r]]]", "")
        .str.normalize("NFC")
        .str.replace_all(r"\s+", " ")
        .str.strip_chars()
    )
    return cleaned.set(cleaned.str.to_lowercase().is_in(list(NULL_TOKENS)), None)


def _for_some(
    texts: pl.Series, which: pl.Series, otherwise: pl.Series, change: Callable[[pl.Series], pl.Series]
) -> pl.Series:
    """What `change` makes of those `texts` that need it, and `otherwise` for the rest."""
    if not which.any():
        return otherwise
    return otherwise.clone().scatter(which.arg_true(), change(texts.filter(which)))


def code_key(codes: pl.Series) -> pl.Series:
    """The key under which initiative codes, cleaned, are equal: case-folded (contract §3), and `shortened`."""
    keys = codes.str.to_lowercase()
    keys = _for_some(codes, codes.str.contains(r"[^\x00-\x7f]"), keys, _case_folded)
    return shortened(keys)


def _case_folded(texts: pl.Series) -> pl.Series:
    return texts.map_elements(str.casefold, return_dtype=pl.String)


def shortened(texts: pl.Series) -> pl.Series:
    """The texts, where no index takes one of any length: the end of a very long one is replaced by its hash."""
    return _for_some(texts, texts.str.len_bytes() > LONGEST_KEY, texts, _hashed_at_the_end)


def _hashed_at_the_end(texts: pl.Series) -> pl.Series:
    return texts.map_elements(
        lambda text: text[: LONGEST_KEY // 4] + hashlib.sha256(text.encode()).hexdigest(), return_dtype=pl.String
    )
