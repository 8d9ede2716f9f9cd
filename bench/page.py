"""`make bench-page`: docs/benchmarks.md and its charts, written from bench/results/*.json and nothing else.

python -m bench.page
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.sizes import PROGRAMME, ROWS
from bench.targets import GROWTH_NIGHT, TARGETS, Results, initiatives, night_of, tenfold
from sangkien.bulletin.charts import AMBER, BLUE, GREY, draw
from sangkien.settings import PROJECT_ROOT

RESULTS = Path(__file__).parent / "results"
DOCS = PROJECT_ROOT / "docs"
PAGE = "benchmarks.md"
HEAD = f"""# Benchmarks

*Written by `make bench-page` from `bench/results/*.json`; do not edit.* `make bench` measures everything anew, on
{ROWS:,} initiatives; `make bench ROWS={PROGRAMME}` on the whole programme. `make bench-quick` shows a small refresh and
a night, and leaves this page alone.

Everything in one table ran in one run, on the same files, on one machine; times are medians. "By hand" is what a good
engineer would write for this one purpose: bare `COPY` in two processes, SQL that types, flags and looks for duplicates,
`create table as`. It keeps no evidence, no history, no receipts, and nobody can read the old figures meanwhile. "The
stack" is [dlt, Great Expectations out of the box and dbt tables](../bench/stack.py): it stores no verdicts and no
history. Its times and those of a whole run of ours count from the start of the programs. Peers run in their own
environments.
"""
# What is said above the table of each result.
SECTIONS = {
    "refresh": "A full refresh, from files to publication",
    "night": "A night on that history",
    "intake": "Intake",
    "spreadsheet": "A workbook of 100,000 rows",
    "judge": "From landing to verdicts",
    "judge_expectations": "Great Expectations over the row rules",
    "build": "All marts",
    "airflow": "A night through Airflow",
}


def main() -> None:
    """Write the page and its charts."""
    for chart in DOCS.glob("benchmarks-*.svg"):  # of a result that is no more
        chart.unlink()
    for name, text in pages(read_results(RESULTS)).items():
        (DOCS / name).write_text(text, encoding="utf-8")
        print(f"docs/{name}")


def read_results(folder: Path) -> dict[str, Any]:
    """Every result, by its name."""
    return {file.stem: json.loads(file.read_text("utf-8")) for file in sorted(folder.glob("*.json"))}


def pages(results: Results) -> dict[str, str]:
    """The files under docs/, by name: what the results say."""
    files: dict[str, str] = {}
    parts = [HEAD, *_targets(results), *(_surroundings(results) if results else ())]
    for name, title in SECTIONS.items():
        if name not in results:
            continue
        parts.append(f"## {title}\n")
        if name in {"refresh", "night"}:
            files[f"benchmarks-{name}.svg"] = _bars(results[name])
            parts.append(f"![Seconds of each](benchmarks-{name}.svg)\n")
        parts += _contenders(results[name])
    if "questions" in results:
        parts += _questions(results["questions"])
    if "growth" in results:
        parts += _growth(results["growth"])
        if any(night_of(history, GROWTH_NIGHT) for history in results["growth"]["histories"]):
            files["benchmarks-growth.svg"] = _curves(results["growth"])
            parts.append(
                f"![Seconds of a night of {GROWTH_NIGHT:,} rows by length of history](benchmarks-growth.svg)\n"
            )
    return {PAGE: "\n".join(parts), **files}


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first hold figures."""
    lines = [f"| {' | '.join(head)} |", f"|---|{'---:|' * (len(head) - 1)}"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows]) + "\n"


# whole page ----------------------------------------------------------------------------------------------------------


def _targets(results: Results) -> Iterator[str]:
    yield f"""## Targets

They are about the whole programme ({PROGRAMME:,} initiatives) on two cores. In brackets: measured on fewer.
"""
    rows = []
    for target in TARGETS:
        value = target.measured(results)
        size = initiatives(results[target.bench]) if target.bench in results else None
        rows.append((
            target.what,
            f"{'at most' if target.most else 'at least'} {_figure(target.limit, target.unit)}",
            "" if value is None else _figure(value, target.unit),
            target.verdict(results),
            f"{size:,}" if size else "",
            str(target.issue),
        ))  # fmt: skip
    yield _table(("what", "target", "measured", "", "initiatives", "issue"), rows)


def _figure(value: float, unit: str) -> str:
    return f"{value:,.{2 if unit == 'x' else 0}f} {unit}"


