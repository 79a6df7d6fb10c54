"""Who may come in: known Hosts, own Origins, keys, bodies of a bounded size; and that nothing breaks the server."""

import base64
import json
import os
import random
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from plait.http import requests
from plait.http.security import MAX_BODY_BYTES, AccessPolicy
from plait.service.catalog import Catalog, tasks_in
from tests.support import house_tasks as house
from tests.support.running_server import HOUSE, RunningServer, ServerProcess, serve_catalog, serve_command, wait_until

KEY = "a-key-of-twenty-letters"
RIGHT = {"text": "one two three four"}
MEGABYTE = 2**20


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with serve_catalog(Catalog.from_tasks(tasks_in(house))) as running:
        yield running


@pytest.fixture(scope="module")
def locked() -> Iterator[RunningServer]:
    with serve_catalog(
        Catalog.from_tasks(tasks_in(house)), rules=AccessPolicy.from_settings("127.0.0.1", ["plait.example"], [KEY])
    ) as running:
        yield running


def post(server: RunningServer, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.post(f"{server.url}/v1/tasks/shorten", json=RIGHT, headers=headers, trust_env=False)


def status_and_message(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["message"]


# ── hosts and origins ──


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST", "localhost:1", "127.0.0.1:8800"])
def test_a_host_name_of_this_machine_is_accepted(host: str, server: RunningServer) -> None:
    assert post(server, {"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[", "[::2]", "::1", "", "@", "localhost."])
def test_a_foreign_host_is_refused(host: str, server: RunningServer) -> None:
    response = post(server, {"host": host})
    assert status_and_message(response) == (403, f"this server does not accept the host name {host!r}")
    assert response.json()["error"]["hint"] == "if the name is yours, add it to hosts in plait.toml"


def test_a_request_without_a_host_is_refused(server: RunningServer) -> None:
    assert b" 403 " in raw(server.port, b"GET /healthz HTTP/1.0\r\n\r\n").partition(b"\r\n")[0]


def test_a_configured_host_is_accepted(locked: RunningServer) -> None:
    assert httpx.get(f"{locked.url}/healthz", headers={"host": "plait.example"}, trust_env=False).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://[", "", "http://127.0.0.1:1", "file://"])
def test_a_page_of_another_origin_may_not_post(origin: str, server: RunningServer) -> None:
    response = post(server, {"origin": origin})
    assert status_and_message(response) == (
        403,
        f"a page of {origin or 'another site'} may not send requests to this server",
    )


def test_a_cross_site_request_may_not_post(server: RunningServer) -> None:
    assert status_and_message(post(server, {"sec-fetch-site": "cross-site"})) == (
        403,
        "a page of another site may not send requests to this server",
    )


def test_a_page_of_the_same_origin_may_post(server: RunningServer) -> None:
    assert post(server, {"origin": server.url, "sec-fetch-site": "same-origin"}).status_code == 200


def test_every_response_forbids_foreign_scripts(server: RunningServer) -> None:
    refusal = post(server, {"host": "evil.example"})
    for response in (post(server), refusal, httpx.get(server.url, trust_env=False)):
        assert "default-src 'none'" in response.headers["content-security-policy"]
        assert response.headers["x-content-type-options"] == "nosniff"


# ── keys ──


def basic(key: str) -> str:
    return f"Basic {base64.b64encode(f'anyone:{key}'.encode()).decode()}"


@pytest.mark.parametrize("header", [f"Bearer {KEY}", f"bearer  {KEY}", basic(KEY)])
def test_a_valid_key_is_accepted(header: str, locked: RunningServer) -> None:
    assert post(locked, {"authorization": header}).status_code == 200


@pytest.mark.parametrize("header", [None, "", "Bearer", f"Bearer {KEY}x", basic("x"), "Basic ?", "Basic é", KEY[:-1]])
def test_a_missing_or_wrong_key_is_refused(header: str | None, locked: RunningServer) -> None:
    headers = {} if header is None else {"authorization": header.encode("latin-1")}
    response = httpx.post(f"{locked.url}/v1/tasks/shorten", json=RIGHT, headers=headers, trust_env=False)
    assert status_and_message(response) == (401, "this server requires a key")
    assert response.json()["error"]["type"] == "Forbidden"
    assert response.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize("path", ["/", "/tasks/shorten", "/v1/tasks", "/openapi.json", "/static/paper.css", "/nothing"])
def test_every_route_requires_the_key(path: str, locked: RunningServer) -> None:
    assert httpx.get(f"{locked.url}{path}", trust_env=False).status_code == 401


def test_health_needs_no_key(locked: RunningServer) -> None:
    assert httpx.get(f"{locked.url}/healthz", trust_env=False).json()["status"] == "ok"


# ── what is not there ──


@pytest.mark.parametrize(
    ("method", "path", "code", "message", "hint"),
    [
        ("GET", "/v1/tasks/shortn", 404, "no task is called 'shortn'", "did you mean shorten?"),
        ("POST", "/v1/tasks/shortn", 404, "no task is called 'shortn'", "did you mean shorten?"),
        ("GET", "/v1/nothing", 404, "/v1/nothing does not exist", "GET /v1/tasks lists the tasks"),
        ("GET", "/static/../app.py", 404, "/app.py does not exist", "GET /v1/tasks lists the tasks"),
        (
            "DELETE",
            "/v1/tasks/shorten",
            405,
            "/v1/tasks/shorten does not accept DELETE",
            "GET /openapi.json lists paths and methods",
        ),
        ("POST", "/v1/tasks", 405, "/v1/tasks does not accept POST", "GET /openapi.json lists paths and methods"),
    ],
)
def test_a_missing_route_has_an_error_of_plait(
    method: str, path: str, code: int, message: str, hint: str, server: RunningServer
) -> None:
    response = httpx.request(method, f"{server.url}{path}", trust_env=False)
    assert status_and_message(response) == (code, message)
    assert response.json()["error"]["hint"] == hint


def test_a_browser_gets_the_error_as_a_page(server: RunningServer) -> None:
    response = httpx.get(f"{server.url}/tasks/shortn", headers={"accept": "text/html"}, trust_env=False)
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html") and "shorten" in response.text


def test_an_exception_in_a_user_function_has_an_error_of_plait(server: RunningServer) -> None:
    response = httpx.post(f"{server.url}/v1/tasks/broken", json={"text": "x"}, trust_env=False)
    assert response.status_code == 500
    assert response.json()["error"]["message"] == "internal error: ZeroDivisionError"


# ── forms ──


def test_json_sent_with_the_content_type_of_a_form_is_read_as_json(server: RunningServer) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    response = httpx.post(f"{server.url}/v1/tasks/shorten", content=json.dumps(RIGHT), headers=headers, trust_env=False)
    assert response.json()["answer"] == "one two three"


@pytest.mark.parametrize("files", [None, {"_": (None, "")}])
def test_forms_and_multipart_are_read_as_inputs(files: Any, server: RunningServer) -> None:
    response = httpx.post(f"{server.url}/v1/tasks/shorten", data=RIGHT, files=files, trust_env=False)
    assert response.json()["answer"] == "one two three"


def test_a_file_for_a_text_input_is_refused_with_a_hint(server: RunningServer) -> None:
    response = httpx.post(f"{server.url}/v1/tasks/shorten", files={"text": b"one"}, trust_env=False)
    assert response.status_code == 422
    assert "curl -F 'text=<invoice.txt'" in response.json()["error"]["hint"]


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=x", "multipart/form-data; boundary="]
)
@pytest.mark.parametrize(
    "body", [b"", b"x", b"--x\r\n", b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nhalf']
)
def test_an_invalid_form_is_refused(kind: str, body: bytes, server: RunningServer) -> None:
    url, headers = f"{server.url}/v1/tasks/shorten", {"content-type": kind}
    assert httpx.post(url, content=body, headers=headers, trust_env=False).status_code == 422


# ── sizes and times ──


def resident(pid: int) -> int:
    """Bytes that the process holds in memory, at the most so far."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


@pytest.fixture(scope="module")
def separate_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server in a process of its own, whose memory can be looked at."""
    folder = tmp_path_factory.mktemp("apart")
    with serve_command(str(HOUSE), "--port", "0", env={"PLAIT_DATA": str(folder), "PLAIT_URL": "none"}) as running:
        yield running


def test_a_body_of_100_megabytes_is_refused_without_being_buffered(separate_server: ServerProcess) -> None:
    def body() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * MEGABYTE

    url = f"{separate_server.url}/v1/tasks/shorten"
    assert httpx.post(url, json=RIGHT, trust_env=False).status_code == 200
    before = resident(separate_server.process.pid)
    for headers in ({"content-length": str(100 * MEGABYTE)}, {}):
        response = httpx.post(url, content=body(), headers=headers, trust_env=False, timeout=240)
        assert status_and_message(response) == (413, f"the request is larger than {MAX_BODY_BYTES:,} bytes")
        assert response.json()["error"]["type"] == "InputTooLarge"
    assert resident(separate_server.process.pid) - before < 40 * MEGABYTE
    assert httpx.post(url, json=RIGHT, trust_env=False).status_code == 200


def test_a_body_just_below_the_limit_is_accepted(server: RunningServer) -> None:
    text = "x" * (MAX_BODY_BYTES - 100)
    response = httpx.post(f"{server.url}/v1/tasks/shorten", json={"text": text}, trust_env=False, timeout=240)
    assert response.status_code != 413


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "9" * 30])
def test_an_invalid_content_length_is_refused(length: str, server: RunningServer) -> None:
    request = f"POST /v1/tasks/shorten HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n\r\n"
    status = raw(server.port, request.encode()).split(b" ")[1]
    assert status in (b"400", b"413")


