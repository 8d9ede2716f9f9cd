"""How the bulletin says numbers, days and money: in Vietnamese (1.234,5), and in English (1,234.5)."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

NOTHING = "–"
_SWAP = str.maketrans(",.", ".,")


@dataclass(frozen=True)
class Speech:
    """One of the two languages."""

    language: Literal["vi", "en"]

    def t(self, vietnamese: str, english: str) -> str:
        """The text in this language."""
        return vietnamese if self.language == "vi" else english

    def number(self, value: float | Decimal | None, decimals: int = 0) -> str:
        """A number, its digits in groups of three; rounded half away from zero."""
        if value is None:
            return NOTHING
        rounded = Decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        said = f"{rounded:,}".replace("-", "−")
        return said.translate(_SWAP) if self.language == "vi" else said

    def percent(self, ratio: Decimal | None) -> str:
        """A ratio (1 = 100%), one decimal."""
        return NOTHING if ratio is None else f"{self.number(100 * ratio, 1)}%"

    def day(self, day: date | None) -> str:
        """A day, as day/month/year in both languages."""
        return NOTHING if day is None else f"{day:%d/%m/%Y}"

    def money(self, amount: Decimal | None) -> str:
        """An amount in đồng: in billions, or in millions below one billion; one decimal."""
        if amount is None:
            return NOTHING
        if abs(amount) >= 10**9:
            return f"{self.number(amount / 10**9, 1)} {self.t('tỷ đồng', 'billion đồng')}"
        return f"{self.number(amount / 10**6, 1)} {self.t('triệu đồng', 'million đồng')}"


def numbers_in_english(svg: str) -> str:
    """A chart with its numbers as in English: charts hold numbers and names only, no words."""
    parts = svg.split("</text>")
    for place, part in enumerate(parts[:-1]):
        before, _, text = part.rpartition(">")
        if text and not text.strip("0123456789.,%−-"):
            parts[place] = f"{before}>{text.translate(_SWAP)}"
    return "</text>".join(parts)
