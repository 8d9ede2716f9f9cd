"""Tables of contract values, forms to write them in, and files that are anything: what hypothesis draws from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.corpus import make_corpus
from tests.corpus.encodings import ENCODE, IN_A_FONT
from tests.corpus.formats import TEXTS, WORKBOOKS, Cell, Grid, write
from tests.corpus.layouts import in_font
from tests.corpus.styles import AMOUNTS, DATES, NATIVE_AMOUNTS, NATIVE_DATES
from tests.scenarios.build import HEADINGS

FIELDS = ("initiative_code", "title", "author_name", "member_group", "applied_on", "submitted_on", "benefit")
EXTENSIONS = ("csv", "tsv", "txt", "csv.gz", "txt.gz", "zip", "xlsx", "xlsm", "xls", "ods", "CSV", "XLSX")
LEGACY = ("windows-1258", "tcvn3", "vni")
_MOST_BYTES = 20_000

# Small letters only: TCVN3 has no capital ones with tones. They come with the anchor row below, so that every file has
# Vietnamese words enough to tell its encoding by.
_WORDS = (
    "cải tiến", "dây chuyền", "máy dệt", "quy trình", "xử lý nước thải", "phần mềm", "thiết bị", "an toàn điện",
    "khuôn đúc", "giảm tiêu hao", "nhiên liệu", "tự động", "kiểm tra", "đường ống", "giá đỡ", "lớp học nghề",
    "bảo dưỡng", "lò nung",
)  # fmt: skip
_ANYTHING = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff")
_GROUPS = ("Công nhân", "Viên chức", "Cán bộ công đoàn")

Values = dict[str, Any]


@dataclass(frozen=True)
class Written:
    """A table in a file. `cells`: what was written of each row, by field; of `values`, what it stands for."""

    extension: str
    content: bytes
    values: list[Values]
    cells: list[dict[str, Cell]]


def _texts(free: bool) -> st.SearchStrategy[str]:
    """Vietnamese words; in Unicode also any other characters, quotes and delimiters, line breaks."""
    words = st.lists(st.sampled_from(_WORDS), min_size=2, max_size=6).map(" ".join)
    if not free:
        return words
    odd = st.text(_ANYTHING | st.sampled_from("\",;|\t\n\r\\='<>&%"), max_size=12)
    return st.tuples(words, odd, words).map("".join)


def _amounts() -> st.SearchStrategy[Decimal | None]:
    return st.integers(1, 99_999_999_999).map(Decimal) | st.none()


def _rows(free: bool) -> st.SearchStrategy[Values]:
    day = st.dates(date(2022, 1, 8), date(2023, 5, 31))
    code = st.from_regex(r"[A-Z]{1,3}[-/.]?[0-9]{1,6}", fullmatch=True)
    return st.fixed_dictionaries(
        {
            "initiative_code": code,
            "title": _texts(free),
            "author_name": st.sampled_from(("Lê Thị Hường", "Trần Văn Dũng", "Vũ Thị Lan")),
            "member_group": st.sampled_from(_GROUPS),
            "applied_on": day,
            "submitted_on": day,
            "benefit": _amounts(),
        }
    )


_ANCHOR: Values = {
    # Proves the order of the dates and the style of the numbers, whatever the others are.
    "initiative_code": "ANCHOR-1",
    "title": "cải tiến quy trình xử lý nước thải của nhà máy dệt nhuộm",
    "author_name": "Nguyễn Thị Hường",
    "member_group": "Công nhân",
    "applied_on": date(2023, 1, 25),
    "submitted_on": date(2023, 2, 26),
    "benefit": Decimal("1234567890"),
}


@st.composite
def tables(draw: st.DrawFn) -> Written:
    """Any table of contract values in any of the forms."""
    kind = draw(st.sampled_from((*TEXTS, "html", *WORKBOOKS)))
    encoding = draw(st.sampled_from([*ENCODE]))
    dates = draw(st.sampled_from([style for style in DATES if _can_have(style, NATIVE_DATES, kind)]))
    amounts = AMOUNTS[draw(st.sampled_from([style for style in AMOUNTS if _can_have(style, NATIVE_AMOUNTS, kind)]))]
    delimiter = draw(st.sampled_from(",;\t|"))
    # What XML and HTML make of line breaks and of odd characters is theirs, not the reader's.
    free = kind in TEXTS and encoding not in LEGACY
    values = [_ANCHOR, *draw(st.lists(_rows(free), max_size=8))]
    cells = [{field: _cell(row[field], DATES[dates], amounts.cell) for field in FIELDS} for row in values]
    headings = [HEADINGS[field] + (amounts.in_heading if field == "benefit" else "") for field in FIELDS]
    rows: list[list[Cell]] = [list(row.values()) for row in cells]
    if amounts.unit is not None:
        headings.append(HEADINGS["benefit_unit"])
        rows = [[*row, amounts.unit] for row in rows]
    grid = Grid([list(headings), *rows])
    if kind in WORKBOOKS:
        grid = in_font(grid, IN_A_FONT.get(encoding, str))
    content = write(grid, kind, encoding, delimiter)
    return Written("xls" if kind == "html" else kind, content, values, cells)


def _can_have(style: str, native: tuple[str, ...], kind: str) -> bool:
    if kind in WORKBOOKS:
        return style != "serial text"
    return style not in native and (style != "serial text" or kind in TEXTS)


def _cell(value: Any, write_date: Callable[[date], Cell], write_amount: Callable[[Decimal], Cell]) -> Cell:
    if isinstance(value, date):
        return write_date(value)
    return write_amount(value) if isinstance(value, Decimal) else value


# anything ------------------------------------------------------------------------------------------------------------


@cache
def seeds() -> tuple[bytes, ...]:
    """Files of the corpus that mutations begin with: the small ones."""
    return tuple(content for file in make_corpus.files() if len(content := file.write()) <= _MOST_BYTES)


def mutated(chance: Random) -> bytes:
    """A file of the corpus with some bits turned, cut off, or put together with another."""
    content = bytearray(chance.choice(seeds()))
    for _ in range(chance.choice((1, 1, 2, 8))):
        if not content:
            break
        at = chance.randrange(len(content))
        match chance.randrange(6):
            case 0:
                content[at] ^= 1 << chance.randrange(8)
            case 1:
                content[at] = chance.choice((0, 0xFF, 0x7F, 0x80, ord('"'), ord("<"), ord("\n")))
            case 2:
                del content[at:]
            case 3:
                del content[at : at + chance.randrange(1, 64)]
            case 4:
                content[at:at] = content[at : at + chance.randrange(1, 512)] * chance.choice((1, 2, 50))
            case _:
                other = chance.choice(seeds())
                content[at:] = other[chance.randrange(len(other) or 1) :]
    return bytes(content)


def anything() -> st.SearchStrategy[bytes]:
    """Any bytes: drawn one by one, or a mutation of a file of the corpus."""
    return st.binary(max_size=2_000) | st.randoms(use_true_random=False).map(mutated)
