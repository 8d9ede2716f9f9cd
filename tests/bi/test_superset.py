"""The dashboards, as the people see them for whom they are made; and what an officer must not see."""

import json
import time
from typing import Any

import httpx
import polars as pl
import pytest
import yaml
from selenium.common.exceptions import ElementNotInteractableException, StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from sangkien.contract.text import clean, shortened
from sangkien.intake.personal import masked
from tests.bi.conftest import BI, NO_UNIT, OTHER, PASSWORD, UNIT, Superset
from tests.privacy import hostile
from tests.privacy.persons import THIRD

pytestmark = pytest.mark.superset
PATIENCE = 240
INVISIBLE = "\u2060"  # behind what would begin a tag: bi/superset/superset_config.py
DASHBOARDS = {"programme": "office", "quality": "office", "unit": UNIT}
ASSETS = BI / "assets"


@pytest.mark.parametrize(("dashboard", "user"), DASHBOARDS.items(), ids=DASHBOARDS)
def test_every_chart_of_a_dashboard_has_data(dashboard: str, user: str, superset: Superset, browser: Chrome) -> None:
    browser.set_window_size(1400, 2400)  # Superset asks only for charts in sight
    _log_in(browser, superset, user)
    browser.get_log("performance")  # type: ignore[no-untyped-call]
    browser.get(f"{superset.url}/superset/dashboard/{dashboard}/?standalone=1")
    expected = len(_charts(dashboard))
    answers = _answers(browser, expected)
    browser.save_screenshot(str(superset.warehouse.folder / f"{dashboard}.png"))
    assert len(answers) == expected
    for answer in answers:
        for result in answer["result"]:
            assert result["error"] is None
            assert result["rowcount"] > 0, result
    assert not browser.find_elements(By.CSS_SELECTOR, ".ant-alert-error, [data-test='error-container']")
    assert len(browser.find_elements(By.CSS_SELECTOR, "[data-test='chart-container']")) == expected


@pytest.mark.parametrize(("folder", "user"), {"office": "office", "unit": UNIT}.items())
def test_datasets_have_the_columns_of_their_marts(folder: str, user: str, superset: Superset) -> None:
    with superset.login(user) as client:
        found = client.get("/api/v1/dataset/", params={"q": "(page_size:100)"}).raise_for_status().json()["result"]
        assert len(found) == len(list((ASSETS / "datasets" / folder).glob("*.yaml")))
        for dataset in found:
            asked = client.get(f"/api/v1/dataset/{dataset['id']}").raise_for_status().json()["result"]
            columns = [column["column_name"] for column in asked["columns"]]
            body = _body(dataset["id"], columns=columns)
            answer = client.post("/api/v1/chart/data", json=body)
            assert answer.is_success, (dataset["table_name"], answer.text)


def test_an_officer_sees_no_detail_of_another_unit(superset: Superset) -> None:
    own = _own_initiatives(superset)
    with superset.login(UNIT) as client:
        assert _rows(client, own, ["unit_code"]) == [{"unit_code": UNIT}]
        other = {"col": "unit_code", "op": "==", "val": OTHER}
        assert _rows(client, own, ["unit_code"], filters=[other]) == []
        expected = superset.warehouse.query("select count(*) as n from marts.fct_initiative where unit_code = %s", UNIT)
        assert _rows(client, own, [], metrics=[_metric("count(*)", "n")]) == expected


@pytest.mark.parametrize("user", ["admin", NO_UNIT])
def test_who_is_no_unit_is_nobody_to_the_database(user: str, superset: Superset) -> None:
    own = _own_initiatives(superset)
    with superset.login(user) as client:
        answer = client.post("/api/v1/chart/data", json=_body(own, metrics=[_metric("count(*)")]))
        assert answer.is_client_error
        assert f'authentication failed for user \\"{user}\\"' in answer.text


# An officer may send any expression. This one runs a query of its own after it has said who it is.
_OTHERS = (
    "ts_rewrite('x', 'select ''x''::tsquery, plainto_tsquery(''simple'', count(*)::text)"  # noqa: S608
    f" from marts.fct_initiative where unit_code = ''{OTHER}'' ')::text"
)
_SAYS = f"set_config('sangkien.unit', '{OTHER}', false)"


@pytest.mark.parametrize("says", [_SAYS, f"set_config('role', 'bi_unit', false) || {_SAYS}"])
def test_an_officer_who_says_to_be_another_unit_stays_its_own(says: str, superset: Superset) -> None:
    with superset.login(UNIT) as client:
        metric = _metric(f"max({says} || ' has ' || {_OTHERS})")
        ((told,),) = (row.values() for row in _rows(client, _own_initiatives(superset), [], metrics=[metric]))
    assert told.endswith(f"{OTHER} has '0'")


