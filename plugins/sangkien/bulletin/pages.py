"""The bulletin's pages: what each template is given, in each language."""

import base64
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sangkien.bulletin import charts, words
from sangkien.bulletin.downloads import csv_name
from sangkien.bulletin.figures import Figures, Row
from sangkien.bulletin.speech import Speech, numbers_in_english
from sangkien.contract.delivery_name import parse_delivery_name
from sangkien.intake.quarantine import reason_texts

LANGUAGES = (Speech("vi"), Speech("en"))
_SHORTEST_SCALE = 1.0  # the ranking's bars reach to 100% at least


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("sangkien.bulletin"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["abbreviated"] = _abbreviated
    return environment


@cache
def _inline(name: str) -> tuple[str, str]:
    """A file that stands in every page, and its hash for the content security policy."""
    text = resources.files("sangkien.bulletin.templates").joinpath(name).read_text("utf-8")
    return text, base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


class Pages:
    """All pages of one publication, as (path, HTML)."""

    def __init__(self, figures: Figures) -> None:
        """Prepare what all pages share."""
        self.figures = figures
        self.rules = {row["rule_code"]: row for row in figures.rows["rule"]}
        self.names = {row["unit_code"]: row["unit_name"] for row in figures.rows["standing"]}
        self.quality = figures.by_unit("quality")
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        for row in figures.rows["verdict"]:
            self.counts[row["unit_code"]][row["verdict"]] = row["initiatives"]
        self.deliveries = {unit: [_told(d) for d in rows] for unit, rows in figures.by_unit("delivery").items()}
        self.benefit: dict[str, dict[str, Row]] = defaultdict(dict)
        for row in figures.rows["benefit"]:
            self.benefit[row["scope_code"]][row["method"]] = row
        self.mix: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for row in figures.rows["mix"]:
            if row["category_code"] != "unknown" or row["valid_count"]:
                self.mix[row["scope_code"]][row["category_kind"]].append(row)

    def all(self) -> Iterator[tuple[str, str]]:
        """Every page: the index and one a unit, in both languages; each chart is drawn once."""
        yield from self._both("index.html", "index.html.j2", self._index(), self._index_charts())
        calendar_now = {row["unit_code"]: row for row in self.figures.rows["calendar_now"]}
        for unit in self.figures.rows["standing"]:
            code = unit["unit_code"]
            weeks, pace = self.figures.weeks_of_unit[code], self.figures.pace(code)
            drawn = {
                "progress": charts.progress(weeks, pace, self.figures.as_of),
                "new": charts.new_by_week(weeks),
            }
            fired = self._fired(code)
            said = {
                "u": unit,
                "counts": self.counts[code],
                "faults": [row for row in fired if row["effect"] == "invalid"],
                "warnings": [row for row in fired if row["effect"] != "invalid"],
                "deliveries": self.deliveries.get(code, []),
                "benefit": self.benefit[code],
                "mix": self.mix[code],
                "calendar_now": calendar_now[code],
            }
            yield from self._both(f"units/{code}.html", "unit.html.j2", said, drawn)

    def dictionary(self, tables: list[Row]) -> Iterator[tuple[str, str]]:
        """The data dictionary of the downloads."""
        for speech, name in zip(LANGUAGES, ("tu-dien-du-lieu.html", "data-dictionary.html"), strict=True):
            other = "downloads/" + ("data-dictionary.html" if speech.language == "vi" else "tu-dien-du-lieu.html")
            shared = self._shared(speech) | {"top": "../", "home": speech.t("../", "../en/"), "other": other}
            yield f"downloads/{name}", self._render("dictionary.html.j2", shared | {"tables": tables})

    def _both(self, path: str, template: str, said: dict[str, Any], drawn: dict[str, str]) -> Iterator[tuple[str, str]]:
        depth = "../" * path.count("/")
        for speech in LANGUAGES:
            is_english = speech.language == "en"
            places = {
                "home": depth,
                "top": f"../{depth}" if is_english else depth,
                "other": path if is_english else f"en/{path}",
            }
            svg = {name: numbers_in_english(one) if is_english else one for name, one in drawn.items()}
            said_so = self._shared(speech) | places | said | {"drawn": _as_it_is(svg)}
            yield f"en/{path}" if is_english else path, self._render(template, said_so)

    def _render(self, template: str, said: dict[str, Any]) -> str:
        (style, style_hash), (script, script_hash) = _inline("style.css"), _inline("script.js")
        policy = (
            f"default-src 'none'; style-src 'sha256-{style_hash}'; script-src 'sha256-{script_hash}'; "
            "img-src data:; base-uri 'none'; form-action 'none'"
        )
        inline = _as_it_is({"style": style, "script": script})
        return _templates().get_template(template).render(said | inline | {"policy": policy})

    @cache  # noqa: B019 - one object a build
    def _shared(self, speech: Speech) -> dict[str, Any]:
        """The words of one language, and the figures."""

        def in_language(table: words.Words) -> dict[str, str]:
            return {code: speech.t(*both) for code, both in table.items()}

        rows, groups = self.figures.rows, self.mix["programme"]["member_group"]
        return {
            "s": speech,
            "f": self.figures,
            "names": self.names,
            "kinds": [(code, *both) for code, both in words.KINDS.items()],
            "state_names": in_language(words.STATES),
            "statuses": in_language(words.STATUSES),
            "effects": in_language(words.EFFECTS),
            "measures": in_language(words.MEASURES),
            "method_names": in_language(words.METHODS),
            "cluster_names": {c["cluster_code"]: speech.t(c["label_vi"], c["label_en"]) for c in rows["cluster"]},
            "phase_names": {p["phase_code"]: speech.t(p["label_vi"], p["label_en"]) for p in rows["phase"]},
            "group_names": {g["category_code"]: speech.t(g["label_vi"], g["label_en"]) for g in groups},
        }

    def _index(self) -> dict[str, Any]:
        standing = self.figures.rows["standing"]
        clusters: dict[str, list[Row]] = {row["cluster_code"]: [] for row in self.figures.rows["cluster"]}
        for row in sorted(standing, key=lambda row: row["cluster_rank_no"]):
            clusters[row["cluster_code"]].append(row)
        return {
            "met": sum(1 for u in standing if u["quota"] is not None and u["valid_count"] >= u["quota"]),
            "new_valid": sum(week["new_valid_count"] for week in self.figures.last_week.values()),
            "most_ratio": max([_SHORTEST_SCALE, *(u["completion_ratio"] or 0 for u in standing)]),
            "benefit": self.benefit["programme"],
            "methods": [(code, *both) for code, both in words.METHODS.items()],
            "clusters": {code: members for code, members in clusters.items() if members},
            "maps": list(self._maps()),
            "bands": [(band, vi, en) for _, band, vi, en in words.BANDS] + [words.NO_BAND],
            "mix": self.mix["programme"],
            "states": [(code, *both) for code, both in words.STATES.items() if code != "not_expected"],
            "state_colours": charts.STATE_COLOURS,
            "quality_by_rule": self._quality_by_rule(),
            "quality_by_unit": self._quality_by_unit(),
            "reports": words.REPORTS,
            "csv_name": csv_name,
        }

    def _index_charts(self) -> dict[str, str]:
        figures = self.figures
        weeks = figures.programme_weeks
        return {
            "progress": charts.progress(weeks, figures.pace(None), figures.as_of),
            "new": charts.new_by_week(weeks),
            "calendar": charts.calendar(
                figures.by_unit("calendar"), {unit: _abbreviated(name) for unit, name in self.names.items()}
            ),
        }

    def _fired(self, unit: str) -> list[Row]:
        return [row | self.rules[row["rule_code"]] for row in self.quality.get(unit, []) if row["fired_count"]]

    def _quality_by_rule(self) -> list[Row]:
        fired = Counter[str]()
        for row in self.figures.rows["quality"]:
            fired[row["rule_code"]] += row["fired_count"]
        return [self.rules[code] | {"fired_count": count} for code, count in fired.most_common()]

    def _quality_by_unit(self) -> list[Row]:
        told = []
        for unit in self.names:
            counts = self.counts[unit]
            submitted = counts.total() - counts["withdrawn"]
            ratio = Decimal(counts["invalid"]) / submitted if submitted else None
            faults = [row for row in self._fired(unit) if row["effect"] == "invalid"]
            named = {"unit_code": unit, "unit_name": self.names[unit]}
            told.append(named | {"counts": counts, "invalid_ratio": ratio, "faults": faults})
        return sorted(told, key=lambda row: (-(row["invalid_ratio"] or 0), row["unit_code"]))

    def _maps(self) -> Iterator[Row]:
        """The provinces as they were when the programme ran, and as they are now."""
        layout = yaml.safe_load(resources.files("sangkien.bulletin").joinpath("tiles.yml").read_text("utf-8"))
        before = {
            row["province_code_2004"]: row
            | {"key": row["unit_code"], "title": row["unit_name"], "name": _province(row["unit_name"])}
            for row in self.figures.rows["standing"]
            if row["province_code_2004"]
        }
        now = {
            row["province_code_now"]: row
            | {
                "key": row["province_code_now"],
                "title": row["provinces_before"],
                "name": row["province_name_now"],
                "unit_code": None,
            }
            for row in self.figures.rows["province_now"]
        }
        titles = {
            "before": ("63 tỉnh, thành phố (khi chương trình diễn ra)", "The 63 provinces (during the programme)"),
            "now": ("34 tỉnh, thành phố (từ 01/07/2025)", "The 34 provinces (since 01/07/2025)"),
        }
        for name, mart, tiles in (("before", "rpt_unit_ranking", before), ("now", "rpt_province_now", now)):
            lines = [
                [None if code == ".." else tiles[code] | {"band": _band(tiles[code])} for code in line.split()]
                for line in layout[name].splitlines()
            ]
            yield {"title_vi": titles[name][0], "title_en": titles[name][1], "mart": mart, "lines": lines}


def _as_it_is(texts: dict[str, str]) -> dict[str, Markup]:
    """What stands in a page as it is: our own style and script, and the charts, whose texts Vega-Lite has escaped."""
    return {name: Markup(text) for name, text in texts.items()}  # noqa: S704 - nothing of it comes from a delivery


def _abbreviated(unit_name: str) -> str:
    return unit_name.replace(words.FEDERATION, words.ABBREVIATED)


def _province(unit_name: str) -> str:
    """The province that a federation is named after."""
    return re.sub(f"^{words.FEDERATION} (?:tỉnh|thành phố) ", "", unit_name)


def _band(row: Row) -> str:
    ratio = row["completion_ratio"]
    return words.NO_BAND[0] if ratio is None else next(band for least, band, *_ in words.BANDS if ratio >= least)


def _told(delivery: Row) -> Row:
    """A delivery as the bulletin tells it. A name of its sender's own making may hold anything: it is not shown."""
    message, advice = "", ""
    if delivery["reason_code"]:  # what the texts are filled with is in the receipt alone
        message, advice = reason_texts(delivery["reason_code"], defaultdict(lambda: "…"))
    is_named = parse_delivery_name(delivery["file_name"]) is not None
    return delivery | {"message": message, "advice": advice, "is_named": is_named}
