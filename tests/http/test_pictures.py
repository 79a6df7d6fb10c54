"""Pictures in Python, on the command line and over HTTP: the same values, answers and error messages."""

import asyncio
import base64
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from plait import Box, Image, engine
from plait.client import Client
from plait.core.errors import BatchFailed, InputError
from plait.http.openapi import openapi_document
from plait.http.security import MAX_BODY_BYTES
from plait.service.catalog import Catalog
from plait.testing import check_task
from tests.support import mugs as file
from tests.support.mugs import TASKS, Shot, album, between, cut, find, mugs
from tests.support.running_server import RunningServer, Shell, serve_catalog
from tests.support.shelf import BAD, MUG, PNG, RED, encode_picture, png_claiming_size, rotated_photo, shelf
from tests.support.shout_examples import examples_file

URL = Image(PNG).data_url
CORNERS = dict(zip(("x0", "y0", "x1", "y1"), MUG, strict=True))
FILE = ("shelf.png", PNG, "image/png")


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with serve_catalog(Catalog.from_tasks(TASKS)) as running:
        yield running


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capsys)


def post(server: RunningServer, name: str, **how: Any) -> httpx.Response:
    return httpx.post(f"{server.url}/v1/tasks/{name}", trust_env=False, timeout=240, **how)


def on_disk(folder: Path, name: str = "shelf.png", content: bytes = PNG) -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)


MUGS = str(file.__file__)
ASKED = f"{MUGS}:find"


# ── the same answer everywhere ──


def test_python_cli_json_and_multipart_give_the_same_answer(
    server: RunningServer, shell: Shell, tmp_path: Path
) -> None:
    assert find(Image(PNG), "the red mug") == Box(*MUG)
    result = shell("run", ASKED, "--picture", on_disk(tmp_path), "--phrase", "the red mug", "--json")
    assert (result.code, json.loads(result.out)) == (0, CORNERS), result.err
    body = post(server, "find", json={"picture": URL, "phrase": "the red mug"}).json()
    assert body["answer"] == CORNERS
    assert post(server, "find", files={"picture": FILE}, data={"phrase": "red"}).json()["answer"] == CORNERS
    with Client(server.url):
        assert find(Image(PNG), "the red mug") == Box(*MUG)


@pytest.mark.parametrize("how", ["@{}", "{}", "data"])
def test_a_picture_on_the_command_line_is_a_path_or_a_data_url(shell: Shell, tmp_path: Path, how: str) -> None:
    argument = URL if how == "data" else how.format(on_disk(tmp_path))
    assert json.loads(shell("run", ASKED, "--picture", argument, "--phrase", "red", "--json").out) == CORNERS


def test_a_picture_is_read_from_standard_input(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "plait", "run", ASKED, "--picture", "@-", "--phrase", "red", "--json"]
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"}
    process = subprocess.run(line, input=PNG, capture_output=True, env=environment)
    assert json.loads(process.stdout) == CORNERS, process.stderr.decode()


def test_the_curl_command_of_the_page_sends_a_picture(server: RunningServer, tmp_path: Path) -> None:
    on_disk(tmp_path)
    line = f"curl -s --noproxy '*' {server.url}/v1/tasks/find -F picture=@shelf.png -F phrase='the red mug'"
    process = subprocess.run(shlex.split(line), cwd=tmp_path, capture_output=True)
    assert json.loads(process.stdout)["answer"] == CORNERS


def test_a_box_input_is_json_fields_or_four_numbers(server: RunningServer, shell: Shell, tmp_path: Path) -> None:
    whole = Image(cut(Image(PNG), Box(*MUG)))
    assert whole.size == (16, 24) and whole.pil.getcolors() == [(16 * 24, RED)]
    fields = {f"to.{name}": str(value) for name, value in CORNERS.items()}
    for text_form in (fields, {"to": "8, 16, 24, 40"}, {"to": "[8,16,24,40]"}, {"to": json.dumps(CORNERS)}):
        assert Image(post(server, "cut", files={"picture": FILE}, data=text_form).json()["answer"]) == whole
    assert Image(post(server, "cut", json={"picture": URL, "to": CORNERS}).json()["answer"]) == whole
    result = shell("run", f"{MUGS}:cut", "--picture", on_disk(tmp_path), "--to", "8,16,24,40", "--json")
    assert Image(json.loads(result.out)) == whole


