"""Legacy Vietnamese encodings: TCVN3 (ABC) and VNI-Windows, also inside Unicode containers (contract §1).

They are told by evidence: how many of the words with other than ASCII letters are Vietnamese syllables when they are
read one way or another. Text that already reads as Vietnamese is never touched.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from importlib import resources
from itertools import islice
from typing import Any

import polars as pl
import yaml

from sangkien.intake.cells import Row, cell_columns

Decoder = Callable[[str], str]

# A reading is taken for Vietnamese from this share of syllables on; text that is right has more of them as it stands.
LEAST_SHARE = 0.6
WORDS_LOOKED_AT = 2_000
LEAST_WORDS = 2  # one odd word in a right text is a name, or a slip
CELLS_LOOKED_AT = 30

_WORD = re.compile(r"(?<![A-Za-z])[A-Za-z]*+[\u0080-\uffff][A-Za-z\u0080-\uffff]*+")
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_TONE = re.compile(f"[{_TONES}]")


@cache
def _tables() -> dict[str, Any]:
    return dict(yaml.safe_load(resources.files("sangkien.intake").joinpath("legacy.yml").read_text("utf-8")))


@cache
def _tcvn3() -> dict[int, str]:
    letters = _tables()["tcvn3"]["letters"]
    return {ord(c): letter for row in letters for c, letter in zip(row, letters[row], strict=True)}


def from_tcvn3(text: str) -> str:
    """Text of TCVN3 bytes that were read as Latin-1, as Unicode."""
    return text.translate(_tcvn3())


@cache
def _vni() -> tuple[re.Pattern[str], dict[str, str]]:
    """What to look for, and what it stands for: a letter with a mark, or a letter alone."""
    table = _tables()["vni"]
    stands_for: dict[str, str] = dict(table["letters"])
    alone = {letter: shown for shown, letter in stands_for.items()}
    for mark, codes in table["marks"].items():
        combining = "".join(chr(int(code, 16)) for code in codes.split())
        bearers = table["tone_bearers"]
        if "\u0302" in combining:
            bearers = table["circumflex_bearers"]
        elif "\u0306" in combining:
            bearers = table["breve_bearers"]
        for letter in bearers:
            base = alone.get(letter, letter)
            stands_for[base + mark] = stands_for[base + mark.upper()] = unicodedata.normalize("NFC", letter + combining)
    longest_first = sorted(stands_for, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))), stands_for


def from_vni(text: str) -> str:
    """Text of VNI-Windows bytes that were read as Latin-1, as Unicode."""
    pattern, stands_for = _vni()
    return pattern.sub(lambda found: stands_for[found.group()], text)


DECODERS: dict[str, Decoder] = {"tcvn3": from_tcvn3, "vni": from_vni}


@cache
def _syllables() -> tuple[frozenset[str], frozenset[str]]:
    syllable = _tables()["syllable"]
    return frozenset(syllable["onsets"].split()), frozenset(syllable["rhymes"].split())


@cache
def _is_syllable(word: str) -> bool:
    """Whether a word can be a Vietnamese syllable: an onset, a rhyme, at most one tone."""
    decomposed = unicodedata.normalize("NFD", word.lower())
    if len(_TONE.findall(decomposed)) > 1:
        return False
    plain = unicodedata.normalize("NFC", _TONE.sub("", decomposed))
    onsets, rhymes = _syllables()
    return plain in rhymes or any(plain[:n] in onsets and plain[n:] in rhymes for n in (1, 2, 3))


def share_of_syllables(words: Iterable[str]) -> float:
    """How many of the words are Vietnamese syllables."""
    looked_at = list(islice(words, WORDS_LOOKED_AT))
    return sum(map(_is_syllable, looked_at)) / len(looked_at) if looked_at else 1.0


def marked_words(text: str) -> list[str]:
    """The words of a text that have other than ASCII letters; a letter that stands alone says nothing."""
    return [word for word in _WORD.findall(text) if len(word) > 1]


def decide_legacy(
    cells: Sequence[str], candidates: Iterable[str] = DECODERS, least_words: int = LEAST_WORDS
) -> str | None:
    """Whether Unicode texts are really TCVN3 or VNI; none if they are right, or if nothing can be told."""
    words = marked_words(unicodedata.normalize("NFC", "\n".join(cells)))
    if len(words) < least_words or share_of_syllables(words) >= LEAST_SHARE:
        return None
    evidence = _evidence({name: DECODERS[name]("\n".join(cells)) for name in candidates})
    best = max(evidence, key=lambda name: evidence[name])
    return best if evidence[best] >= LEAST_SHARE else None


def decide_single_byte(data: bytes) -> tuple[str, dict[str, float]]:
    """Which single-byte encoding some bytes are in that are not UTF-8.

    Returns:
        `cp1258`, `tcvn3` or `vni`, and the evidence: the share of syllables in each reading.
    """
    latin = data.decode("latin-1")
    readings = {"cp1258": unicodedata.normalize("NFC", data.decode("cp1258", errors="replace"))}
    evidence = _evidence(readings | {name: decode(latin) for name, decode in DECODERS.items()})
    return max(evidence, key=lambda name: evidence[name]), evidence


def _evidence(readings: dict[str, str]) -> dict[str, float]:
    return {name: round(share_of_syllables(marked_words(text)), 3) for name, text in readings.items()}


def decoded_rows(rows: Iterable[Row], decode: Decoder) -> Iterator[Row]:
    """The rows with every text decoded."""
    for line, cells in rows:
        yield line, [decode(cell) if isinstance(cell, str) else cell for cell in cells]


def decide_columns(frame: pl.DataFrame) -> dict[str, str]:
    """Which text columns are in a legacy encoding although the file is Unicode, by what stands in these rows."""
    names = cell_columns(frame)
    cells = _marked_cells(frame.head(CELLS_LOOKED_AT * 10), names)
    few = [name for name, found in cells.items() if len(found) < CELLS_LOOKED_AT]
    if frame.height > CELLS_LOOKED_AT * 10:  # mostly there are enough at the top
        cells |= _marked_cells(frame, few)
    decided = {name: decide_legacy(found) for name, found in cells.items() if found}
    in_use = sorted({encoding for encoding in decided.values() if encoding})
    # Where other columns prove an encoding, a single word is enough to say that a column is in it too.
    if in_use:
        decided |= {n: decide_legacy(cells[n], in_use, 1) for n, encoding in decided.items() if not encoding}
    return {name: encoding for name, encoding in decided.items() if encoding}


def _marked_cells(frame: pl.DataFrame, names: list[str]) -> dict[str, list[str]]:
    """The first cells of each column that have other than ASCII letters."""
    cells = pl.col(names)
    marked = cells.filter(cells.str.len_bytes() > cells.str.len_chars()).head(CELLS_LOOKED_AT)
    return frame.select(marked.implode()).row(0, named=True) if names else {}
