"""COCO JSON: its annotations as rows of tasks of the user's own, held against pycocotools."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import ImageChops, ImageOps
from pycocotools.coco import COCO

from plait import Box, Image
from plait.core.errors import InputError
from plait.core.task.task import task
from plait.core.values.json_value import InvalidValue
from plait.foundation.data.sources.annotations.annotated_pictures import AnnotatedPicture
from plait.foundation.data.sources.annotations.coco import parse_bbox
from plait.foundation.data.sources.row_checks import open_rows
from tests.support.shelf import encode_picture, shelf
from tests.support.user_row_sources import caption, find, find_all, name_it

RED, BLUE, PLATE = [8.2, 16.4, 15.6, 23.7], [40.0, 16.0, 16.0, 24.0], [0, 40, 64, 8]
CATEGORIES = [{"id": 1, "name": "mug"}, {"id": 7, "name": "shelf board"}]


def image(id: int, **other: Any) -> dict[str, Any]:
    return {"id": id, "file_name": f"{id}.png", "width": 64, "height": 48, **other}


def annotation(id: int, of: int, bbox: Any, category: int = 1, **other: Any) -> dict[str, Any]:
    return {"id": id, "image_id": of, "category_id": category, "bbox": bbox, "iscrowd": 0, **other}


def write_coco(folder: Path, *annotations: dict[str, Any], pictures: int = 6, **other: Any) -> Path:
    for id in range(1, pictures + 1):
        (folder / f"{id}.png").write_bytes(encode_picture(shelf()))
    dataset = {
        "images": [image(id) for id in range(1, pictures + 1)],
        "categories": CATEGORIES,
        "annotations": annotations,
    }
    file = folder / "coco.json"
    file.write_text(json.dumps({**dataset, **other}))
    return file


GOOD = (
    annotation(11, 1, RED),
    annotation(12, 1, PLATE, 7),
    annotation(13, 2, BLUE),
    annotation(14, 2, RED),
    annotation(15, 3, PLATE, 7),
)


def test_all_boxes_of_a_picture_are_one_row(tmp_path: Path) -> None:
    rows = open_rows(write_coco(tmp_path, *GOOD), find_all.declaration)
    answers: list[Any] = [rows.sample(at).example.answer for at in range(rows.length)]
    assert [[(each.label, each.box) for each in answer] for answer in answers[:3]] == [
        [("mug", Box(8, 16, 24, 40)), ("shelf board", Box(0, 40, 64, 48))],
        [("mug", Box(40, 16, 56, 40)), ("mug", Box(8, 16, 24, 40))],
        [("shelf board", Box(0, 40, 64, 48))],
    ]
    assert answers[3:] == [[], [], []]


def test_a_category_that_occurs_once_gives_a_row_of_locate(tmp_path: Path) -> None:
    rows = open_rows(write_coco(tmp_path, *GOOD, annotation(16, 3, PLATE, 7, iscrowd=1)), find.declaration)
    examples = [rows.sample(at).example for at in range(rows.length)]
    assert [(each.inputs["phrase"], each.answer) for each in examples] == [
        ("mug", Box(8, 16, 24, 40)),
        ("shelf board", Box(0, 40, 64, 48)),
    ]


def test_a_box_gives_a_row_of_describe_region(tmp_path: Path) -> None:
    rows = open_rows(write_coco(tmp_path, *GOOD, annotation(16, 4, RED, iscrowd=1)), name_it.declaration)
    assert rows.length == 5
    assert rows.sample(1).example.inputs == {"picture": Image(encode_picture(shelf())), "region": Box(0, 40, 64, 48)}
    assert rows.sample(1).example.answer == "shelf board"


def test_each_caption_is_a_row(tmp_path: Path) -> None:
    captions = [{"id": at, "image_id": 1, "caption": text} for at, text in enumerate(["Two mugs.", "a shelf \n"])]
    rows = open_rows(write_coco(tmp_path, *captions), caption.declaration)
    assert [rows.sample(at).example.answer for at in range(rows.length)] == ["Two mugs.", "a shelf"]
    with pytest.raises(InputError, match="has no rows for find_all"):
        open_rows(write_coco(tmp_path, *captions), find_all.declaration)
    with pytest.raises(InputError, match="has no rows for caption"):
        open_rows(write_coco(tmp_path, *GOOD), caption.declaration)


def test_rows_agree_with_pycocotools(tmp_path: Path) -> None:
    file = write_coco(tmp_path, *GOOD, annotation(16, 4, RED, iscrowd=1))
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(file))
    rows = open_rows(file, find_all.declaration)
    ids = coco.getImgIds()
    assert rows.length == len(ids)
    for at, id in enumerate(ids):
        theirs = coco.loadAnns(coco.getAnnIds(imgIds=[id], iscrowd=False))
        ours: Any = rows.sample(at).example.answer
        assert [each.label for each in ours] == [coco.loadCats(each["category_id"])[0]["name"] for each in theirs]
        for mine, (left, top, width, height) in zip(ours, (each["bbox"] for each in theirs), strict=True):
            edges = (left, top, left + width, top + height)
            assert all(abs(a - b) <= 0.5 for a, b in zip(vars(mine.box).values(), edges, strict=True))


@given(st.integers(16, 4_000), st.integers(16, 4_000), st.data())
def test_a_box_is_rounded_to_whole_pixels(width: int, height: int, data: st.DataObject) -> None:
    def span(end: int) -> tuple[float, float]:
        start = data.draw(st.floats(0, end - 0.01))
        return start, data.draw(st.floats(0.001, end - start))

    (left, across), (top, down) = span(width), span(height)
    (x0, y0, x1, y1), is_clipped = parse_bbox([left, top, across, down], AnnotatedPicture(1, "", (width, height)))
    assert not is_clipped
    assert 0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height
    for low, high, start, length in ((x0, x1, left, across), (y0, y1, top, down)):
        off = 0.5 if high - low > 1 else 1.5  # one thinner than a pixel is widened to one
        assert abs(low - start) <= off + 1e-6 and abs(high - start - length) <= off + 1e-6


SHELF = AnnotatedPicture(1, "1.png", (64, 48))
BOXES: dict[str, tuple[Any, str]] = {
    "no area": ([8, 16, 0, 24], "bbox: [8, 16, 0, 24] has no area"),
    "turned over": ([24, 16, -16, 24], "bbox: [24, 16, -16, 24] has no area"),
    "far outside": ([90, 16, 0.1, 24], "bbox: [90, 16, 0.1, 24] lies outside of its picture, which has 64 x 48 pixels"),
    "above": ([8, -30, 8, 24], "bbox: [8, -30, 8, 24] lies outside of its picture, which has 64 x 48 pixels"),
    "three numbers": ([8, 16, 16], "bbox: should be [left, top, width, height], not [8, 16, 16]"),
    "a text": ("8,16,16,24", 'bbox: should be [left, top, width, height], not "8,16,16,24"'),
    "none": (None, "bbox: should be [left, top, width, height], not null"),
}


@pytest.mark.parametrize("what", BOXES)
def test_an_invalid_box_is_reported_with_its_annotation(what: str, tmp_path: Path) -> None:
    bbox, reason = BOXES[what]
    with pytest.raises(InvalidValue) as caught:
        parse_bbox(bbox, SHELF)
    assert str(caught.value) == reason
    file = write_coco(tmp_path, *GOOD, annotation(99, 3, bbox))
    boxes = open_rows(file, name_it.declaration)
    assert boxes.length == 5 and [str(bad) for bad in boxes.bad_rows] == [f"{file}: annotation 99 (index 5) {reason}"]
    pictures = open_rows(file, find_all.declaration)
    assert pictures.length == 5 and pictures.bad_rows == boxes.bad_rows
    assert all("3.png" not in repr(pictures.sample(at).example.inputs) for at in range(5))


def test_a_box_may_exceed_its_picture_by_rounding_errors() -> None:
    assert parse_bbox([-0.4, 0, 64.8, 48.4], SHELF) == ((0, 0, 64, 48), False)


@pytest.mark.parametrize(("bbox", "inside"), [([8, 16, 57, 24], (8, 16, 64, 40)), ([8, -1, 8, 24], (8, 0, 16, 23))])
def test_a_box_over_the_edge_is_clipped(bbox: list[int], inside: tuple[int, ...], tmp_path: Path) -> None:
    assert parse_bbox(bbox, SHELF) == (inside, True)
    rows = open_rows(write_coco(tmp_path, *GOOD, annotation(99, 3, bbox)), name_it.declaration)
    assert rows.length == 6 and rows.bad_rows == ()


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (annotation(99, 77, RED), "image_id: 77 is not an image of the file"),
        (annotation(99, 1, RED, 5), "category_id: 5 is not a category of the file"),
        ({"id": 99, "image_id": 1, "caption": 3}, "caption: should be a text, not 3"),
    ],
)
def test_ids_that_refer_to_nothing_are_reported(wrong: dict[str, Any], reason: str, tmp_path: Path) -> None:
    rows = open_rows(write_coco(tmp_path, *GOOD, wrong), name_it.declaration)
    assert [bad.reason for bad in rows.bad_rows] == [reason] and rows.length == 5


def test_a_missing_picture_or_one_of_another_size_is_reported_once(tmp_path: Path) -> None:
    images = [image(1, width=48, height=64), image(2, file_name="gone.png"), *(image(id) for id in range(3, 12))]
    annotations = [annotation(id, id, RED) for id in range(1, 12)] + [annotation(20, 1, BLUE)]
    file = write_coco(tmp_path, *annotations, pictures=11, images=images)
    rows = open_rows(file, name_it.declaration)
    assert rows.length == 9 and [str(bad) for bad in rows.bad_rows] == [
        f"{file}: image 1 (index 0) 1.png has 64 x 48 pixels when displayed, but the file says 48 x 64",
        f"{file}: image 2 (index 1) gone.png cannot be read: No such file or directory",
    ]


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_boxes_are_turned_with_a_photo_that_exif_turns(orientation: int, tmp_path: Path) -> None:
    """As it lies on disk it has 48 x 64 pixels, and a tool that takes no notice of EXIF writes boxes of these."""
    raw = Pillow.new("RGB", (48, 64), "white")
    raw.paste("red", (5, 10, 20, 50))
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    file = write_coco(tmp_path, *(annotation(id, id, [5, 10, 15, 40] if id == 1 else RED) for id in range(1, 7)))
    (tmp_path / "1.png").write_bytes(encode_picture(raw, "PNG", exif=exif))
    dataset = json.loads(file.read_text())
    dataset["images"][0] |= {"width": 48, "height": 64}
    file.write_text(json.dumps(dataset))
    rows = open_rows(file, name_it.declaration)
    assert rows.bad_rows == () and rows.length == 6
    red = ImageChops.difference(
        ImageOps.exif_transpose(raw_of(tmp_path / "1.png")), Pillow.new("RGB", (64, 48), "white")
    )
    assert rows.sample(0).example.inputs["region"] == Box(*red.getbbox())  # type: ignore[misc]


def raw_of(file: Path) -> Pillow.Image:
    with Pillow.open(file) as picture:
        picture.load()
        return picture


def test_a_file_in_another_format_or_truncated_is_refused(tmp_path: Path) -> None:
    file = write_coco(tmp_path, *GOOD)
    file.write_text(file.read_text()[:-30])
    with pytest.raises(InputError, match=r"coco\.json is not JSON: EOF while parsing"):
        open_rows(file, find_all.declaration)
    for other in ("[]", "{}", '{"images": []}'):
        file.write_text(other)
        with pytest.raises(InputError, match=r"coco\.json is not a COCO file"):
            open_rows(file, find_all.declaration)
    with pytest.raises(InputError, match=r"annotations, index 1: should be an object with an id, not 5"):
        open_rows(write_coco(tmp_path, GOOD[0], 5), find_all.declaration)  # type: ignore[arg-type]


def test_a_task_with_other_inputs_is_refused_with_the_supported_ones(tmp_path: Path) -> None:
    @task
    def sort(text: str) -> str:
        """Sort {text}."""
        ...

    with pytest.raises(InputError, match="annotated pictures have no rows for sort") as caught:
        open_rows(write_coco(tmp_path, *GOOD), sort.declaration)
    assert "picture, text -> box" in caught.value.hint


def test_the_built_in_tasks_have_supported_inputs(tmp_path: Path) -> None:
    from plait.tasks.detect import detect
    from plait.tasks.locate import locate

    file = write_coco(tmp_path, *GOOD)
    assert open_rows(file, detect.declaration).length == 6 and open_rows(file, locate.declaration).length == 3