def test_pictures_may_be_in_lists_and_records(server: RunningServer, shell: Shell, tmp_path: Path) -> None:
    small = encode_picture(shelf((32, 48)))
    shots = [Shot(photo=Image(PNG), note="first"), Shot(photo=Image(small))]
    assert album(shots, Image(PNG)) == "first 64x48, 32x48, cover"
    parts = {"photos.0.photo": FILE, "photos.4.photo": ("b.png", small), "cover": FILE}
    assert post(server, "album", files=parts, data={"photos.0.note": "first"}).json()["answer"] == album(
        shots, Image(PNG)
    )
    on_disk(tmp_path, "b.png", small)
    album_json = json.dumps([{"photo": on_disk(tmp_path), "note": "first"}, {"photo": str(tmp_path / "b.png")}])
    assert shell("run", f"{MUGS}:album", "--photos", album_json).out == "first 64x48, 32x48\n"
    failure = shell("run", f"{MUGS}:album", "--photos", json.dumps([{"photo": "nope.png"}]))
    assert failure.code == 2 and "photos.0.photo: nope.png cannot be read: No such file" in failure.err


def test_items_are_streamed_one_by_one(server: RunningServer) -> None:
    results = [(each.what, each.where) for each in mugs.stream(Image(PNG))]
    assert results == [("red mug", Box(*MUG)), ("blue mug", Box(40, 16, 56, 40))]
    with Client(server.url):
        assert [(each.what, each.where) for each in mugs.stream(Image(PNG))] == results
    stream = post(server, "mugs", files={"picture": FILE}, headers={"accept": "text/event-stream"}).text
    assert stream.count("event: item") == 2 and stream.count("event: answer") == 1


def test_a_batch_keeps_its_order_and_an_invalid_picture_does_not_stop_the_rest() -> None:
    rows = [
        {"picture": Image(PNG), "phrase": "red"},
        {"picture": Image(b"x"), "phrase": "red"},
        {"picture": Image(PNG), "phrase": "blue"},
    ]
    with pytest.raises(BatchFailed) as failed:
        find.batch(rows)
    assert failed.value.answers == [Box(*MUG), None, Box(40, 16, 56, 40)]
    assert "is not a picture" in str(failed.value.errors[1])


def test_corners_are_in_the_frame_of_the_rotated_picture(server: RunningServer) -> None:
    photo = rotated_photo(6, quality=95)
    box = post(server, "find", files={"picture": ("photo.jpg", photo)}, data={"phrase": "red"}).json()["answer"]
    assert all(abs(box[name] - value) <= 1 for name, value in CORNERS.items()), box


# ── files of rows ──


def test_rows_name_pictures_by_paths_relative_to_their_folder(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "photos").mkdir()
    on_disk(tmp_path / "photos")
    (tmp_path / "rows.csv").write_text(f'picture,phrase\nphotos/shelf.png,red\n"{URL}",blue\nphotos/nope.png,red\n')
    (tmp_path / "rows.jsonl").write_text(json.dumps({"picture": "photos/shelf.png", "phrase": "red"}) + "\n")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    first, second, third = map(json.loads, shell("run", ASKED, "--rows", "../rows.csv").out.splitlines())
    assert first["answer"] == CORNERS and second["answer"]["x0"] == 40
    assert third["where"].endswith("rows.csv:4") and "nope.png cannot be read" in third["error"]["details"][0]
    assert json.loads(shell("run", ASKED, "--rows", "../rows.jsonl").out)["answer"] == CORNERS


