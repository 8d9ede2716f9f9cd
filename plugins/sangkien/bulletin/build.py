"""Build the bulletin into a folder, and let it be seen as a whole or not at all."""

import fcntl
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sangkien.bulletin.downloads import write_downloads
from sangkien.bulletin.figures import read_figures
from sangkien.bulletin.pages import Pages
from sangkien.bulletin.pdf import find_chromium, print_pdf

LATEST = "latest"
_BUILDING = ".building-"
_PDF = "ban-tin-tuan.pdf"


@dataclass(frozen=True)
class BulletinResult:
    """What was built: which publication, where, how much of it."""

    publication: int
    folder: Path
    files: int
    bytes: int


def build_bulletin(dsn: str, folder: Path, *, publication: int | None = None, pdf: bool = False) -> BulletinResult:
    """Build the site of a publication into `folder/publication-N-…` and let `folder/latest` show it.

    `latest` is a link that moves when all is written: whoever opens it sees the old site or the new one, and a build
    that fails leaves the old one. The site that `latest` showed before stays, for those who are reading it.

    Args:
        dsn: The warehouse.
        folder: Where the sites are kept; made where it is missing.
        publication: Which one to tell; none: the one that readers see.
        pdf: Whether to print the index into a PDF too.

    Raises:
        NothingPublishedError: There is no such publication.
        NoChromiumError: A PDF was asked for, and there is nothing to print it with.
    """
    chromium = find_chromium() if pdf else ""
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        figures = read_figures(dsn, publication)
        site = folder / f"{_BUILDING}{figures.publication}"
        site.mkdir()
        pages = Pages(figures)
        for path, page in pages.all():
            _write(site / path, page)
        tables = write_downloads(dsn, figures.publication, site / "downloads")
        for path, page in pages.dictionary(tables):
            _write(site / path, page)
        if chromium:
            print_pdf(chromium, site / "index.html", site / _PDF)
        built = site.rename(folder / f"publication-{figures.publication}-{time.time_ns():x}")
        _show(folder, built)
    files = [file for file in built.rglob("*") if file.is_file()]
    return BulletinResult(figures.publication, built, len(files), sum(file.stat().st_size for file in files))


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def _show(folder: Path, built: Path) -> None:
    """Move the link, then take away the sites that neither it nor its predecessor shows."""
    link = folder / LATEST
    before = link.resolve()
    waiting = folder / f"{_BUILDING}link"
    waiting.symlink_to(built.name)
    waiting.replace(link)
    for site in folder.glob("publication-*"):
        if site.resolve() not in (built.resolve(), before):
            shutil.rmtree(site)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One build at a time; what a killed one has left is taken away."""
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        for left in folder.glob(f"{_BUILDING}*"):
            shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
        yield