def _surroundings(results: Results) -> Iterator[str]:
    yield "## Where, when, with what\n"
    rows = []
    for name, result in results.items():
        machine = result["machine"]
        rows.append(
            (name, result["at"][:16].replace("T", " "), f"{machine['cores']} cores, {machine['memory_gib']} GiB")
        )
    yield _table(("result", "measured (UTC)", "machine"), rows)
    newest: dict[str, str] = {}
    for result in sorted(results.values(), key=lambda one: one["at"]):
        newest |= {"Python": result["python"]} | result["versions"] | result["peers"]
    yield ", ".join(f"{name} {version}" for name, version in sorted(newest.items())) + ".\n"


# a result ------------------------------------------------------------------------------------------------------------


def _contenders(result: Mapping[str, Any]) -> Iterator[str]:
    facts = ", ".join(f"{name} {value:,}" for name, value in result["facts"].items())
    yield f"{facts}.\n"
    yield _table(
        ("", "median", f"of {result['limit']}", "peak MiB", "runs", "WAL MiB"),
        (
            (
                one["name"],
                f"{one['median']:.1f} s",
                f"{one['ratio']:.2f}",
                f"{one['peak_rss_mib']:,.0f}",
                str(len(one["seconds"])),
                _wal(one["detail"]),
            )
            for one in result["contenders"]
        ),
    )
    parts = [(one["name"], _parts(one["detail"])) for one in result["contenders"]]
    if any(steps for _, steps in parts):
        yield "What took how long (seconds, of the last run):\n"
        for name, steps in parts:
            if steps:
                yield f"- {name}: {', '.join(f'{step} {seconds:.1f}' for step, seconds in steps.items())}"
        yield ""


def _wal(detail: Mapping[str, Any]) -> str:
    return f"{detail['WAL MiB']:,.0f}" if "WAL MiB" in detail else ""


def _parts(detail: Mapping[str, Any]) -> dict[str, float]:
    """The seconds of each stage or step."""
    if "stages" in detail:
        stages = {name: stage["seconds"] for name, stage in detail["stages"].items()}
        return stages | {"start and between": detail["between stages"]}
    steps: dict[str, float] = detail.get("steps", {})
    return steps


def _questions(result: Mapping[str, Any]) -> Iterator[str]:
    yield "## Twelve questions of a dashboard\n"
    yield "Four readers at once, 95th percentile in milliseconds.\n"
    yield _table(
        ("question", "idle", "during a refresh"),
        (
            (name, f"{told['idle']:.1f}", f"{told['during a refresh']:.1f}")
            for name, told in result["questions"].items()
        ),
    )


# growth --------------------------------------------------------------------------------------------------------------


def _growth(result: Mapping[str, Any]) -> Iterator[str]:
    yield "## Growth\n"
    for who in ("sangkien", "stack"):
        times = tenfold(result, who)
        if times is not None:
            yield f"- {who}: a night of {GROWTH_NIGHT:,} rows takes {times:.2f} times as long on ten times the history."
    yield "\nOf each stage: seconds / peak MiB of our processes / MiB of WAL.\n"
    stages = _stages(result)
    rows = []
    for history in result["histories"]:
        size = f"{history['initiatives']:,}"
        for night in ({"rows": "all", **history["first"]}, *history["nights"]):
            ours, theirs = night["sangkien"], night.get("stack")
            told = ours["detail"]["stages"]
            rows.append((
                size,
                f"{night['rows']:,}" if isinstance(night["rows"], int) else night["rows"],
                f"{ours['seconds'][0]:.1f}",
                *(_stage(told[stage]) if stage in told else "" for stage in stages),
                f"{ours['peak_rss_mib']:,.0f}",
                _wal(ours["detail"]),
                f"{theirs['seconds'][0]:.1f}" if theirs else "",
                _wal(theirs["detail"]) if theirs else "",
            ))  # fmt: skip
    head = ("history", "night", "ours, s", *stages, "peak MiB", "WAL MiB", "the stack, s", "WAL MiB")
    yield _table(head, rows)
    yield "MiB of tables + indexes after the last night, and of the files of the history:\n"
    schemas = _schemas(result)
    yield _table(("history", "files", *schemas, "the stack"), (_sizes(one, schemas) for one in result["histories"]))
    yield _tenfold_disk(result["histories"][-1])


def _stage(told: Mapping[str, float]) -> str:
    return f"{told['seconds']:.1f} / {told['peak MiB']:,.0f} / {told['WAL MiB']:,.0f}"


