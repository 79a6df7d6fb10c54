"""Pictures from the process of the unified model: seeds, previews, holes, refusals, and HTTP, page and CLI.

The model is a real one of the smallest size with random weights: what it paints is nonsense, and always a picture.
"""

import json
import shutil
from collections.abc import Coroutine, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from PIL import ImageChops

from plait import Box, Client, Image
from plait.core.calls import event_loop
from plait.core.engine.protocol import PartialAnswer, TaskRequest
from plait.core.engine.validation import AnswerEvent, Completed, answer_events
from plait.core.errors import ContextTooLong, InputError
from plait.core.task.options import Options
from plait.core.task.task import Task
from plait.core.values.call_context import call_context
from plait.foundation.cards.inference_plan import InferencePlan
from plait.service.catalog import Catalog
from plait.service.engines.unified import config as unified_config
from plait.service.engines.unified.engine import UnifiedEngine
from plait.service.local_transport import LocalTransport
from plait.tasks.draw import draw
from plait.tasks.restore_image import restore_image
from tests.support.running_server import RunningServer, Shell, error_of, serve_catalog
from tests.support.shelf import PNG, SIZE, encode_picture, shelf
from tests.support.tiny_weights import save_tiny_weights

T = TypeVar("T")
TASKS: tuple[Task[..., Any], ...] = (draw, restore_image)
CANVAS = (64, 64)
HOLE = Box(8, 16, 24, 40)
PICTURE = Image(PNG)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("models") / "plait-nano.safetensors"
    save_tiny_weights(file, {each.declaration.name: each.declaration.fingerprint for each in TASKS})
    return file


@pytest.fixture(scope="module")
def model(file: Path) -> Iterator[UnifiedEngine]:
    running = UnifiedEngine("small", file)
    yield running
    run(running.aclose())


def run(work: Coroutine[Any, Any, T]) -> T:
    return event_loop.run(work)


def events(
    model: UnifiedEngine, task: Task[..., Any], *inputs: Any, streamed: bool = False, **options: Any
) -> list[AnswerEvent]:
    declared, call = task.declaration, task.call(*inputs)
    context = call_context(declared, call.inputs, by_name=True, box_format=UnifiedEngine.box_format)
    ask = TaskRequest(declared, call.inputs, context, Options(**options))

    async def all_of_them() -> list[AnswerEvent]:
        async with aclosing(answer_events(model, ask, streamed=streamed, timeout=100)) as stream:
            return [event async for event in stream]

    return run(all_of_them())


def paint(model: UnifiedEngine, task: Task[..., Any], *inputs: Any, **options: Any) -> Image:
    last = events(model, task, *inputs, **options)[-1]
    assert isinstance(last, Completed) and isinstance(last.value, Image)
    return last.value


def test_a_drawing_has_the_canvas_size_of_the_model(model: UnifiedEngine) -> None:
    (only,) = events(model, draw, "a cat", seed=3)
    assert isinstance(only, Completed) and isinstance(only.value, Image)
    assert only.value.size == CANVAS and only.value.media_type == "image/png"
    assert only.usage.answer_tokens == 64 and only.model.startswith("small@")


def test_a_seed_reproduces_an_image_and_without_one_images_differ(model: UnifiedEngine) -> None:
    assert paint(model, draw, "a cat", seed=3) == paint(model, draw, "a cat", seed=3)
    assert paint(model, draw, "a cat", seed=3) != paint(model, draw, "a cat", seed=4)
    assert paint(model, draw, "a cat") != paint(model, draw, "a cat")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch compiles with g++")
@pytest.mark.timeout(240)
def test_compiled_layers_paint_every_request(file: Path) -> None:
    """A process that may write no file any more paints shapes, too, that it was not compiled for."""
    small = UnifiedEngine("small", file, InferencePlan(1, "int8", compiled=True))
    try:
        assert paint(small, draw, "a cat", seed=3) == paint(small, draw, "a cat", seed=3)
        assert paint(small, draw, "three cats and a dog " * 20, seed=3).size == CANVAS
        assert paint(small, restore_image, PICTURE, HOLE, seed=3).size == PICTURE.size
    finally:
        run(small.aclose())


def test_steps_guidance_and_order_are_accepted(model: UnifiedEngine) -> None:
    usual = paint(model, draw, "a cat", seed=3)
    for options in ({"steps": 2}, {"guidance": 9.0}, {"order": "raster"}, {"temperature": 0.0}):
        assert paint(model, draw, "a cat", seed=3, **options) != usual, options


def test_a_stream_has_a_picture_for_each_step(model: UnifiedEngine) -> None:
    *before, last = events(model, draw, "a cat", streamed=True, seed=3, steps=5)
    assert len(before) == 5 and all(isinstance(each, PartialAnswer) for each in before)
    images = [Image(str(each.json_value)) for each in before if isinstance(each, PartialAnswer)]
    assert {each.size for each in images} == {CANVAS}
    assert isinstance(last, Completed) and images[-1] == last.value != images[0]


def test_a_restored_picture_is_unchanged_outside_its_hole(model: UnifiedEngine) -> None:
    for picture in (PICTURE, Image(encode_picture(shelf((300, 90)))), Image(encode_picture(shelf((40, 200))))):
        restored = paint(model, restore_image, picture, HOLE, seed=1)
        assert restored.size == picture.size
        changed = ImageChops.difference(restored.pil.convert("RGB"), picture.pil.convert("RGB")).getbbox()
        assert changed and HOLE.x0 <= changed[0] and HOLE.y0 <= changed[1]
        assert changed[2] <= HOLE.x1 and changed[3] <= HOLE.y1


