"""The charts, as inline SVG drawn by Vega-Lite. They hold numbers, months and names of units; words stand beside them.

One drawing thus serves both languages, and a table behind each chart says the same (templates/parts.html.j2).
"""

import re
from datetime import date
from itertools import groupby
from typing import Any

import vl_convert

from sangkien.bulletin.figures import Row

BLUE, SKY, RED, AMBER, GREY, PALE = "#14508c", "#9cc3e6", "#b3261e", "#c77700", "#5b6673", "#e4e9ef"
STATE_COLOURS = {
    "delivered": BLUE,
    "quarantined": "#8e24aa",
    "late": AMBER,
    "missing": RED,
    "not_due": PALE,
    "not_expected": "#ffffff",
}
WIDTH, HEIGHT = 420, 210
# What tells a reader nothing and doubles a page: hints for machines on each mark, the font (style.css has it), empty
# paths, decimals of pixels (four or more of them; in a label a point stands before three digits).
_NOISE = re.compile(
    r' (?:class|role|aria-[a-z]+|pointer-events|version|xmlns:xlink|font-family)="[^"]*"| opacity="1"'
    r'|<path d="M0,0h[0-9.]+v[0-9.]+h-?[0-9.]+Z"/>|(?<=[0-9]\.[0-9])[0-9]{3,}'
)
_FORMAT = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", ""]}
_CONFIG = {
    "aria": False,  # the chart's frame has a name and a table; the marks one by one are noise
    "font": "Helvetica, Arial, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "#3c4650",
        "labelFontSize": 12,
        "gridColor": "#e4e9ef",
        "domainColor": "#9aa5b1",
        "tickColor": "#9aa5b1",
        "title": None,
    },
}
_TIME = {"type": "temporal", "axis": {"format": "%m/%Y", "tickCount": 6, "grid": False, "labelOverlap": True}}
_COUNT = {"type": "quantitative", "axis": {"format": ",d", "tickCount": 5, "domain": False, "ticks": False}}


def draw(view: dict[str, Any]) -> str:
    """A Vega-Lite view as SVG."""
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": None,
        "padding": 4,
        "config": _CONFIG,
        **view,
    }
    return _NOISE.sub("", vl_convert.vegalite_to_svg(spec, vl_version="5.20", format_locale=_FORMAT))


def progress(weeks: list[Row], pace: list[Row], as_of: date) -> str:
    """Valid initiatives, cumulative by week, against the quota's pace."""
    reached = [{"day": min(w["week_end"], as_of).isoformat(), "n": w["valid_count"]} for w in weeks]
    expected = [{"day": p["day"].isoformat(), "n": p["quota"]} for p in pace]
    x, y = {"field": "day", **_TIME}, {"field": "n", **_COUNT}
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": reached},
            "mark": {"type": "area", "color": SKY, "opacity": 0.45, "line": {"color": BLUE, "strokeWidth": 2.5}},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": {"values": expected},
            "mark": {"type": "line", "color": AMBER, "strokeWidth": 2.5, "strokeDash": [6, 4], "point": {"size": 45}},
            "encoding": {"x": x, "y": y},
        },
    ]
    return draw({"width": WIDTH, "height": HEIGHT, "layer": layers})


def new_by_week(weeks: list[Row]) -> str:
    """Initiatives submitted each week, and the valid ones of them. Steps: one path, where bars would be a hundred."""
    layers = []
    for name, colour in (("new_count", SKY), ("new_valid_count", BLUE)):
        values = [{"day": week["week_start"].isoformat(), "n": week[name]} for week in weeks]
        if weeks:  # the last step is as wide as the others
            values.append({"day": weeks[-1]["week_end"].isoformat(), "n": weeks[-1][name]})
        encoding = {"x": {"field": "day", **_TIME}, "y": {"field": "n", "stack": None, **_COUNT}}
        mark = {"type": "area", "interpolate": "step-after", "color": colour}
        layers.append({"data": {"values": values}, "mark": mark, "encoding": encoding})
    return draw({"width": WIDTH, "height": HEIGHT, "layer": layers})


def calendar(weeks_of_unit: dict[str, list[Row]], names: dict[str, str]) -> str:
    """What each unit delivered in each week: one line a unit, in the order of the names."""
    values = []
    for unit, name in names.items():
        for state, run in groupby(weeks_of_unit[unit], key=lambda week: week["state"]):
            weeks = list(run)
            if state != "not_expected":
                start, end = weeks[0]["week_start"], date.fromordinal(weeks[-1]["week_start"].toordinal() + 7)
                colour = STATE_COLOURS[state]
                said = {"unit": name, "from": start.isoformat(), "to": end.isoformat(), "colour": colour}
                values.append(said)
    axis = {"labelFontSize": 12, "labelLimit": 250, "domain": False, "ticks": False}
    encoding = {
        "y": {"field": "unit", "type": "nominal", "sort": list(names.values()), "axis": axis},
        "x": {"field": "from", **_TIME},
        "x2": {"field": "to"},
        "color": {"field": "colour", "type": "nominal", "scale": None},
    }
    mark = {"type": "bar", "height": {"band": 0.72}}
    # A browser's letters may be wider than those that Vega-Lite has measured.
    size = {"width": WIDTH + 180, "height": {"step": 15}, "padding": {"left": 30, "right": 4, "top": 4, "bottom": 4}}
    return draw({**size, "data": {"values": values}, "mark": mark, "encoding": encoding})
