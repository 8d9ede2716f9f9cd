"""The bulletin in a real Chromium, from a folder: as wide as a desk and as a phone."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from tests.bulletin.conftest import SILENT_UNIT, UNIT

WIDTHS = {"desktop": 1280, "phone": 390}
PAGES = [
    "index.html",
    "en/index.html",
    f"units/{UNIT}.html",
    f"en/units/{UNIT}.html",
    f"units/{SILENT_UNIT}.html",
    "downloads/tu-dien-du-lieu.html",
]
AXE = resources.files("axe_core_python").joinpath("axe.min.js")
# A chart is drawn when it takes up room and holds marks in colour.
_EMPTY_CHARTS = """
return [...document.querySelectorAll("figure.chart > svg")].filter((svg) => {
    const box = svg.getBoundingClientRect();
    return box.width < 200 || box.height < 100 || svg.querySelectorAll("path[fill], path[stroke]").length < 2;
}).length
"""


def _log(browser: Chrome, kind: str) -> list[dict[str, Any]]:
    """What the browser has noted since it was last asked."""
    entries: list[dict[str, Any]] = browser.get_log(kind)  # type: ignore[no-untyped-call]
    return entries


def _open(browser: Chrome, page: Path, width: int) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    for kind in ("browser", "performance"):
        _log(browser, kind)  # what came before is not this page's
    browser.get(page.as_uri())


def _asked_of_the_network(browser: Chrome) -> list[str]:
    messages = [json.loads(entry["message"])["message"] for entry in _log(browser, "performance")]
    sent = [m["params"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    urls = [request["request"]["url"] for request in sent if request["documentURL"].startswith("file:")]
    assert urls, "the page itself is a request"
    return [url for url in urls if not url.startswith(("file:", "data:"))]


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("page", PAGES)
def test_page_opens_from_a_folder(site: Path, browser: Chrome, page: str, width: int) -> None:
    _open(browser, site / page, width)
    assert _asked_of_the_network(browser) == []
    assert _log(browser, "browser") == []
    assert browser.execute_script(_EMPTY_CHARTS) == 0
    charts = {"index.html": 3, "units": 2}.get(page.removeprefix("en/").split("/", maxsplit=1)[0], 0)
    assert len(browser.find_elements(By.CSS_SELECTOR, "figure.chart > svg")) == charts
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_no_serious_fault(site: Path, browser: Chrome, page: str, width: int) -> None:
    _open(browser, site / page, width)
    browser.execute_script("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    browser.execute_script(AXE.read_text("utf-8"))
    found = browser.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
    serious = [
        (fault["id"], fault["nodes"][0]["html"][:200], len(fault["nodes"]))
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]
    assert serious == []
    assert len(found["passes"]) > 10


def test_every_link_leads_somewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        document = lxml.html.parse(str(page)).getroot()
        ids = set(document.xpath("//@id"))
        for link in document.xpath("//a/@href"):
            assert link[1:] in ids if link.startswith("#") else (page.parent / link).exists(), (page, link)


@pytest.mark.parametrize(
    ("typed", "opens"), [("thanh hoa", UNIT), ("Công đoàn Giáo dục Việt Nam", "cd-giao-duc"), ("tàu thủy", SILENT_UNIT)]
)
def test_an_officer_finds_the_unit_by_keyboard(site: Path, browser: Chrome, typed: str, opens: str) -> None:
    _open(browser, site / "index.html", 390)
    browser.switch_to.active_element.send_keys(Keys.TAB)
    for _ in range(30):
        if browser.switch_to.active_element.get_attribute("id") == "unit":
            break
        browser.switch_to.active_element.send_keys(Keys.TAB)
    browser.switch_to.active_element.send_keys(typed, Keys.ESCAPE, Keys.ENTER)
    WebDriverWait(browser, 10).until(lambda chrome: chrome.current_url.endswith(f"/units/{opens}.html"))


def test_several_or_no_units_are_said_so(site: Path, browser: Chrome) -> None:
    _open(browser, site / "index.html", 1280)
    field = browser.find_element(By.ID, "unit")
    said = browser.find_element(By.CSS_SELECTOR, "#find output")
    field.send_keys("quang", Keys.ESCAPE, Keys.ENTER)
    assert len(said.find_elements(By.TAG_NAME, "a")) > 3
    field.clear()
    field.send_keys("không có", Keys.ESCAPE, Keys.ENTER)
    assert said.text == "Không có đơn vị nào mang tên này."
