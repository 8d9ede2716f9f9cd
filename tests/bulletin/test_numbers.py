"""Every number of every page equals its mart, in the words of its language.

The pages say where a number is from: `data-t` the mart, `data-of` the scope, `data-k` the row, `data-f` the column (of
the cell, or of its column's heading).
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from tests.bulletin.conftest import AS_OF, SILENT_UNIT, UNIT
from tests.conftest import Warehouse

Rows = dict[tuple[str, str, str], dict[str, Any]]
# Each mart's rows by (scope, key): columns `of` and `k`.
_QUERIES = {
    "rpt_overview": "select '' as of, as_of::text as k, * from marts.rpt_overview",
    "rpt_unit_ranking": "select '' as of, unit_code as k, * from marts.rpt_unit_ranking where as_of = %s",
    "rpt_cluster_ranking": "select '' as of, unit_code as k, * from marts.rpt_cluster_ranking where as_of = %s",
    "rpt_province_now": "select '' as of, province_code_now as k, * from marts.rpt_province_now where as_of = %s",
    "rpt_delivery_calendar": "select '' as of, unit_code as k, * from marts.rpt_delivery_calendar"
    " where calendar_day = %s",
    "fct_benefit_total": "select scope_code as of, method as k, * from marts.fct_benefit_total"
    " where scope in ('unit', 'programme')",
    "rpt_weekly": "select unit_code as of, week_start::text as k, * from marts.rpt_weekly"
    " union all select 'programme', week_start::text, (json_populate_record(null::marts.rpt_weekly, json_build_object("
    "'new_count', sum(new_count), 'new_valid_count', sum(new_valid_count), 'submitted_count', sum(submitted_count),"
    " 'valid_count', sum(valid_count)))).* from marts.rpt_weekly group by week_start",
    "rpt_category_mix": "select scope_code as of, category_kind || '/' || category_code as k, *"
    " from marts.rpt_category_mix",
    "rpt_data_quality": "select unit_code as of, rule_code as k, sum(fired_count) as fired_count"
    " from marts.rpt_data_quality group by 1, 2"
    " union all select 'programme', rule_code, sum(fired_count) from marts.rpt_data_quality group by 2",
    "fct_submission": "select '' as of, unit_code as k, verdict, initiatives from marts.fct_submission",
    "rpt_quarterly_recognition": "select '' as of, unit_code || '/' || quarter_start as k, *"
    " from marts.rpt_quarterly_recognition",
    "rpt_reconciliation": "select '' as of, concat_ws('/', as_of, measure, scope, method) as k, *"
    " from marts.rpt_reconciliation",
    "fct_delivery": "select unit_code as of, concat_ws('/', sha256, status, occurrence_no) as k, *"
    " from marts.fct_delivery",
}
_OF_UNIT = {"fct_benefit_total", "rpt_data_quality", "fct_delivery"}  # on the page of a unit
_NO_VERDICTS = dict.fromkeys(("valid", "invalid", "under_review", "withdrawn"), 0)


def _marts(warehouse: Warehouse) -> Rows:
    told: Rows = {}
    for mart, query in _QUERIES.items():
        for row in warehouse.query(query, *([AS_OF] if "%s" in query else [])):
            place = (mart, row["of"], row["k"])
            if mart == "fct_submission":
                counts = told.setdefault(place, Counter())
                counts[row["verdict"]] += row["initiatives"]
            else:
                told[place] = row
    return told


def _said(value: Any, column: str, row: dict[str, Any], language: str) -> str:
    """The value as a page says it, by a way of its own."""

    def number(amount: Any, decimals: int) -> str:
        text = f"{Decimal(amount).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,}".replace("-", "−")
        return text if language == "en" else text.replace(",", ";").replace(".", ",").replace(";", ".")

    if value is None:
        return "–"
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if column.endswith("_ratio"):
        return number(100 * value, 1) + "%"
    if column.endswith("_vnd"):
        words = {"vi": ("tỷ đồng", "triệu đồng"), "en": ("billion đồng", "million đồng")}[language]
        return f"{number(value / 10**9, 1)} {words[0]}" if value >= 10**9 else f"{number(value / 10**6, 1)} {words[1]}"
    has_decimals = column == "quarter_quota" or (
        column in ("published_value", "warehouse_value") and row["unit"] != "initiatives"
    )
    return number(value, 1 if has_decimals else 0)


def _figures(page: Path) -> Iterator[tuple[str, str, str, str, str]]:
    """Each number of a page: mart, scope, row, column, and what the page says."""
    unit = page.stem if page.parent.name == "units" else ""
    for place in lxml.html.parse(str(page)).getroot().xpath("//*[@data-t]"):
        headings = [cell.get("data-f") for cell in place.xpath("./thead/tr/*")]
        for row in place.xpath("descendant-or-self::*[@data-k]"):
            cells = [(cell.get("data-f"), cell) for cell in row.xpath(".//*[@data-f]")]
            cells += [(name, cell) for name, cell in zip(headings, row.xpath("./th | ./td"), strict=False) if name]
            for column, cell in cells:
                of = place.get("data-of", unit if place.get("data-t") in _OF_UNIT else "")
                yield place.get("data-t"), of, row.get("data-k"), column, cell.text_content().strip()


def test_every_number_equals_its_mart(told: Warehouse, site: Path) -> None:
    marts = _marts(told)
    seen = Counter[str]()
    pages = [site / "index.html", site / "en/index.html", *site.glob("units/*.html"), *site.glob("en/units/*.html")]
    assert len(pages) == 2 * 84
    wrong = []
    for page in pages:
        language = "en" if "en" in page.relative_to(site).parts else "vi"
        for mart, of, key, column, said in _figures(page):
            row = marts[mart, of, key] if mart != "fct_submission" else _NO_VERDICTS | marts.get((mart, of, key), {})
            seen[mart] += 1
            if said != _said(row[column], column, row, language):
                wrong.append((page.name, mart, of, key, column, said, row[column]))
    assert not wrong, wrong[:10]
    assert set(seen) == set(_QUERIES)
    assert seen["rpt_weekly"] > 2 * 84 * 50


def test_each_page_names_its_publication(site: Path) -> None:
    for page in [*site.glob("*.html"), *site.glob("units/*.html")]:
        document = lxml.html.parse(str(page)).getroot()
        assert f"Kỳ công bố 1 · số liệu đến ngày {AS_OF:%d/%m/%Y}" in document.text_content()
        for section in document.xpath("//section[.//*[@data-t]]"):
            (source,) = section.xpath("./p[@class='source']")
            assert f"kỳ công bố 1, số liệu đến {AS_OF:%d/%m/%Y}" in source.text
            assert set(section.xpath(".//@data-t")) <= set(re.findall(r"\w+_\w+", source.text))


@pytest.mark.parametrize("unit", [UNIT, SILENT_UNIT])
def test_a_unit_sees_at_once_where_it_stands(told: Warehouse, site: Path, unit: str) -> None:
    cards = lxml.html.parse(str(site / f"units/{unit}.html")).getroot().xpath("//div[contains(@class, 'big')]")
    said = [" ".join(card.text_content().split()) for card in cards]
    (row,) = told.query("select * from marts.rpt_unit_ranking where as_of = %s and unit_code = %s", AS_OF, unit)
    expected = "Chưa rõ" if row["quota"] is None else "Đã đạt" if row["valid_count"] >= row["quota"] else "Chưa đạt"
    assert said[:2] == [expected, f"{row['rank_no']}/83"]
