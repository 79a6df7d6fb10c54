"""The same annotated pictures are read from the export of any tool, and what is wrong in one is named."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait import Box
from plait.core.errors import InputError
from plait.foundation.data.sources.annotations.annotated_pictures import AnnotatedPictures
from plait.foundation.data.sources.annotations.formats import annotated_pictures, annotation_format
from plait.foundation.data.sources.data_folder import DataFolder, read_folder
from plait.foundation.data.sources.row_checks import open_rows
from tests.support.annotation_writers import (
    WRITERS,
    Corners,
    Labelled,
    voc_xml,
    write_coco,
    write_cvat,
    write_label_studio,
    write_pictures,
    write_voc,
    write_yolo,
)
from tests.support.user_row_sources import caption, find_all

SIDES = st.integers(16, 90)
NAMES = st.sampled_from(["mug", "shelf board", "杯子", "a & b"])


@st.composite
def boxes(draw: st.DrawFn, size: tuple[int, int]) -> Corners:
    x0, y0 = (draw(st.integers(0, side - 1)) for side in size)
    return x0, y0, draw(st.integers(x0 + 1, size[0])), draw(st.integers(y0 + 1, size[1]))


@st.composite
def labelled_pictures(draw: st.DrawFn) -> list[Labelled]:
    sizes = draw(st.lists(st.tuples(SIDES, SIDES), min_size=1, max_size=3))
    things = [draw(st.lists(st.tuples(NAMES, boxes(size)), max_size=3)) for size in sizes]
    things[0] = things[0] or [("mug", (0, 0, *sizes[0]))]  # without any thing nothing says which format it is
    return [
        Labelled(f"{at} é.{'jpg' if at % 2 else 'png'}", size, tuple(found))
        for at, (size, found) in enumerate(zip(sizes, things, strict=True))
    ]


def read(source: Path) -> AnnotatedPictures:
    form = annotation_format(source)
    assert form, source
    return annotated_pictures(form, source)


def things_by_name(pictures: AnnotatedPictures) -> dict[str, list[tuple[str, Corners | None]]]:
    return {
        Path(pictures.pictures[id].path).name: [(each.category, each.box) for each in annotations]
        for id, annotations in pictures.by_picture().items()
    }


@pytest.mark.parametrize("tool", WRITERS)
@settings(deadline=None, max_examples=25)
@given(labelled=labelled_pictures())
def test_boxes_and_names_are_read_from_the_export_of_any_tool(tool: str, labelled: list[Labelled]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = WRITERS[tool](Path(folder), labelled)
        pictures = read(source)
        assert pictures.bad_rows == ()
        assert things_by_name(pictures) == {each.name: list(each.things) for each in labelled}
        assert read_folder(Path(folder)).training == (source,)


MUG = Labelled("1.png", (64, 48), (("mug", (8, 16, 24, 40)),))
BOARD = Labelled("2.png", (64, 48), (("board", (0, 40, 64, 48)),))


@pytest.mark.parametrize("tool", WRITERS)
def test_an_export_gives_rows_of_a_task(tool: str, tmp_path: Path) -> None:
    rows = open_rows(WRITERS[tool](tmp_path, [MUG, BOARD]), find_all.declaration)
    answers = [rows.sample(at).example.answer for at in range(rows.length)]
    assert [[each.label for each in answer] for answer in answers] == [["mug"], ["board"]]  # type: ignore[attr-defined]


def test_val_valid_and_test_are_held_out_in_every_tree(tmp_path: Path) -> None:
    official = write_coco(tmp_path / "coco", [MUG])
    held_out = official.with_name("instances_val2017.json")
    held_out.write_bytes(official.read_bytes())
    for split in ("train", "valid", "test"):
        write_pictures(tmp_path / "robo" / split, [MUG])
        (tmp_path / "robo" / split / "_annotations.coco.json").write_bytes(official.read_bytes())
    found = read_folder(tmp_path)
    assert found.training == (official, tmp_path / "robo" / "train" / "_annotations.coco.json")
    assert set(found.held_out) == {
        held_out, *(tmp_path / "robo" / split / "_annotations.coco.json" for split in ("valid", "test"))
    }  # fmt: skip
    assert read_folder(tmp_path / "robo" / "valid").training, "a folder that is named is not judged by its name"


def test_lists_of_pascal_voc_hold_out_what_they_name(tmp_path: Path) -> None:
    folder = write_voc(tmp_path, [MUG, BOARD])
    lists = tmp_path / "ImageSets" / "Main"
    lists.mkdir(parents=True)
    texts = {"train.txt": "1\n", "val.txt": "2\n", "mug_train.txt": "1  1\n2 -1\n", "mug_val.txt": "1 -1\n2 -1\n"}
    for name, text in texts.items():
        (lists / name).write_text(text)
    assert read_folder(tmp_path) == DataFolder((folder,), (lists / "val.txt",))
    assert list(things_by_name(read(folder))) == ["1.png"]
    assert list(things_by_name(read(lists / "val.txt"))) == ["2.png"]
    assert list(things_by_name(read(lists / "mug_train.txt"))) == ["1.png"]


def test_pixels_of_the_original_voc_count_from_one(tmp_path: Path) -> None:
    folder = write_voc(tmp_path, [MUG])
    (folder / "1.xml").write_text(voc_xml(MUG, "The VOC2012 Database", first=1))
    assert things_by_name(read(folder)) == {"1.png": [("mug", (8, 16, 24, 40))]}


def test_a_folder_for_each_class_says_what_its_pictures_show(tmp_path: Path) -> None:
    for split in ("train", "test"):
        for name in ("mug", "shelf board"):
            write_pictures(tmp_path / split / name, [MUG])
    found = read_folder(tmp_path)
    assert found == DataFolder((tmp_path / "train",), (tmp_path / "test",))
    rows = open_rows(tmp_path / "train", caption.declaration)
    assert [rows.sample(at).example.answer for at in range(rows.length)] == ["mug", "shelf board"]
    write_pictures(tmp_path / "train", [MUG])
    assert not read_folder(tmp_path).training, "pictures beside the folders are of no class"


def test_folders_of_pictures_beside_other_data_are_no_classes(tmp_path: Path) -> None:
    for batch in ("batch-1", "batch-2"):
        write_pictures(tmp_path / "pictures" / batch, [MUG])
    assert read_folder(tmp_path).training == (tmp_path / "pictures",)
    (tmp_path / "rows.jsonl").write_text('{"picture": "pictures/batch-1/1.png", "answer": "a mug"}')
    assert read_folder(tmp_path).training == (tmp_path / "rows.jsonl",)


def test_captions_of_metadata_are_read_from_a_table_too(tmp_path: Path) -> None:
    write_pictures(tmp_path, [MUG, BOARD])
    (tmp_path / "metadata.csv").write_text('file_name,text\n1.png,"a mug, red"\n2.png,a board\n3.png,gone\n')
    pictures = read(tmp_path / "metadata.csv")
    assert [each.caption for each in pictures.annotations] == ["a mug, red", "a board"]
    assert "metadata.csv:4 3.png cannot be read: No such file" in str(pictures.bad_rows[0])


def test_a_turned_box_is_the_box_around_it(tmp_path: Path) -> None:
    square = Labelled("1.png", (64, 48), (("mug", (20, 20, 30, 30)),))
    file = write_cvat(tmp_path / "cvat", [square])
    file.write_text(file.read_text().replace('occluded="0"', 'rotation="45.00"'))
    assert things_by_name(read(file)) == {"1.png": [("mug", (18, 18, 32, 32))]}
    studio = write_label_studio(tmp_path / "studio", [square])
    studio.write_text(studio.read_text().replace('"rotation": 0', '"rotation": 90'))
    assert things_by_name(read(studio)) == {"1.png": [("mug", (10, 20, 20, 30))]}, "it turns around its first corner"


def test_paths_of_windows_and_of_macos_are_found(tmp_path: Path) -> None:
    file = write_coco(tmp_path, [Labelled("caf\u00e9.png", (64, 48), MUG.things)])
    for written in ("cafe\u0301.png", "pictures\\caf\u00e9.png"):
        (tmp_path / "train2017" / "pictures").mkdir(exist_ok=True)
        write_pictures(tmp_path / "train2017" / "pictures", [Labelled("caf\u00e9.png", (64, 48), ())])
        content = json.loads(file.read_text())
        content["images"][0]["file_name"] = written
        file.write_text(json.dumps(content))
        pictures = read(file)
        assert pictures.bad_rows == () and len(pictures.annotations) == 1, written


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_a_file_may_have_the_mark_of_its_encoding(encoding: str, tmp_path: Path) -> None:
    file = write_coco(tmp_path, [Labelled("1.png", (64, 48), (("杯子", (8, 16, 24, 40)),))])
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    file.write_bytes((mark + file.read_text().encode().decode("unicode_escape")).encode(encoding))
    assert read_folder(tmp_path).training == (file,)
    assert things_by_name(read(file)) == {"1.png": [("杯子", (8, 16, 24, 40))]}


def test_a_caption_does_not_hide_boxes_and_polygons_have_boxes(tmp_path: Path) -> None:
    file = write_coco(tmp_path, [MUG])
    content = json.loads(file.read_text())
    thing = content["annotations"][0]
    del thing["bbox"]
    thing["segmentation"] = [[8, 16, 24, 16, 24, 40], [8, 40, 9, 39]]
    content["annotations"].append({"id": 9, "image_id": 0, "caption": "a mug"})
    file.write_text(json.dumps(content))
    rows = open_rows(file, find_all.declaration)
    assert [each.box for each in rows.sample(0).example.answer] == [Box(8, 16, 24, 40)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("table", ["images", "categories"])
def test_two_entries_with_one_id_are_refused_with_both_names(tmp_path: Path, table: str) -> None:
    file = write_coco(tmp_path, [MUG, BOARD])
    content = json.loads(file.read_text())
    content[table][1]["id"] = content[table][0]["id"]
    file.write_text(json.dumps(content))
    names = ("1.png", "2.png") if table == "images" else ("board", "mug")
    with pytest.raises(InputError, match=rf'two {table} have the id \d: "{names[0]}" and "{names[1]}"'):
        read(file)


def test_bad_lines_and_files_are_named_with_their_place(tmp_path: Path) -> None:
    labels = write_yolo(tmp_path / "yolo", [MUG, BOARD])
    with (labels / "1.txt").open("a") as file:
        file.write("7 0.5 0.5 0.1 0.1\n0 0.5 0.5 0.1\nmug 1 2 3 4\n0 1.9 0.5 0.4 0.1\n")
    (labels / "gone.txt").write_text("0 0.5 0.5 0.1 0.1\n")
    assert [str(each).removeprefix(f"{labels}/") for each in read(labels).bad_rows] == [
        "1.txt:2 7 is none of the 2 classes",
        "1.txt:3 should have 4 numbers of a box, or 6 and more of a polygon, not 3",
        '1.txt:4 should be the number of a class and a box, not "mug 1 2 3 4"',
        "1.txt:5 box: 0 1.9 0.5 0.4 0.1 lies outside of its picture, which has 64 x 48 pixels",
        f"gone.txt has no picture in {tmp_path / 'yolo' / 'images' / 'train'}",
    ]

    folder = write_voc(tmp_path / "voc", [MUG, BOARD])
    (folder / "1.xml").write_text(voc_xml(MUG).replace("<xmin>8<", "<xmin>left<"))
    (folder / "2.xml").write_text("<annotation>")
    (folder / "3.xml").write_text('<!DOCTYPE a [<!ENTITY b "c">]><annotation/>')
    bad = [str(each).removeprefix(f"{folder}/") for each in read(folder).bad_rows]
    assert bad[0] == "1.xml: object 1 bndbox: xmin: should be a number, not 'left'"
    assert bad[1].startswith("2.xml is not XML: ") and bad[2] == "3.xml declares a document type, which is not read"


def test_what_is_not_read_is_said(tmp_path: Path) -> None:
    file = write_cvat(tmp_path, [MUG])
    file.write_text(file.read_text().replace("</image>", '<mask label="mug" rle="1, 2"/></image>'))
    (bad,) = read(file).bad_rows
    assert "mask 2 is a shape that is not read" in str(bad) and read(file).incomplete == {"0"}
    file.write_text(file.read_text().replace('width="64"', 'width="wide"'))
    assert len(read(file).pictures) == 1, "a size that is none is not compared"
    file.write_text("<annotations><track/></annotations>")
    with pytest.raises(InputError, match="has the tracks of a video"):
        read(file)


def test_two_pictures_with_one_text_file_are_refused(tmp_path: Path) -> None:
    labels = write_yolo(tmp_path, [MUG])
    write_pictures(tmp_path / "images" / "train", [Labelled("1.jpg", (64, 48), ())])
    with pytest.raises(InputError, match=r"1\.jpg and 1\.png have one name"):
        read(labels)


def test_pictures_with_captions_are_no_yolo(tmp_path: Path) -> None:
    write_pictures(tmp_path, [MUG])
    (tmp_path / "1.txt").write_text("a mug on a shelf")
    (tmp_path / "classes.txt").write_text("mug\n")
    assert annotation_format(tmp_path) is None


# ── damaged exports ──

OTHER_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)


def places_in(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all values inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*place, key)
        yield from places_in(each, (*place, key))


def replace_at(value: Any, place: tuple[Any, ...], new: Any) -> None:
    for key in place[:-1]:
        value = value[key]
    value[place[-1]] = new


def read_or_refuse(source: Path, folder: Path) -> None:
    """Reads a damaged source as training does. Only InputError may come of it."""
    try:
        for each in read_folder(folder).training:
            for task in (find_all, caption):
                if form := annotation_format(each):
                    annotated_pictures(form, each)
                    open_rows(each, task.declaration)
    except InputError as error:
        assert error.message


@pytest.mark.parametrize("tool", ["official COCO", "Label Studio", "Hugging Face"])
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_value_in_any_place_of_json_is_read_or_refused(tool: str, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = WRITERS[tool](Path(folder), [MUG, BOARD])
        lines = source.read_text().splitlines()
        content = json.loads(lines[0])
        replace_at(content, data.draw(st.sampled_from(list(places_in(content)))), data.draw(OTHER_JSON))
        source.write_text("\n".join([json.dumps(content), *lines[1:]]))
        read_or_refuse(source, Path(folder))


@pytest.mark.parametrize("tool", WRITERS)
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_any_damage_to_a_file_is_read_or_refused(tool: str, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = WRITERS[tool](Path(folder), [MUG, BOARD])
        texts = [source] if source.is_file() else sorted(each for each in source.iterdir() if each.suffix != ".png")
        file = data.draw(st.sampled_from([*texts, *Path(folder).glob("data.yaml"), *Path(folder).glob("classes.txt")]))
        content = file.read_bytes()
        start = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(start, min(len(content), start + 20)))
        file.write_bytes(content[:start] + data.draw(st.binary(max_size=6)) + content[end:])
        read_or_refuse(source, Path(folder))
