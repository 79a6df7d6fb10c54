"""A vision model on a remote server: the pictures it receives and the coordinates of its boxes."""

import base64
import json
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow
from pydantic import BaseModel

from plait import Box, Image, task
from plait.core.calls.transport import local_transport
from plait.core.errors import InvalidAnswer, NoCapableModel, error_text
from plait.tasks.detect import Found, detect
from plait.tasks.locate import locate
from tests.support.openai_peer import Peer, peer, reply_text
from tests.support.running_server import error_of
from tests.support.shelf import BLUE, MUG, PNG, RED, SIZE, encode_picture, rotated_photo, shelf

PER_MILLE = json.dumps([round(1000 * corner / side) for corner, side in zip(MUG, SIZE * 2, strict=True)])
FRAMES = {"per-mille": PER_MILLE, "unit": json.dumps([8 / 64, 16 / 48, 24 / 64, 40 / 48]), "pixels": json.dumps(MUG)}


class Photo(BaseModel):
    picture: Image
    taken: str


@task
def compare(before: Image, after: list[Photo]) -> str:
    """What changed from {before} to {after}?"""
    ...


@task
def describe(picture: Image, region: Box) -> str:
    """What is in {region} of {picture}?"""
    ...


@pytest.fixture
def write_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """`named(there, boxes="unit")` writes plait.toml; what was started for it ends with the test."""
    monkeypatch.chdir(tmp_path)

    def write(server: Peer, **settings: str | bool) -> None:
        table = {"url": server.url, "name": "m", **settings}
        lines = (f"{key} = {json.dumps(value)}" for key, value in table.items())
        (tmp_path / "plait.toml").write_text("\n".join(["[models.gpu-box]", *lines]) + "\n")

    yield write
    from plait.core.calls import event_loop

    event_loop.run(local_transport().aclose())  # type: ignore[union-attr]


def sent_images(body: Any, message: int = -1) -> list[Pillow.Image]:
    """The pictures of a message, decoded as the server does."""
    parts = body["messages"][message]["content"]
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    return [Pillow.open(BytesIO(base64.b64decode(url.partition(",")[2]))) for url in urls]


def text(body: Any, message: int = -1) -> str:
    (part_text,) = [part["text"] for part in body["messages"][message]["content"] if part["type"] == "text"]
    return str(part_text)


# ── what it is shown ──


@pytest.mark.parametrize("boxes", FRAMES)
def test_the_picture_is_sent_and_the_box_is_in_its_pixels(write_settings: Callable[..., None], boxes: str) -> None:
    with peer(reply_text(FRAMES[boxes])) as server:
        write_settings(server, boxes=boxes)
        assert locate.using("gpu-box")(Image(PNG), "the red mug") == Box(*MUG)
    (body,) = server.bodies
    (picture,) = sent_images(body)
    assert picture.format == "PNG" and picture.size == SIZE
    assert picture.convert("RGB").getpixel((16, 28)) == RED and picture.convert("RGB").getpixel((48, 28)) == BLUE
    assert text(body) == 'Which region of the picture does the text "the red mug" describe?'


def test_exif_orientation_applies_to_the_picture_and_its_boxes(write_settings: Callable[..., None]) -> None:
    with peer(reply_text(PER_MILLE)) as server:
        write_settings(server, boxes="per-mille")
        assert locate.using("gpu-box")(Image(rotated_photo(6, quality=95)), "the red mug") == Box(*MUG)
    (picture,) = sent_images(server.bodies[0])
    assert picture.size == SIZE and not picture.getexif()


def test_a_large_picture_is_downscaled_and_its_boxes_scaled_back(write_settings: Callable[..., None]) -> None:
    large = Image(encode_picture(shelf((4096, 3072)), "JPEG"))
    with peer(reply_text("[100, 200, 300, 400]")) as server:
        write_settings(server, boxes="pixels")
        assert locate.using("gpu-box")(large, "x") == Box(200, 400, 600, 800)
    (picture,) = sent_images(server.bodies[0])
    assert picture.size == (2048, 1536)


def test_several_pictures_are_sent_in_order_and_numbered(write_settings: Callable[..., None]) -> None:
    before, other = (
        Image(encode_picture(Pillow.new("RGB", (20, 10)))),
        Image(encode_picture(Pillow.new("RGB", (30, 10)))),
    )
    with peer(reply_text("Nothing.")) as server:
        write_settings(server)
        photos = [Photo(picture=other, taken="at noon"), Photo(picture=before, taken="at night")]
        assert compare.using("gpu-box")(before, photos) == "Nothing."
    (body,) = server.bodies
    assert [picture.size for picture in sent_images(body)] == [(20, 10), (30, 10)], "the same picture is shown once"
    assert "What changed from picture 1 to after?" in text(body)
    assert "picture: picture 2, taken: at noon" in text(body) and "picture: picture 1, taken: at night" in text(body)


