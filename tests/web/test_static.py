"""How long a browser keeps the files of the pages."""

from collections.abc import Iterator

import httpx
import pytest

from plait.service.catalog import Catalog
from plait.web.templating import asset
from tests.support.running_server import serve_catalog


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serve_catalog(Catalog(())) as house:
        yield house.url


def test_a_file_with_a_content_hash_is_cached_forever(site: str) -> None:
    assert "immutable" in httpx.get(site + asset("chat.js")).headers["cache-control"]


def test_an_imported_script_is_revalidated_and_sent_once(site: str) -> None:
    first = httpx.get(f"{site}/static/prose.js")
    assert first.headers["cache-control"] == "no-cache"
    again = httpx.get(f"{site}/static/prose.js", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_missing_file_is_not_cached(site: str) -> None:
    missing = httpx.get(f"{site}/static/nothing.js?v=1")
    assert missing.status_code == 404 and "immutable" not in missing.headers.get("cache-control", "")
