"""How texts are cleaned and compared (contract §2), for single values and for whole columns."""

import re
import sys
import unicodedata
from functools import lru_cache

import polars as pl

NULL_TOKENS = frozenset({"", "-", "–", "—", "n/a", "null", "#n/a", "(trống)"})

_WORDS = re.compile(r"[^\W_]+")


# Combining marks are dropped, and the letters that NFKD does not take apart become d.
_FOLDED: dict[int, str | None] = {
    code: None for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)).startswith("M")
} | dict.fromkeys(map(ord, "đĐðÐ"), "d")


@lru_cache(maxsize=2**16)  # units, list values and headings come again and again
def match_key(text: str) -> str:
    """The key under which texts are equal: no marks, no case, one blank between words (contract §2)."""
    folded = text if text.isascii() else unicodedata.normalize("NFKD", text).translate(_FOLDED)
    return " ".join(_WORDS.findall(folded.lower()))


def match_key_expr(text: pl.Expr) -> pl.Expr:
    """`match_key` over a column."""
    return (
        text.str.normalize("NFKD")
        .str.replace_all(r"\p{M}+", "")
        .str.replace_all("[đĐðÐ]", "d")
        .str.to_lowercase()
        .str.replace_all(r"[^\p{L}\p{N}]+", " ")
        .str.strip_chars(" ")
    )


def clean_expr(text: pl.Expr) -> pl.Expr:
    """The text as it is stored: no control or format characters, NFC, white space collapsed; null tokens are null."""
    cleaned = (
        text.str.replace_all(r"[\p{Cf}[\p{Cc}&&[^\t\n\r]]]", "")
        .str.normalize("NFC")
        .str.replace_all(r"\s+", " ")
        .str.strip_chars()
    )
    return pl.when(cleaned.str.to_lowercase().is_in(list(NULL_TOKENS))).then(None).otherwise(cleaned)


def code_key(codes: pl.Series) -> pl.Series:
    """The key under which initiative codes are equal: case-folded (contract §3); the codes come cleaned."""
    if codes.str.contains(r"[^\x00-\x7f]").any():
        return codes.map_elements(str.casefold, return_dtype=pl.String)
    return codes.str.to_lowercase()