@pytest.mark.parametrize(
    "expression",
    [
        f"set_config('role', 'bi_unit_{OTHER}', false)",
        f"set_config('role', '{OTHER}', false)",
        f"set_config('session_authorization', '{OTHER}', false)",
        "(select max(unit_code) from marts.fct_initiative_version)",
    ],
)
def test_an_officer_cannot_become_another_unit(expression: str, superset: Superset) -> None:
    with superset.login(UNIT) as client:
        body = _body(_own_initiatives(superset), metrics=[_metric(expression)])
        answer = client.post("/api/v1/chart/data", json=body)
        assert answer.is_client_error, answer.text


def test_an_officer_writes_no_sql_and_sees_no_dataset_of_the_office(superset: Superset) -> None:
    with superset.login("admin") as client:
        databases = client.get("/api/v1/database/").raise_for_status().json()["result"]
        office = _dataset(client, "unit_ranking_now")
    with superset.login(UNIT) as client:
        for database in databases:
            sql = {
                "database_id": database["id"],
                "sql": "select unit_code from marts.fct_initiative",
                "runAsync": False,
            }
            assert client.post("/api/v1/sqllab/execute/", json=sql).is_client_error
        assert client.post("/api/v1/chart/data", json=_body(office, columns=["unit_code"])).status_code == 403


@pytest.mark.parametrize(("user", "table"), [("office", "fct_delivery"), (UNIT, "fct_initiative")])
def test_no_text_of_a_connection_begins_a_tag(user: str, table: str, superset: Superset) -> None:
    with superset.login("admin") as client:
        dataset = _dataset(client, table)
    with superset.login(user) as client:
        (row,) = _rows(client, dataset, [], metrics=[_metric("max('<B>1 < 2<3</b><!-- <?')")])
    assert row == {"m": f"<{INVISIBLE}B>1 < 2<3<{INVISIBLE}/b><{INVISIBLE}!-- <{INVISIBLE}?"}


def test_each_hostile_value_is_shown_as_text(superset: Superset, browser: Chrome) -> None:
    """In the tables and the charts that the house draws, with the values where it has codes."""
    text = "grassroots_union_name"
    table = _chart_params("own_lines") | {
        "all_columns": ["initiative_code", text],
        "adhoc_filters": [],
        "order_by_cols": [],
    }
    pie = _chart_params("own_verdicts") | {"groupby": [text], "row_limit": 250}
    with superset.login("admin") as client:
        dashboard = _make_dashboard(client, _own_initiatives(superset), [table, pie])
    browser.set_window_size(1400, 2400)
    _log_in(browser, superset, THIRD)
    browser.get_log("performance")  # type: ignore[no-untyped-call]
    browser.get(f"{superset.url}/superset/dashboard/{dashboard}/?standalone=1")
    for answer in _answers(browser, 2):
        assert answer["result"][0]["error"] is None
    WebDriverWait(browser, PATIENCE).until(lambda page: page.find_elements(By.CSS_SELECTOR, "tbody tr"))
    cells = browser.execute_script(
        "return [...document.querySelectorAll('tbody tr')].map(row => [...row.cells])"
        ".map(([code, cell]) => [code.textContent, cell.textContent, cell.childElementCount])"
    )
    browser.save_screenshot(str(superset.warehouse.folder / "hostile.png"))
    shown = {code: (text, elements) for code, text, elements in cells if code.startswith("H-")}
    assert len(shown) == len(hostile.VALUES)
    for number, value in enumerate(shortened(masked(clean(pl.Series(hostile.VALUES)))).fill_null("N/A")):
        told, elements = shown[f"H-{number}"]
        assert elements == 0, value
        assert told.replace(f"<{INVISIBLE}", "<") == value
    assert browser.execute_script("return window.hit") is None


# helpers -------------------------------------------------------------------------------------------------------------


def _chart_params(chart: str) -> dict[str, Any]:
    params: dict[str, Any] = yaml.safe_load((ASSETS / f"charts/{chart}.yaml").read_text("utf-8"))["params"]
    return params