def test_an_added_example_embeds_its_picture_and_a_written_one_may_name_it(tmp_path: Path) -> None:
    find.examples.add(Box(*MUG), picture=Image(PNG), phrase="the red mug")
    (added,) = find.examples.added_examples
    assert added.inputs["picture"] == Image(PNG) and added.answer == Box(*MUG)
    file = examples_file(find.declaration)
    file.parent.mkdir(parents=True)
    on_disk(file.parent)
    file.write_text(json.dumps({"picture": "shelf.png", "phrase": "red", "answer": CORNERS}) + "\n")
    _, by_hand = find.examples.added_examples
    assert by_hand.inputs["picture"] == Image(PNG)
    with pytest.raises(InputError, match="lies outside of its picture"):
        find.examples.add(Box(0, 0, 65, 5), picture=Image(PNG), phrase="red")


# ── what is refused, in the same words ──


@pytest.mark.parametrize("name", BAD)
def test_an_invalid_picture_is_refused_with_the_same_message_everywhere(
    server: RunningServer, shell: Shell, tmp_path: Path, name: str
) -> None:
    file, content, words = BAD[name]
    with pytest.raises(InputError) as python:
        find(Image(content, file=file), "red")
    (problem,) = python.value.problems
    assert problem.path == "picture" and problem.message.startswith(words)
    assert problem.value == f"{file}, {len(content):,} bytes"
    result = shell("run", ASKED, "--picture", on_disk(tmp_path, file, content), "--phrase", "red")
    multipart = post(server, "find", files={"picture": (file, content)}, data={"phrase": "red"})
    if content:
        assert (result.code, result.err) == (2, f"InputError: {python.value}\n")
        assert (multipart.status_code, multipart.json()["error"]["details"]) == (422, list(python.value.details))
        url = f"data:image/png;base64,{base64.b64encode(content).decode()}"
        response = post(server, "find", json={"picture": url, "phrase": "red"})
        assert (response.status_code, response.json()["error"]["problems"][0]["message"]) == (422, problem.message)
    else:
        assert result.code == 2 and "picture: " in result.err and multipart.status_code == 422


def test_a_path_over_http_opens_no_file(server: RunningServer, tmp_path: Path) -> None:
    path = on_disk(tmp_path)
    for how in ({"json": {"picture": path, "phrase": "red"}}, {"data": {"picture": path, "phrase": "red"}}):
        response = post(server, "find", **how)
        assert response.status_code == 422
        (problem,) = response.json()["error"]["problems"]
        assert problem["path"] == "picture" and "paths and other URLs are not accepted" in problem["message"]
        assert problem["value"].strip('"').startswith(path[:60])  # a long value is quoted in part
    # The control: the file is there, and the very same text names it where its owner asks.
    assert find(Image(path), "red") == Box(*MUG)


def test_a_file_is_accepted_only_for_a_picture_input(server: RunningServer) -> None:
    error = post(server, "find", files={"picture": FILE, "phrase": ("notes.txt", b"red")}).json()["error"]
    assert error["details"] == ['phrase: does not accept a file    "notes.txt"'] and "curl -F" in error["hint"]
    error = post(server, "find", files={"picture": FILE, "pictur": FILE}, data={"phrase": "red"}).json()["error"]
    assert error["details"] == ['pictur: is not an input of find    "shelf.png"']
    error = post(server, "find", files={"picture": ("", b"")}, data={"phrase": "red"}).json()["error"]
    assert error["problems"][0]["path"] == "picture"


