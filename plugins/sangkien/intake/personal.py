"""Phone numbers, e-mail addresses and citizen ids in free texts: masked in what marts show, counted for the unit."""

import hashlib
import re

import polars as pl

from sangkien.contract.text import match_key

_NO_AMOUNT = r"(?! ?(?i:đ|vnđ|vnd|usd|triệu|nghìn|tỷ))"
MASKS = {
    "e-mail": r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    # The citizen's number: 12 digits, the first a 0; the older card's: 9, not those of an amount.
    "số định danh": rf"(?<![\d.,])(?:0\d{{11}}|0\d\d(?: \d{{3}}){{3}}|\d{{9}}{_NO_AMOUNT})(?![\d.,]?\d)",
    "số điện thoại": r"(?<![\d.,])(?:\+84[ .-]?|0)[235789](?:[ .-]?\d){8,9}(?![\d.,]?\d)",
}
# What every one of them has, in the quick expressions of polars.
_SUSPECT = r"@|[0-9](?:[ .-]?[0-9]){8}"
_MASKED = re.compile("|".join(f"({pattern})" for pattern in MASKS.values()))


def count_personal(texts: pl.Series) -> int:
    """How many of the texts hold something personal."""
    return sum(1 for text in texts.filter(texts.str.contains(_SUSPECT)) if _MASKED.search(text))


def masked(texts: pl.Series) -> pl.Series:
    """The texts with a word and 12 bits of a hash in the place of what is personal.

    Keys are made of masked names: two names that differ in a phone number are two all the same (contract §5). Nobody
    finds the number: hundreds of thousands have the same 12 bits (decision 10).
    """
    suspect = texts.str.contains(_SUSPECT).fill_null(value=False)
    if not suspect.any():
        return texts
    changed = [masked_text(text) for text in texts.filter(suspect)]
    return texts.clone().scatter(suspect.arg_true(), pl.Series(changed, dtype=pl.String))


def masked_text(text: str) -> str:
    """A text as `masked` has it; what is masked already stays as it is."""
    return _MASKED.sub(_mask, text)


def _mask(found: re.Match[str]) -> str:
    bits = hashlib.sha256(match_key(found[0]).encode()).hexdigest()[:3]
    return f"[{list(MASKS)[(found.lastindex or 1) - 1]} {bits}]"