def _make_dashboard(client: httpx.Client, dataset: int, charts: list[dict[str, Any]]) -> int:
    """A published dashboard with a row for each chart; its number."""
    token = client.get("/api/v1/security/csrf_token/").raise_for_status().json()["result"]
    client.headers.update({"X-CSRFToken": token, "Referer": str(client.base_url)})
    body: dict[str, Any] = {"dashboard_title": "hostile", "published": True}
    dashboard = int(client.post("/api/v1/dashboard/", json=body).raise_for_status().json()["id"])
    position: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": [], "parents": ["ROOT_ID"]},
    }
    for number, params in enumerate(charts):
        body = {
            "slice_name": f"hostile {number}", "viz_type": params["viz_type"], "params": json.dumps(params),
            "datasource_id": dataset, "datasource_type": "table", "dashboards": [dashboard],
        }  # fmt: skip
        chart = client.post("/api/v1/chart/", json=body).raise_for_status().json()["id"]
        row, place = f"ROW-{number}", f"CHART-{number}"
        parents = ["ROOT_ID", "GRID_ID"]
        position["GRID_ID"]["children"].append(row)
        position[row] = {"type": "ROW", "id": row, "children": [place], "parents": parents, "meta": {}}
        meta = {"width": 12, "height": 80, "chartId": chart}
        position[place] = {"type": "CHART", "id": place, "children": [], "parents": [*parents, row], "meta": meta}
    client.put(f"/api/v1/dashboard/{dashboard}", json={"position_json": json.dumps(position)}).raise_for_status()
    return dashboard


def _charts(dashboard: str) -> list[str]:
    position = yaml.safe_load((ASSETS / f"dashboards/{dashboard}.yaml").read_text("utf-8"))["position"]
    return [key for key in position if key.startswith("CHART-")]


def _log_in(browser: Chrome, superset: Superset, user: str) -> None:
    browser.get(f"{superset.url}/login/")
    browser.delete_all_cookies()
    browser.get(f"{superset.url}/login/")

    def is_in(page: Chrome) -> bool:
        """Whether the form has let the user in; filled in again where it was not ready when it was sent."""
        if "/login" not in page.current_url:
            return True
        for selector, value in (("#username, [name=username]", user), ("[type=password]", PASSWORD)):
            for field in page.find_elements(By.CSS_SELECTOR, selector):
                field.clear()
                field.send_keys(value)
        for button in page.find_elements(By.CSS_SELECTOR, "button[type=submit]"):
            button.click()
        return False

    leaving = (StaleElementReferenceException, ElementNotInteractableException)
    WebDriverWait(browser, PATIENCE, poll_frequency=5, ignored_exceptions=leaving).until(is_in)


def _answers(browser: Chrome, expected: int) -> list[dict[str, Any]]:
    """What the server told the charts: as many answers as there are charts, or what came in time."""
    requests: dict[str, None] = {}
    done: set[str] = set()
    deadline = time.monotonic() + PATIENCE
    while len(done & requests.keys()) < expected and time.monotonic() < deadline:
        for entry in browser.get_log("performance"):  # type: ignore[no-untyped-call]
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.loadingFinished":
                done.add(message["params"]["requestId"])
            elif message["method"] == "Network.responseReceived":
                response = message["params"]
                if "/api/v1/chart/data" in response["response"]["url"]:
                    requests[response["requestId"]] = None
        time.sleep(0.5)
    bodies = [browser.execute_cdp_cmd("Network.getResponseBody", {"requestId": one})["body"] for one in requests]
    WebDriverWait(browser, PATIENCE).until(
        lambda page: not page.find_elements(By.CSS_SELECTOR, "[data-test='loading-indicator']")
    )
    return [json.loads(body) for body in bodies]


def _own_initiatives(superset: Superset) -> int:
    with superset.login("admin") as client:
        return _dataset(client, "fct_initiative")


def _metric(expression: str, label: str = "m") -> dict[str, str]:
    return {"expressionType": "SQL", "sqlExpression": expression, "label": label}


def _dataset(client: httpx.Client, table: str) -> int:
    found = client.get("/api/v1/dataset/", params={"q": "(page_size:100)"}).raise_for_status().json()["result"]
    (number,) = [one["id"] for one in found if one["table_name"] == table]
    return int(number)


def _body(dataset: int, **query: Any) -> dict[str, Any]:
    asked = {"columns": [], "metrics": [], "filters": [], "row_limit": 100, "orderby": [], **query}
    return {
        "datasource": {"id": dataset, "type": "table"},
        "queries": [asked],
        "result_format": "json",
        "result_type": "full",
        "force": True,
    }


def _rows(client: httpx.Client, dataset: int, columns: list[str], **query: Any) -> list[dict[str, Any]]:
    query = {"metrics": [], **query}
    if columns:  # distinct
        query["metrics"] = query["metrics"] or [_metric("1", "one")]
    answer = client.post("/api/v1/chart/data", json=_body(dataset, columns=columns, **query))
    assert answer.is_success, answer.text
    return [{name: row[name] for name in row if name != "one"} for row in answer.json()["result"][0]["data"]]