def test_a_body_that_never_ends_times_out(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "RECEIVE_TIMEOUT", 0.3)
    request = b"POST /v1/tasks/shorten HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n{"
    answer = raw(server.port, request)
    assert answer.startswith(b"HTTP/1.1 422 ") and b"not complete within 0.3 seconds" in answer


# ── nothing sent breaks it ──


def raw(port: int, request: bytes, *, wait: float = 3.0) -> bytes:
    """The response to these bytes, sent unchanged."""
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as connection:
        try:
            connection.sendall(request)
            connection.settimeout(wait)
            answer = b""
            while b"\r\n\r\n" not in answer and (more := connection.recv(65_536)):
                answer += more
            connection.settimeout(0.05)
            while more := connection.recv(65_536):
                answer += more
        except (TimeoutError, ConnectionError):
            pass
    return answer


def requests_to_mutate() -> list[bytes]:
    body = b'{"wish": "hall on", "lamps": [{"name": "hall"}], "level": 10}'
    form = b"wish=hall&lamps.0.name=hall&lamps.1.name=desk&level=10"
    parts = (
        b'--b\r\nContent-Disposition: form-data; name="wish"\r\n\r\nhall\r\n'
        b'--b\r\nContent-Disposition: form-data; name="lamps.0.name"\r\n\r\nhall\r\n--b--\r\n'
    )

    def request(line: bytes, kind: bytes, body: bytes) -> bytes:
        head = b"%b HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: %b\r\ncontent-length: %d\r\n\r\n"
        return head % (line, kind, len(body)) + body

    return [
        request(b"POST /v1/tasks/turn?seed=1&shots=2", b"application/json", body),
        request(b"POST /v1/tasks/turn", b"application/x-www-form-urlencoded", form),
        request(b"POST /v1/tasks/turn", b"multipart/form-data; boundary=b", parts),
        request(b"POST /tasks/turn", b"application/x-www-form-urlencoded", form),
        request(b"GET /tasks/turn?example=0&lang=zh", b"text/html", b""),
        request(b"GET /v1/tasks", b"text/html", b""),
    ]


