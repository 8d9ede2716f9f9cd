"""The bulletin as a PDF, printed by Chromium."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_PATIENCE_SECONDS = 120


class NoChromiumError(Exception):
    """There is no Chromium to print with."""


def find_chromium() -> str:
    """The path of Chromium or Chrome.

    Raises:
        NoChromiumError: None is installed.
    """
    for name in _NAMES:
        if found := shutil.which(name):
            return found
    raise NoChromiumError("a PDF needs Chromium: apt-get install chromium")


def print_pdf(chromium: str, page: Path, target: Path) -> None:
    """Print a page into a PDF, by the page's own print style (A4).

    Raises:
        RuntimeError: Chromium did not print; the message says what it said.
    """
    with tempfile.TemporaryDirectory() as profile:
        options = ["--headless", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
        if os.geteuid() == 0:  # Chromium's sandbox refuses root
            options.append("--no-sandbox")
        said = subprocess.run(
            [
                chromium,
                *options,
                f"--user-data-dir={profile}",
                "--no-pdf-header-footer",
                f"--print-to-pdf={target}",
                page.resolve().as_uri(),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE_SECONDS,
        )
    if said.returncode or not target.exists():
        raise RuntimeError(f"Chromium printed no PDF: {said.stderr[-500:]}")
