"""A file of rows on a page: answered as the command line answers it, bounded, and never kept."""

import csv
import io
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from plait.core.calls.row_answers import MAX_FILE_BYTES, MAX_ROWS
from plait.core.engine.chat import ChatEngine
from plait.http import row_pages
from plait.http.security import AccessPolicy
from plait.service.catalog import Catalog
from plait.service.local_transport import LocalTransport
from tests.support.running_server import RunningServer, serve_catalog, wait_until
from tests.support.scripted_chat_model import ScriptedChatModel

SORTED = {"label": "billing", "urgency": "high", "summary": "Charged twice"}
EVENTS = {"accept": "text/event-stream"}


@pytest.fixture(scope="module")
def the_model() -> ScriptedChatModel:
    return ScriptedChatModel(text=json.dumps(SORTED))


@pytest.fixture
def model(the_model: ScriptedChatModel) -> ScriptedChatModel:
    the_model.pause = 0.0
    the_model.prompts.clear()
    return the_model


@pytest.fixture(scope="module")
def house(the_model: ScriptedChatModel) -> Iterator[RunningServer]:
    catalog = Catalog.all_installed()
    with serve_catalog(catalog, LocalTransport(catalog=catalog, only=ChatEngine(the_model))) as server:
        yield server


def send(server: RunningServer, content: str | bytes, name: str = "messages.csv", **options: str) -> httpx.Response:
    url = f"{server.url}/tasks/sort_message/rows"
    return httpx.post(url, files={"rows": (name, content)}, params=options, timeout=30)


def watch(server: RunningServer, content: str, task: str = "sort_message") -> list[tuple[str, dict[str, object]]]:
    url = f"{server.url}/tasks/{task}/rows"
    answer = httpx.post(url, files={"rows": ("messages.csv", content)}, headers=EVENTS, timeout=30)
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [block.split("\n") for block in answer.text.split("\n\n") if block]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in events]


def table(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_the_answers_stand_beside_the_columns_of_the_file(house: RunningServer) -> None:
    answer = send(house, "id,message,answer\n7,I was charged twice,\n8,Again,spam\n")
    assert "messages-answers.csv" in answer.headers["content-disposition"]
    first, second = table(answer)
    assert first == {
        "id": "7", "message": "I was charged twice", "file.answer": "", "answer.label": "billing",
        "answer.urgency": "high", "answer.summary": "Charged twice", "error": "",
    }  # fmt: skip
    assert second["file.answer"] == "spam"


def test_the_rows_are_those_of_the_command_line(
    house: RunningServer,
) -> None:
    content = 'sep=;\nmessage;id\n"a;b";1\nlast;2;3\n'
    (first, second) = table(send(house, content))
    assert (first["message"], first["error"]) == ("a;b", "")
    assert second["error"].startswith("messages.csv:4 has more cells than the header has columns")


def test_json_lines_are_answered(house: RunningServer) -> None:
    lines = '{"id": 7, "message": "Hello"}\n{"message": ["not", "a text"]}\n{"id": 9}\n'
    first, second, third = table(send(house, lines, "messages.jsonl"))
    assert (first["id"], first["message"], first["answer.label"]) == ("7", "Hello", "billing")
    assert second["error"].startswith("sort_message cannot accept these inputs: message: should be a text")
    assert "message: is missing" in third["error"]


def test_a_file_without_a_known_name_is_read_by_its_beginning(house: RunningServer) -> None:
    assert len(table(send(house, '\ufeff{"message": "Hello"}\n', "upload"))) == 1
    assert len(table(send(house, "message\nHello\n", "upload.txt"))) == 1


def test_each_row_is_an_event(house: RunningServer) -> None:
    head, *rows, done = watch(house, "message,id\nHello,1\nGood bye,2\n")
    assert head[0] == "head" and head[1]["total"] == 2 and head[1]["unused"] == ["id"]
    assert [(name, data["number"], data["given"], data["cells"]) for name, data in rows] == [
        ("row", number, given, list(SORTED.values())) for number, given in ((1, "Hello"), (2, "Good bye"))
    ]
    assert done == ("done", {})
    text = str(head[1]["line"]) + "".join(str(data["line"]) for _, data in rows)
    assert len(list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))) == 2


def test_options_of_the_address_reach_every_row(house: RunningServer, model: ScriptedChatModel) -> None:
    assert send(house, "message\nHello\n", seed="many").status_code == 422
    assert len(table(send(house, "message\nHello\n", seed="7", wording=""))) == 1
    assert model.samplings[-1].seed == 7