def mutate(request: bytes, chance: random.Random) -> bytes:
    """The request with a few bytes changed, left out, doubled, or replaced by what parsers stumble over."""
    changed = bytearray(request)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(changed))
        match chance.randrange(5):
            case 0:
                changed[at] = chance.randrange(256)
            case 1:
                del changed[at : at + chance.randint(1, 8)]
            case 2:
                changed[at:at] = changed[at : at + chance.randint(1, 8)]
            case 3:
                changed[at:at] = chance.choice(
                    [b"\0", b"\xff\xfe", b"\r\n", b"[" * 300, b"9" * 5000, b"%ED%A0%80", b"\\ud800"]
                )
            case _:
                changed[at] ^= 1 << chance.randrange(8)
        if not changed:
            return b"\r\n"
    return bytes(changed)


def test_mutated_requests_cause_no_server_error(separate_server: ServerProcess) -> None:
    chance = random.Random(20_26)
    seeds = requests_to_mutate()
    answer_count = 0
    for number in range(360):
        request = mutate(seeds[number % len(seeds)], chance)
        answer = raw(separate_server.port, request, wait=0.25)
        status = answer[9:12]
        assert not status.startswith(b"5"), f"{request!r} was answered {answer!r}"
        answer_count += bool(status)
    assert answer_count > 250, "the mutations are so wild that hardly any was answered"
    assert separate_server.process.poll() is None
    assert httpx.get(f"{separate_server.url}/healthz", trust_env=False).status_code == 200
    wait_until(lambda: len(os.listdir(f"/proc/{separate_server.process.pid}/fd")) < 60)


def test_the_unmutated_requests_are_answered(separate_server: ServerProcess) -> None:
    """The control: unchanged, each of them is a good request."""
    for request in requests_to_mutate():
        assert raw(separate_server.port, request).startswith(b"HTTP/1.1 200 "), request
