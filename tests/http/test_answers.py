"""An answer is read and corrected with the key that asked; any other caller gets the error of an unknown id."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from plait.core.prompting.examples import Examples
from plait.core.prompting.project import author_of_key
from plait.http.security import AccessPolicy
from plait.service.catalog import Catalog
from tests.support.ledger_tasks import BILL, read_bill, shorten
from tests.support.running_server import serve_catalog

KEYS = ("k" * 16, "o" * 16)
CATALOG = Catalog((read_bill, shorten))


@pytest.fixture
def open_server() -> Iterator[httpx.Client]:
    """A client of a server without keys."""
    with serve_catalog(CATALOG) as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        yield client


@pytest.fixture
def guarded() -> Iterator[list[httpx.Client]]:
    """A client per key of a server with two."""
    policy = AccessPolicy.from_settings("127.0.0.1", (), KEYS)
    with serve_catalog(CATALOG, rules=policy) as server:
        headers = [{"authorization": f"Bearer {key}"} for key in KEYS]
        clients = [httpx.Client(base_url=server.url, headers=each, trust_env=False) for each in headers]
        yield clients
        for client in clients:
            client.close()


def ask(client: httpx.Client, text: str = "bill 12") -> str:
    return client.post("/v1/tasks/read_bill", json={"text": text}).json()["id"]


def correct(client: httpx.Client, id: str, body: Any) -> httpx.Response:
    return client.post(f"/v1/answers/{id}/correction", json=body)


def stored() -> list[Any]:
    return [example.answer for example in read_bill.examples]


def test_an_answer_is_read_with_its_inputs(open_server: httpx.Client) -> None:
    id = ask(open_server)
    answer = open_server.get(f"/v1/answers/{id}").json()
    assert (answer["task"], answer["inputs"], answer["answer"]) == ("read_bill", {"text": "bill 12"}, BILL)
    assert answer["id"] == id and answer["corrections"] == [] and answer["correction"] is None
    correct(open_server, id, {"fields": {"issued": "2026-05-06"}})
    assert open_server.get(f"/v1/answers/{id}").json()["correction"] == {**BILL, "issued": "2026-05-06"}


def test_fields_are_corrected_and_the_correction_is_undone(open_server: httpx.Client) -> None:
    id = ask(open_server)
    response = correct(open_server, id, {"fields": {"issued": "2026-05-06", "lines.0.price": "3.00"}})
    right = {"number": "12", "issued": "2026-05-06", "lines": [{"what": "nails", "price": "3.00"}], "total": "3.00"}
    assert response.json() == {"id": id, "task": "read_bill", "inputs": {"text": "bill 12"}, "answer": right}
    assert [str(each.issued) for each in stored()] == ["2026-05-06"]
    assert open_server.delete(f"/v1/answers/{id}/correction").status_code == 204 and stored() == []
    assert open_server.delete(f"/v1/answers/{id}/correction").status_code == 404


def test_an_answer_is_marked_as_right_or_replaced(open_server: httpx.Client) -> None:
    id = ask(open_server)
    assert correct(open_server, id, {"right": True}).json()["answer"] == BILL
    whole = {**BILL, "lines": [{"what": "screws", "price": "1"}]}
    assert correct(open_server, id, {"answer": whole}).json()["answer"]["lines"][0]["what"] == "screws"
    assert [each.lines[0].what for each in stored()] == ["screws"]


@pytest.mark.parametrize(
    "body", [{}, "x", {"right": False}, {"fields": {}}, {"fields": [1]}, [], {"right": True, "x": 1}]
)
def test_what_is_not_a_correction_is_refused_with_its_form(open_server: httpx.Client, body: Any) -> None:
    response = correct(open_server, ask(open_server), body)
    assert response.status_code == 422 and '{"right": true}' in response.json()["error"]["hint"] and stored() == []


def test_a_refused_value_names_its_field(open_server: httpx.Client) -> None:
    response = correct(open_server, ask(open_server), {"fields": {"issued": "2026-02-31"}})
    error = response.json()["error"]
    assert response.status_code == 422 and error["param"] == "issued" and "2026-02-31" in error["details"][0]
    assert stored() == []


def test_another_key_gets_the_bytes_of_an_unknown_id(guarded: list[httpx.Client]) -> None:
    mine, other = guarded
    id = ask(mine)
    unknown = id[:-12] + "0" * 12
    assert mine.get(f"/v1/answers/{id}").status_code == 200, "the control: the key that asked reads it"
    for method, path in (("GET", ""), ("POST", "/correction"), ("DELETE", "/correction")):
        body = {"json": {"right": True}} if method == "POST" else {}
        foreign, missing = (other.request(method, f"/v1/answers/{each}{path}", **body) for each in (id, unknown))
        assert foreign.status_code == missing.status_code == 404
        assert foreign.text.replace(id, "ID") == missing.text.replace(unknown, "ID") and id in foreign.text
        names = [{name for name in each.headers} for each in (foreign, missing)]
        assert names[0] == names[1]
    assert correct(mine, id, {"right": True}).status_code == 200, "the control: the key that asked corrects it"
    assert other.delete(f"/v1/answers/{id}/correction").status_code == 404
    assert mine.get(f"/v1/answers/{id}").json()["correction"] == BILL, "the other key undid nothing"


def test_a_key_gets_its_own_corrections_only(guarded: list[httpx.Client]) -> None:
    mine, other = guarded
    correct(mine, ask(mine), {"right": True})
    assert stored() == [], "the machine's owner is another author"
    authors = [author_of_key(key) for key in KEYS]
    assert [len(list(Examples(read_bill.declaration, author))) for author in authors] == [1, 0]
    page = other.get("/tasks/read_bill?example=0").text
    assert "bill 12" not in page and "bill 12" in mine.get("/tasks/read_bill?example=0").text


def test_a_correction_is_undone_after_the_answer_was_forgotten(open_server: httpx.Client) -> None:
    with serve_catalog(CATALOG) as server, httpx.Client(base_url=server.url, trust_env=False) as restarted:
        id = ask(open_server)
        correct(open_server, id, {"right": True})
        assert restarted.get(f"/v1/answers/{id}").status_code == 404
        assert restarted.delete(f"/v1/answers/{id}/correction").status_code == 204 and stored() == []


def test_the_endpoints_are_in_openapi(open_server: httpx.Client) -> None:
    paths = open_server.get("/openapi.json").json()["paths"]
    assert set(paths["/v1/answers/{id}/correction"]) == {"post", "delete"} and set(paths["/v1/answers/{id}"]) == {"get"}