def test_examples_are_sent_with_their_pictures_and_boxes(write_settings: Callable[..., None]) -> None:
    with peer(reply_text("[0, 0, 1000, 1000]")) as server:
        write_settings(server, boxes="per-mille")  # the project's examples are those of its plait.toml
        locate.examples.add(Box(*MUG), picture=Image(PNG), phrase="the red mug")
        small = Image(encode_picture(Pillow.new("RGB", (30, 10))))
        assert locate.using("gpu-box", shots=1)(small, "all") == Box(0, 0, 30, 10)
    (body,) = server.bodies
    roles = [message["role"] for message in body["messages"]]
    assert roles == ["system", "user", "assistant", "user"]
    assert [picture.size for picture in (*sent_images(body, 1), *sent_images(body, 3))] == [SIZE, (30, 10)]
    assert json.loads(body["messages"][2]["content"]) == json.loads(PER_MILLE)


def test_a_box_input_is_written_in_the_box_format_of_the_model(write_settings: Callable[..., None]) -> None:
    with peer(reply_text("A mug.")) as server:
        write_settings(server, boxes="per-mille")
        assert describe.using("gpu-box")(Image(PNG), Box(*MUG)) == "A mug."
    assert f"What is in {PER_MILLE.replace(' ', '')} of the picture?" in text(server.bodies[0])


# ── what it answers ──


def test_detections_are_streamed_one_by_one_in_pixels(write_settings: Callable[..., None]) -> None:
    answer_json = f'[{{"what":"red mug","where":{PER_MILLE}}},{{"what":"all","where":[0,0,1000,1000]}}]'
    with peer(reply_text(answer_json)) as server:
        write_settings(server, boxes="per-mille")
        results = list(detect.using("gpu-box").stream(Image(PNG)))
    assert results == [Found(what="red mug", where=Box(*MUG)), Found(what="all", where=Box(0, 0, 64, 48))]


def test_a_partial_box_is_not_shown_in_model_coordinates(write_settings: Callable[..., None]) -> None:
    with peer(reply_text(PER_MILLE)) as server:
        write_settings(server, boxes="per-mille")
        (last,) = locate.using("gpu-box").stream(Image(PNG), "the red mug")
    assert last.final == Box(*MUG) and last.partial == dict(zip(("x0", "y0", "x1", "y1"), MUG, strict=True))


@pytest.mark.parametrize(
    "wrong",
    ["[900,0,100,500]", "[0,0,0,0]", "[0,0,1001,9]", "[-1,0,9,9]", "[1,2,3]", "[NaN,0,1,1]", '{"x0":1}', "the mug"],
)
def test_an_invalid_box_is_requested_twice_and_then_refused(write_settings: Callable[..., None], wrong: str) -> None:
    with peer(reply_text(wrong), reply_text(PER_MILLE)) as server:
        write_settings(server, boxes="per-mille")
        assert locate.using("gpu-box")(Image(PNG), "the red mug") == Box(*MUG)
        assert len(server.bodies) == 2
    with peer(reply_text(wrong)) as server:
        write_settings(server, boxes="per-mille")
        error = error_of(lambda: locate.using("gpu-box")(Image(PNG), "the red mug"))
    assert isinstance(error, InvalidAnswer) and "locate answered twice with an invalid Box" in error.message
    assert error.answer == wrong


# ── who can ──


def test_a_model_without_box_format_is_refused_with_the_setting(write_settings: Callable[..., None]) -> None:
    with peer(reply_text(PER_MILLE)) as server:
        write_settings(server)
        for ask in (
            lambda: locate.using("gpu-box")(Image(PNG), "x"),
            lambda: describe.using("gpu-box")(Image(PNG), Box(*MUG)),
        ):
            error = error_of(ask)
            assert isinstance(error, NoCapableModel) and not server.calls
            assert 'the box format of gpu-box is unknown; set it in plait.toml: boxes = "per-mille"' in error.message


def test_a_text_only_model_gets_no_picture(write_settings: Callable[..., None]) -> None:
    with peer(reply_text("x")) as server:
        write_settings(server, pictures=False, boxes="per-mille")
        error = error_of(lambda: locate.using("gpu-box")(Image(PNG), "x"))
    assert error_text(error) == (
        "NoCapableModel: no model can answer 'locate': it needs an image in; gpu-box reads text only\n"
        "  → add a model that reads images to plait.toml, or pass --model NAME"
    )


def test_a_text_model_cannot_draw_a_picture(write_settings: Callable[..., None], load_source: Any) -> None:
    source = 'from plait import *\n@task\ndef draw(words: str) -> Image:\n    """Draw {words}."""\n    ...\n'
    draw = load_source(source, "draw")
    with peer(reply_text("x")) as server:
        write_settings(server)
        error = error_of(lambda: draw.using("gpu-box")("a mug"))
    assert "it answers with an image; gpu-box writes text only" in error.message
