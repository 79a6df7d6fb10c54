"""The interactive API page: it works behind a key, under the strict policy, and asks no other host."""

import base64
import gzip
from collections.abc import Iterator

import httpx
import pytest

from plait.http.security import AccessPolicy
from plait.http.static_files import VENDOR_FOLDER
from plait.service.catalog import Catalog
from tests.support.browser import Browser
from tests.support.running_server import HOUSE, RunningServer, serve_catalog
from tools import vendor

BASIC = "Basic " + base64.b64encode(b"me:secret").decode()
OPERATION = "#operations-tasks-turn"


@pytest.fixture(scope="module")
def house() -> Iterator[RunningServer]:
    policy = AccessPolicy.from_settings("127.0.0.1", (), ("secret",))
    with serve_catalog(Catalog.with_files(HOUSE), rules=policy) as server:
        yield server


def test_the_third_party_files_are_the_recorded_ones() -> None:
    assert vendor.wrong_files() == []
    assert sum(file.stat().st_size for file in VENDOR_FOLDER.iterdir()) < 1_500_000


def test_a_third_party_file_is_sent_compressed_to_those_who_take_it(house: RunningServer) -> None:
    url, key = f"{house.url}/vendor/swagger-ui.css", {"authorization": BASIC}
    packed = httpx.get(url, headers=key)
    plain = httpx.get(f"{url}?v=1", headers={**key, "accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip" and packed.headers["content-type"].startswith("text/css")
    assert "content-encoding" not in plain.headers and "immutable" in plain.headers["cache-control"]
    assert packed.content == plain.content == gzip.decompress((VENDOR_FOLDER / "swagger-ui.css.gz").read_bytes())
    assert httpx.get(f"{house.url}/vendor/nothing.js", headers=key).status_code == 404
    assert httpx.get(f"{house.url}/vendor/..%2fpages.py", headers=key).status_code == 404


def test_the_page_needs_a_key_where_others_do(house: RunningServer) -> None:
    assert httpx.get(f"{house.url}/docs").status_code == 401
    assert httpx.get(f"{house.url}/docs", headers={"authorization": BASIC}).status_code == 200


@pytest.mark.slow
@pytest.mark.browser
def test_an_endpoint_is_tried_on_the_page(browser: Browser, house: RunningServer) -> None:
    browser.ask("Network.setExtraHTTPHeaders", headers={"Authorization": BASIC})
    browser.dark()
    browser.open(f"{house.url}/docs?lang=en", 390)
    browser.click(f"{OPERATION} .opblock-summary-control")
    browser.until(f"document.querySelector('{OPERATION} textarea.body-param__text')")
    assert browser.run("document.documentElement.classList.contains('dark-mode')")
    assert browser.run("document.documentElement.scrollWidth") <= 390
    # React listens to the event of the field, not to its value.
    body = '{"wish": "lamp one off", "lamps": [{"name": "lamp one", "kind": "table"}]}'
    browser.run(f"document.querySelector('{OPERATION} textarea').focus()")
    browser.run(f"document.querySelector('{OPERATION} textarea').select()")
    browser.type(body)
    browser.click(f"{OPERATION} .execute")
    browser.until(f"document.querySelector('{OPERATION} .live-responses-table tbody .response-col_status')")
    assert browser.text(f"{OPERATION} .live-responses-table tbody .response-col_status").startswith("200")
    assert browser.run("document.documentElement.scrollWidth") <= 390
    hosts = {address.split("/")[2] for address in browser.asked_for if address.startswith("http")}
    assert hosts == {house.url.split("/")[2]}
