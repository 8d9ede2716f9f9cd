"""The peers: each in an environment of its own, made from the package index when it is missing."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import psycopg

from bench.database import FOLDER
from bench.measure import Watched, watched
from bench.programme import COLUMNS
from sangkien.settings import PROJECT_ROOT

PEERS = Path(__file__).parent / "peers"
PACKAGES = {
    "stack": ("dlt[postgres]", "pyarrow", "great-expectations[postgresql]", "dbt-core", "dbt-postgres"),
    "tools": (
        "pandas", "sqlalchemy", "psycopg[binary]", "polars", "pyarrow", "adbc-driver-postgresql",
        "duckdb==1.5.5", "duckdb-extension-postgres-scanner==1.5.5", "openpyxl",
    ),
}  # fmt: skip

PEER_TOOLS = {
    "dlt": "dlt, Arrow to csv and COPY",
    "pandas": "pandas to_sql, many rows a statement",
    "polars": "polars, ADBC",
    "duckdb": "DuckDB, its postgres",
}

Load = Callable[[str, Path], tuple[float, float, dict[str, object]]]


def peer_python(name: str) -> Path:
    """The Python of a peer's environment."""
    environment = FOLDER / name
    python, whole = environment / "bin" / "python", environment / "whole"
    if not whole.exists():
        uv = shutil.which("uv") or PROJECT_ROOT / ".uv" / "bin" / "uv"
        print(f"making the environment of {name} (once) ...", flush=True)
        subprocess.run([uv, "venv", "--quiet", "--clear", environment], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, *PACKAGES[name]], check=True)
        whole.touch()
    return python


def peer_versions() -> dict[str, str]:
    """The versions of the packages in the peers' environments that there are."""
    names = [
        (peer, re.split(r"[\[=]", package)[0])
        for peer, packages in PACKAGES.items()
        for package in packages
        if (FOLDER / peer / "whole").exists()
    ]
    versions: dict[str, str] = {}
    for peer, package in names:
        asked = f"import importlib.metadata as m; print(m.version({package!r}))"
        done = subprocess.run([peer_python(peer), "-c", asked], check=True, stdout=subprocess.PIPE, text=True)
        versions[package] = done.stdout.strip()
    return versions


def run_peer(name: str, script: str, arguments: Sequence[str | Path]) -> Watched:
    """Run a peer's script, watched."""
    return watched([peer_python(name), PEERS / script, *arguments], {})


def peer_seconds(seen: Watched) -> float:
    """The seconds that a script has told in its last line: those without the start of its Python."""
    return float(json.loads(seen.said.splitlines()[-1])["seconds"])


def dlt_arguments(dsn: str, inbox: Path, state: Path, settings: str) -> list[str | Path]:
    """What bench/peers/dlt_intake.py needs to know."""
    return [dsn, inbox, state, settings, ",".join(COLUMNS)]


def loading_peers(tools: Iterable[str]) -> dict[str, Load]:
    """Other tools that load the same files, by what they are called in the results."""
    return {PEER_TOOLS[tool]: _dlt_best if tool == "dlt" else partial(_tool, tool) for tool in tools}


def _tool(tool: str, dsn: str, inbox: Path) -> tuple[float, float, dict[str, object]]:
    return _load("tools", "tool_intake.py", [tool, dsn, inbox, ",".join(COLUMNS)], dsn)


def _dlt_best(dsn: str, inbox: Path) -> tuple[float, float, dict[str, object]]:
    state = FOLDER / "dlt-state"
    shutil.rmtree(state, ignore_errors=True)
    return _load("stack", "dlt_intake.py", dlt_arguments(dsn, inbox, state, "best"), dsn)


def _load(name: str, script: str, arguments: Sequence[str | Path], dsn: str) -> tuple[float, float, dict[str, object]]:
    """A peer's own seconds, without the start of its Python, as those of ours are; it has filled landing.initiative."""
    seen = run_peer(name, script, arguments)
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("select count(*) from landing.initiative").fetchone()
    return peer_seconds(seen), seen.peak_rss_mib, {"rows": rows[0] if rows else 0}