@pytest.mark.parametrize("numbers", [(0, 0, 65, 10), (0, 0, 10, 49)])
def test_a_box_outside_its_picture_is_refused_with_the_size_of_the_picture(
    server: RunningServer, shell: Shell, tmp_path: Path, numbers: tuple[int, ...]
) -> None:
    with pytest.raises(InputError) as python:
        cut(Image(PNG), Box(*numbers))
    assert str(python.value).startswith(
        "cut cannot accept these inputs\n    to: lies outside of its picture, which has 64 x 48 pixels    Box(x0=0"
    )
    numbers_text = ",".join(map(str, numbers))
    result = shell("run", f"{MUGS}:cut", "--picture", on_disk(tmp_path), "--to", numbers_text)
    assert (result.code, result.err) == (2, f"InputError: {python.value}\n")
    response = post(server, "cut", files={"picture": FILE}, data={"to": numbers_text})
    assert (response.status_code, response.json()["error"]["details"]) == (422, list(python.value.details))


@pytest.mark.parametrize("numbers", ["", "1,2,3", "a,b,c,d", "1,2,3,4,5", "9,9,1,1", "1.5,2,3,4", "NaN,0,1,1", "{}"])
def test_four_numbers_that_are_no_box_are_refused_at_their_input(server: RunningServer, numbers: str) -> None:
    response = post(server, "cut", files={"picture": FILE}, data={"to": numbers})
    assert response.status_code == 422 and response.json()["error"]["problems"][0]["path"] == "to"


def test_a_box_is_checked_against_the_picture_of_its_declaration() -> None:
    small, large = Image(encode_picture(shelf((32, 24)))), Image(PNG)
    with engine.scripted({between: Box(0, 0, 64, 48)}):
        assert between(small, large, Box(0, 0, 32, 24)) == Box(0, 0, 64, 48)
        with pytest.raises(InputError, match="which has 32 x 24 pixels"):
            between(small, large, Box(0, 0, 33, 24))


# ── bounds ──


def test_the_largest_accepted_picture_passes_json_and_multipart(server: RunningServer) -> None:
    """Twenty MiB of PNG: its pixels, and behind its end what no reader looks at."""
    most = PNG + b"\0" * (20 * 2**20 - len(PNG))
    url = f"data:image/png;base64,{base64.b64encode(most).decode()}"
    assert post(server, "find", files={"picture": ("a.png", most)}, data={"phrase": "red"}).status_code == 200
    assert post(server, "find", json={"picture": url, "phrase": "red"}).status_code == 200
    response = post(server, "find", files={"picture": ("a.png", most + b"\0")}, data={"phrase": "red"})
    assert response.status_code == 422 and "has more than the 20 MiB limit" in response.text


def test_a_body_larger_than_any_picture_is_refused_before_it_is_read(server: RunningServer) -> None:
    response = post(server, "find", files={"picture": ("a.png", b"\0" * MAX_BODY_BYTES)}, data={"phrase": "red"})
    assert response.status_code == 413


def test_many_decompression_bombs_at_once_take_little_memory(server: RunningServer) -> None:
    bomb = png_claiming_size(30_000, 30_000)

    async def all_at_once() -> list[int]:
        async with httpx.AsyncClient(trust_env=False, timeout=240) as client:
            url = f"{server.url}/v1/tasks/find"
            sent = [client.post(url, files={"picture": ("a.png", bomb)}, data={"phrase": "red"}) for _ in range(40)]
            return [response.status_code for response in await asyncio.gather(*sent)]

    assert asyncio.run(all_at_once()) == [422] * 40
    assert find(Image(PNG), "red") == Box(*MUG)


# ── description in OpenAPI ──


def test_openapi_describes_the_file_upload(server: RunningServer) -> None:
    bodies = openapi_document(Catalog.from_tasks(TASKS), "1")["paths"]["/v1/tasks/find"]["post"]["requestBody"][
        "content"
    ]
    assert bodies["multipart/form-data"]["schema"]["properties"]["picture"]["contentMediaType"] == "image/*"
    assert "multipart/form-data" in bodies and bodies["application/json"]["schema"]["required"] == ["picture", "phrase"]


@pytest.mark.parametrize("each", TASKS, ids=lambda each: each.__name__)
def test_a_picture_task_passes_the_conformance_test(each: Any) -> None:
    check_task(each)