def _stages(result: Mapping[str, Any]) -> list[str]:
    return list(result["histories"][0]["first"]["sangkien"]["detail"]["stages"])


def _schemas(result: Mapping[str, Any]) -> list[str]:
    last = result["histories"][-1]["nights"][-1]["sangkien"]["detail"]["MiB by schema"]
    return list(last)


def _sizes(history: Mapping[str, Any], schemas: Sequence[str]) -> tuple[str, ...]:
    night = history["nights"][-1]
    ours = night["sangkien"]["detail"]["MiB by schema"]
    both = [ours.get(schema, {"tables": 0, "indexes": 0}) for schema in schemas]
    theirs = f"{_mebibytes(night['stack']):,.0f}" if "stack" in night else ""
    told = (f"{size['tables']:,.0f} + {size['indexes']:,.0f}" for size in both)
    return (f"{history['initiatives']:,}", f"{history['MiB of files']:,}", *told, theirs)


def _mebibytes(measured: Mapping[str, Any]) -> float:
    return float(sum(sum(size.values()) for size in measured["detail"]["MiB by schema"].values()))


def _tenfold_disk(history: Mapping[str, Any]) -> str:
    """What ten times the longest history would take, from what it took."""
    database = _mebibytes(history["first"]["sangkien"])
    files = history["MiB of files"]
    return (
        f"{history['initiatives']:,} initiatives took {database / 1024:.1f} GiB of database and {files / 1024:.1f} GiB"
        f" of files (and as much again in the raw store). Ten times as many would take some"
        f" {(database + 2 * files) * 10 / 1024:,.0f} GiB.\n"
    )


# charts --------------------------------------------------------------------------------------------------------------


def _bars(result: Mapping[str, Any]) -> str:
    """The seconds of each contender."""
    values = [
        {
            "name": one["name"],
            "seconds": round(one["median"], 1),
            "told": f"{one['median']:,.1f}",
            "ours": one["name"].startswith("sangkien"),
        }
        for one in result["contenders"]
    ]
    names = {"axis": {"labelLimit": 330, "domain": False, "ticks": False}, "sort": [one["name"] for one in values]}
    colour = {"condition": {"test": "datum.ours", "value": BLUE}, "value": GREY}
    seconds = {"field": "seconds", "type": "quantitative", "axis": {"tickCount": 5, "domain": False, "ticks": False}}
    named = {"y": {"field": "name", "type": "nominal", **names}, "x": seconds}
    text = {"type": "text", "align": "left", "dx": 4, "fontSize": 12, "color": GREY}
    layer = [
        {"mark": {"type": "bar", "height": {"band": 0.7}}, "encoding": {**named, "color": colour}},
        {"mark": text, "encoding": {**named, "text": {"field": "told", "type": "nominal"}}},
    ]
    return _svg({"width": 420, "height": {"step": 26}, "data": {"values": values}, "layer": layer})


def _curves(result: Mapping[str, Any]) -> str:
    """Seconds of the 25,000-row night by the length of the history, both axes logarithmic."""
    values = [
        {"initiatives": history["initiatives"], "seconds": round(night[who]["seconds"][0], 1), "who": name}
        for history in result["histories"]
        if (night := night_of(history, GROWTH_NIGHT))
        for who, name in (("sangkien", "sangkien"), ("stack", "dlt, Great Expectations, dbt"))
        if who in night
    ]
    axis = {"type": "quantitative", "scale": {"type": "log"}, "axis": {"format": "~s", "tickCount": 4}}
    colours = {"domain": ["sangkien", "dlt, Great Expectations, dbt"], "range": [BLUE, AMBER]}
    encoding = {
        "x": {"field": "initiatives", **axis},
        "y": {"field": "seconds", **axis},
        "color": {"field": "who", "type": "nominal", "scale": colours, "legend": {"title": None, "orient": "top"}},
    }
    mark = {"type": "line", "strokeWidth": 2.5, "point": {"size": 50}}
    return _svg({"width": 420, "height": 240, "data": {"values": values}, "mark": mark, "encoding": encoding})


def _svg(view: Mapping[str, Any]) -> str:
    """A drawing that stands alone: it brings its font and its ground, which the bulletin's style sheet gives there."""
    font = '<svg font-family="Helvetica, Arial, sans-serif"'
    return draw({**view, "background": "#ffffff"}).replace("<svg", font, 1)


if __name__ == "__main__":
    main()