def test_a_restored_jpeg_is_a_jpeg(model: UnifiedEngine) -> None:
    restored = paint(model, restore_image, Image(encode_picture(shelf(), "JPEG")), HOLE)
    assert restored.media_type == "image/jpeg" and restored.size == SIZE


@pytest.mark.parametrize("description", ["", " \n "])
def test_an_empty_description_is_refused(model: UnifiedEngine, description: str) -> None:
    error = error_of(lambda: paint(model, draw, description))
    assert isinstance(error, InputError) and "should not be blank" in str(error)


def test_a_description_of_5000_words_is_refused_with_both_counts(model: UnifiedEngine) -> None:
    error = error_of(lambda: paint(model, draw, "a cat and " * 2_500))
    assert isinstance(error, ContextTooLong) and error.tokens > 5_000 and error.limit == 512


def test_a_hole_that_covers_or_exceeds_the_picture_is_refused(model: UnifiedEngine) -> None:
    error = error_of(lambda: paint(model, restore_image, PICTURE, Box(0, 0, *SIZE)))
    assert isinstance(error, InputError) and "the hole covers 100% of the picture" in error.message
    beyond = error_of(lambda: restore_image.call(PICTURE, Box(0, 0, 65, 10)))
    assert isinstance(beyond, InputError) and "lies outside of its picture" in str(beyond)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"seed": -1}, "option seed should be between 0 and 4294967294"),
        ({"seed": 2**32}, "option seed should be between 0 and 4294967294"),
        ({"steps": 0}, "option steps should be between 1 and 64"),
        ({"steps": 65}, "option steps should be between 1 and 64"),
        ({"guidance": 21}, "option guidance should be between 0 and 20"),
        ({"order": "spiral"}, "option order should be one of parallel, raster"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, Any], says: str) -> None:
    error = error_of(lambda: draw.using(**options))
    assert isinstance(error, InputError) and error.message == says


def test_a_hole_is_not_filled_in_raster_order(model: UnifiedEngine) -> None:
    error = error_of(lambda: paint(model, restore_image, PICTURE, HOLE, order="raster"))
    assert isinstance(error, InputError) and "not filled in raster order" in error.message


# ── over HTTP, page and command line ──


@pytest.fixture(scope="module")
def server(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    catalog = Catalog.from_tasks(TASKS)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("served"))
        patch.setattr(unified_config, "shipped_weights_files", lambda: (file,))
        with serve_catalog(catalog, LocalTransport(catalog=catalog)) as running:
            yield running


def post(server: RunningServer, path: str, **more: Any) -> httpx.Response:
    return httpx.post(f"{server.url}{path}", trust_env=False, timeout=100, **more)


def test_over_http_a_picture_is_a_data_url_or_by_accept_header_the_file(server: RunningServer) -> None:
    path, body = "/v1/tasks/draw?seed=3", {"description": "a cat"}
    json_body = post(server, path, json=body).json()
    bare = post(server, path, json=body, headers={"accept": "image/png"})
    assert bare.headers["content-type"] == "image/png" and bare.content == Image(json_body["answer"]).content
    assert bare.headers["x-plait-model"] == json_body["model"]
    response = post(server, "/v1/tasks/draw?steps=0", json=body, headers={"accept": "image/png"})
    assert response.status_code == 422 and "option steps" in response.json()["error"]["message"]


def test_an_http_client_gets_partial_pictures(server: RunningServer) -> None:
    with Client(server.url):
        *growing, whole = draw.using(seed=3, steps=4).stream("a cat")
    assert [Image(str(each.partial)).size for each in growing] == [CANVAS] * 4
    assert whole.final == Image(str(growing[-1].partial))


def test_the_page_shows_the_picture_and_its_partial_versions(server: RunningServer) -> None:
    page = post(server, "/tasks/draw?seed=3", data={"description": "a cat"})
    assert page.status_code == 200 and '<img src="data:image/png;base64,' in page.text
    stream = post(server, "/tasks/draw?steps=4", data={"description": "a cat"}, headers={"accept": "text/event-stream"})
    assert stream.text.count("event: show") == 4 and stream.text.count("event: done") == 1


def test_the_page_reports_an_invalid_hole(server: RunningServer) -> None:
    files = {"picture": ("shelf.png", PNG, "image/png")}
    page = post(server, "/tasks/restore_image", data={"hole": "0, 0, 64, 48"}, files=files)
    assert page.status_code == 422 and "the hole covers 100% of the picture" in page.text


def test_the_command_line_writes_the_picture_to_a_file(
    server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PLAIT_URL", server.url)
    shell = Shell(monkeypatch, capsys)
    command = ("run", "draw", "--description", "a cat", "--seed", "3")
    result = shell(*command, "--out", str(tmp_path / "cat.png"))
    assert f"wrote {tmp_path / 'cat.png'}, 64 x 64 pixels" in result.err and result.out == ""
    as_json = json.loads(shell(*command, "--json").out)
    assert Image(as_json).content == (tmp_path / "cat.png").read_bytes()
    failure = shell(*command, "--out", str(tmp_path / "nowhere" / "cat.png"))
    assert failure.code == 2 and "there is no folder" in failure.err
    foreign = shell(*command, "--out", str(tmp_path / "cat.mp3"))
    assert foreign.code == 2 and ".mp3 is not an image format" in foreign.err
