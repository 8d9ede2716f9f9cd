"""The how-tos are tried as written: their changes are made to a copy of the project, and what they promise happens."""

import io
import json
import re
import subprocess
import textwrap
from pathlib import Path

import polars as pl
import pytest

from sangkien.settings import PROJECT_ROOT
from tests.conftest import Warehouse
from tests.intake.conftest import copy_project
from tests.scenarios.build import HEADINGS, csv_file, initiative

ROW = initiative("howto", "SK1")
CSV = csv_file([ROW])


def _parquet() -> bytes:
    file = io.BytesIO()
    pl.DataFrame({HEADINGS[name]: [value] for name, value in ROW.items()}).write_parquet(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("howto", "unit", "extension", "content", "before"),
    [
        ("add-an-alias", "ldld-ha-noi", "csv", CSV.replace("Mã sáng kiến".encode(), "KÝ HIỆU sáng kiến".encode()),
         "missing_column"),
        ("add-a-unit", "cd-xi-mang", "csv", CSV, "unknown_unit"),
        ("add-a-file-format", "ldld-ha-noi", "parquet", _parquet(), "unknown_name"),
    ],
)  # fmt: skip
def test_howto(tmp_path: Path, howto: str, unit: str, extension: str, content: bytes, before: str) -> None:
    copy = copy_project(tmp_path)
    file = tmp_path / f"initiatives_2023-08-31.{extension}"
    file.write_bytes(content)
    installation = Warehouse("postgresql://nobody@127.0.0.1:1/none", tmp_path, {"PYTHONPATH": str(copy / "plugins")})

    def check() -> dict[str, object]:
        done = installation.command("check", file, "--unit", unit, "--json")
        receipt: dict[str, object] = json.loads(done.stdout)
        return receipt

    assert check()["reason"] == before
    _apply(howto, copy)
    receipt = check()
    assert (receipt["status"], receipt["rows_accepted"]) == ("accepted", 1)


def _apply(howto: str, copy: Path) -> None:
    """What a person does who follows the page."""
    page = (PROJECT_ROOT / "docs" / "howto" / f"{howto}.md").read_text("utf-8")
    (block,) = re.findall(r"^ *```diff\n(.*?)^ *```", page, re.DOTALL | re.MULTILINE)
    change = textwrap.dedent(block).rstrip() + "\n"
    subprocess.run(
        ["git", "apply", "--unidiff-zero", "--ignore-whitespace", "-"], cwd=copy, input=change.encode(), check=True
    )