def test_a_model_that_is_not_known_is_one_error_for_the_file() -> None:
    catalog = Catalog.all_installed()
    with serve_catalog(catalog, LocalTransport(catalog=catalog)) as server:
        (row,) = table(send(server, "message\nHello\nAgain\n", model="nowhere"))
    assert "nowhere" in row["error"]


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        ("", 422, "messages.csv has no rows"),
        ("message\n", 422, "messages.csv has no rows"),
        ("message,message\na,b\n", 422, "2 columns called message"),
        ("message\nGr\xfc\xdfe\n".encode("cp1252"), 422, "it is not UTF-8"),
        ("message\n" + "a\n" * (MAX_ROWS + 1), 413, "more than 2,000 rows"),
        (b"message\n" + b"a" * MAX_FILE_BYTES, 413, "more than 8 MiB"),
    ],
    ids=["empty", "header", "twice", "cp1252", "rows", "bytes"],
)
def test_a_file_that_cannot_be_answered_is_refused(
    house: RunningServer, content: str | bytes, status: int, words: str
) -> None:
    answer = send(house, content)
    assert (answer.status_code, words in answer.text) == (status, True), answer.text


def test_a_form_without_a_file_is_refused(house: RunningServer) -> None:
    answer = httpx.post(f"{house.url}/tasks/sort_message/rows", data={"rows": "message\nHello"})
    assert answer.status_code == 422 and "no file was sent" in answer.text


def test_a_path_of_a_picture_is_never_read(house: RunningServer) -> None:
    url = f"{house.url}/tasks/detect/rows"
    answer = httpx.post(url, files={"rows": ("pictures.csv", "picture\n/etc/hostname\n")})
    assert answer.status_code == 422 and "plait run detect --rows" in answer.text
    assert 'id="rows"' not in httpx.get(f"{house.url}/tasks/detect").text


def test_the_answers_are_not_kept(house: RunningServer) -> None:
    send(house, "message\nHello\n")
    assert not house.transport.answers.answers


def test_a_reader_who_leaves_ends_the_work(house: RunningServer, model: ScriptedChatModel) -> None:
    model.pause = 0.05
    url = f"{house.url}/tasks/sort_message/rows"
    content = "message\n" + "Hello\n" * 1_000
    with httpx.stream("POST", url, files={"rows": ("m.csv", content)}, headers=EVENTS, timeout=30) as answer:
        next(answer.iter_text())
    count = len(model.prompts)
    wait_until(lambda: is_quiet(model))
    assert count <= len(model.prompts) < 500


def is_quiet(model: ScriptedChatModel) -> bool:
    before = len(model.prompts)
    time.sleep(0.3)
    return len(model.prompts) == before


def test_few_files_are_answered_at_once(house: RunningServer, model: ScriptedChatModel) -> None:
    model.pause = 0.5
    url = f"{house.url}/tasks/sort_message/rows"
    content = "message\n" + "Hello\n" * 100
    with ExitStack() as streams:
        for _ in range(row_pages.MAX_FILES):
            sent = httpx.stream("POST", url, files={"rows": ("m.csv", content)}, headers=EVENTS, timeout=30)
            assert streams.enter_context(sent).status_code == 200
        refused = send(house, content)
        assert refused.status_code == 503 and "retry-after" in refused.headers
    model.pause = 0.0
    wait_until(lambda: send(house, "message\nHello\n").status_code == 200)


def test_an_hour_is_the_limit_of_a_file(
    house: RunningServer, model: ScriptedChatModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_pages, "MAX_SECONDS", 0.0)
    *_, error = watch(house, "message\n" + "Hello\n" * 40)
    assert error[0] == "error" and "plait run sort_message --rows messages.csv" in str(error[1]["html"])


def test_a_key_is_needed_where_others_need_one(model: ScriptedChatModel) -> None:
    policy = AccessPolicy.from_settings("127.0.0.1", (), ("secret",))
    catalog = Catalog.all_installed()
    with serve_catalog(catalog, LocalTransport(catalog=catalog, only=ChatEngine(model)), policy) as server:
        assert send(server, "message\nHello\n").status_code == 401
        url = f"{server.url}/tasks/sort_message/rows"
        headers = {"authorization": "Bearer secret"}
        assert len(table(httpx.post(url, files={"rows": ("m.csv", "message\nHello\n")}, headers=headers))) == 1


@pytest.mark.parametrize(("task", "language"), [("sort_message", "en"), ("home_command", "zh"), ("cited_answer", "en")])
def test_the_example_file_can_be_sent_as_it_is(house: RunningServer, task: str, language: str) -> None:
    sample = httpx.get(f"{house.url}/tasks/{task}/rows", params={"lang": language})
    assert sample.headers["content-disposition"].endswith(f"{task}.csv")
    head, *rows = watch(house, sample.content.decode(), task)
    assert head[1]["total"] == 3 and head[1]["unused"] == []
    assert all("cannot accept these inputs" not in str(data.get("error", "")) for _, data in rows)
