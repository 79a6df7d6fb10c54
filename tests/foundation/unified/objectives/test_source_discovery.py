"""A person's files are taken for the tasks that they teach."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow

from plait.core.errors import InputError, SettingsError
from plait.foundation.data.sources.folders import source_names
from plait.foundation.unified.launch import TrainRequest, launch
from plait.foundation.unified.objectives.source_discovery import discover_sources
from plait.foundation.unified.recipe import Recipe
from plait.foundation.unified.worlds.task_items import TEXT_TASKS
from tests.support.data_files import save_dataset, save_splits, write_parquet, write_tar

BOX = {"x0": 10, "y0": 20, "x1": 60, "y1": 50}
ROWS: dict[str, dict[str, Any]] = {
    "locate": {"picture": "0.png", "phrase": "the disc", "answer": BOX},
    "describe_region": {"picture": "0.png", "region": BOX, "answer": "a disc"},
    "matches": {"picture": "0.png", "text": "a disc", "answer": True},
    "describe": {"picture": "0.png", "answer": "a disc"},
    "ask": {"picture": "0.png", "question": "what is it?", "answer": "a disc"},
    "detect": {"picture": "0.png", "answer": [{"what": "disc", "where": BOX}]},
    "restore_text": {"text": "a ___", "answer": "a disc"},
}
COCO: dict[str, Any] = {
    "images": [{"id": 1, "file_name": "0.png", "width": 128, "height": 64}],
    "categories": [{"id": 7, "name": "disc"}],
    "annotations": [{"id": 3, "image_id": 1, "category_id": 7, "bbox": [10, 20, 50, 30]}],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Pillow.new("RGB", (128, 64), "red").save(tmp_path / "0.png")
    return tmp_path


def discovered_sources(path: Path) -> list[tuple[str, str]]:
    return [(file.name, task) for file, task in discover_sources(path, TEXT_TASKS)]


@pytest.mark.parametrize("task", TEXT_TASKS)
def test_a_table_of_any_name_is_assigned_to_its_task(folder: Path, task: str) -> None:
    (folder / "mine.jsonl").write_text(json.dumps({**ROWS[task], "split": "a column of my own"}))
    assert discovered_sources(folder / "mine.jsonl") == [("mine.jsonl", task)]


def test_an_invalid_first_row_does_not_prevent_discovery(folder: Path) -> None:
    rows = ["{", json.dumps({**ROWS["locate"], "answer": None}), json.dumps(ROWS["locate"])]
    (folder / "mine.jsonl").write_text("\n".join(rows))
    assert discovered_sources(folder) == [("mine.jsonl", "locate")]


def test_a_table_may_have_several_answer_columns(folder: Path) -> None:
    with (folder / "mine.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [["picture", "phrase", *(f"answer.{corner}" for corner in BOX)], ["0.png", "the disc", *BOX.values()]]
        )
    assert discovered_sources(folder) == [("mine.csv", "locate")]


def test_coco_boxes_give_rows_of_three_tasks_and_captions_of_one(folder: Path) -> None:
    (folder / "a.json").write_text(json.dumps(COCO))
    captions = [{"id": 3, "image_id": 1, "caption": "a disc"}]
    (folder / "b.json").write_text(json.dumps({**COCO, "annotations": captions, "categories": []}))
    assert discovered_sources(folder) == [
        ("a.json", "locate"),
        ("a.json", "describe_region"),
        ("a.json", "detect"),
        ("b.json", "describe"),
    ]


def write_shards(folder: Path, name: str, task: str, count: int = 2) -> None:
    for at in range(count):
        write_parquet(folder / f"{name}-{at:05}-of-{count:05}.parquet", [ROWS[task]])


@pytest.mark.parametrize("task", TEXT_TASKS)
def test_parquet_webdataset_and_saved_folders_are_assigned_to_their_task(folder: Path, task: str) -> None:
    row, content = dict(ROWS[task]), (folder / "0.png").read_bytes()
    write_parquet(folder / "a.parquet", [row])
    if row.pop("picture", None):
        write_tar(folder / "b.tar", ("1.png", content), ("1.json", json.dumps(row).encode()))
        row["picture"] = {"bytes": content, "path": None}
    else:
        write_tar(folder / "b.tar", ("1.json", json.dumps(row).encode()))
    save_dataset(folder / "c", [row], {})
    assert discovered_sources(folder) == [("a.parquet", task), ("b.tar", task), ("c", task)]


def test_shards_with_one_name_are_one_source(folder: Path) -> None:
    write_shards(folder, "train", "locate")
    write_shards(folder, "single", "ask", 1)
    for at in range(2):
        write_tar(folder / f"{at:05}.tar", ("1.png", (folder / "0.png").read_bytes()), ("1.txt", b"a disc"))
    expected = [("*.tar", "describe"), ("single-00000-of-00001.parquet", "ask"), ("train-*.parquet", "locate")]
    assert discovered_sources(folder) == expected
    assert discovered_sources(folder / "train-*.parquet") == [("train-*.parquet", "locate")]
    with pytest.raises(InputError, match=r"none-\*\.tar is not a file"):
        discovered_sources(folder / "none-*.tar")


def test_test_and_validation_splits_are_held_out_in_any_folder(folder: Path) -> None:
    (folder / "hub" / "data").mkdir(parents=True)
    for name in ("train", "test", "validation"):
        write_shards(folder, name, "ask")
        write_parquet(folder / "hub" / "data" / f"{name}-00000-of-00001.parquet", [ROWS["restore_text"]])
    for name in ("held-out.parquet", "test.tar", "held_out-00000.tar", "dev-00001.tar"):
        (folder / name).write_bytes(b"not looked at")
    save_splits(folder / "dict", train=[ROWS["restore_text"]], test=[{"a": 1}])
    save_dataset(folder / "held-out-more", [{"a": 1}], {})
    assert discovered_sources(folder) == [
        ("train-*.parquet", "ask"),
        ("train", "restore_text"),
        ("train-00000-of-00001.parquet", "restore_text"),
    ]
    assert [task for _, task in discovered_sources(folder / "hub")] == ["restore_text"]
    assert [file.parent.name for file, _ in discover_sources(folder / "dict", TEXT_TASKS)] == ["dict"]
    assert discovered_sources(folder / "test-*.parquet") == [("test-*.parquet", "ask")]


def test_a_file_name_that_contains_test_is_not_a_split(folder: Path) -> None:
    """`testimonials` begins like one."""
    write_parquet(folder / "testimonials.parquet", [ROWS["ask"]])
    assert discovered_sources(folder) == [("testimonials.parquet", "ask")]


def test_the_name_of_shards_and_folders_selects_their_task(folder: Path) -> None:
    row = {**ROWS["describe"], "answer": "true"}
    write_shards(folder, "describe", "describe")
    assert discovered_sources(folder) == [("describe-*.parquet", "describe")]
    assert source_names(folder / "ask-*.tar") >= {"ask"}
    save_splits(folder / "ask", train=[row], test=[row])
    assert source_names(folder / "ask" / "train") >= {"ask", "train"}


def test_damaged_first_rows_do_not_prevent_discovery(folder: Path) -> None:
    file = write_parquet(folder / "mine.parquet", [ROWS["ask"]] * 4, group=1)
    content = bytearray(file.read_bytes())
    content[4:30] = b"\xff" * 26
    file.write_bytes(content)
    assert discovered_sources(folder) == [("mine.parquet", "ask")]


NO_PICTURE = json.dumps({**ROWS["locate"], "picture": "gone.png"})
GONE = json.dumps({**COCO, "images": [{**COCO["images"][0], "file_name": "gone.png"}]})


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("mine.jsonl", b'{"image": "0.png", "label": "disc"}', "mine.jsonl has the columns image, label"),
        ("mine.jsonl", b"", "mine.jsonl has no rows"),
        ("mine.jsonl", NO_PICTURE.encode(), "picture cannot be read: No such file"),
        ("mine.jsonl", json.dumps({**ROWS["locate"], "answer": "here"}).encode(), "answer"),
        ("mine.csv", "picture,answer\n0.png,caf\u00e9\n".encode("latin-1"), "it is not UTF-8"),
        ("mine.json", b"[1, 2]", "mine.json"),
        ("mine.parquet", b"PAR1", "mine.parquet is not a Parquet file"),
        ("mine.tar", b"ustar", "mine.tar is not a tar archive"),
        ("mine.json", GONE.encode(), "gone.png"),
        ("mine.json", json.dumps({**COCO, "annotations": [], "images": []}).encode(), "no training data"),
    ],
)
def test_unusable_files_are_reported_with_the_reason(folder: Path, name: str, content: bytes, message: str) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        discover_sources(folder / name, TEXT_TASKS)
    error = caught.value
    assert message in " ".join([error.message, *(f"{each.path} {each.message}" for each in error.problems)])
    assert error.hint


def test_only_data_files_are_used_and_nothing_held_out(folder: Path) -> None:
    for name, content in (
        ("package.json", "{}"),
        ("readme.txt", "what is here"),
        ("held-out.jsonl", json.dumps(ROWS["ask"])),
        ("rows.ndjson", json.dumps(ROWS["ask"])),
    ):
        (folder / name).write_text(content)
    assert discovered_sources(folder) == [("rows.ndjson", "ask")]
    assert discovered_sources(folder / "held-out.jsonl") == [("held-out.jsonl", "ask")]
    (folder / "rows.ndjson").unlink()
    with pytest.raises(InputError, match="has no data"):
        discover_sources(folder, TEXT_TASKS)


def test_a_byte_order_mark_is_accepted(folder: Path) -> None:
    (folder / "mine.jsonl").write_bytes(b"\xef\xbb\xbf" + json.dumps(ROWS["ask"]).encode())
    assert discovered_sources(folder) == [("mine.jsonl", "ask")]


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        discover_sources(tmp_path / "none", TEXT_TASKS)


def recipe_of(*data: Path, weights: str = "") -> Recipe:
    return TrainRequest(None, None, False, None, weights, data).recipe_file.recipe


def test_without_a_recipe_the_shipped_model_trains_on_data_and_synthetic_scenes(folder: Path) -> None:
    (folder / "mine.jsonl").write_text(json.dumps(ROWS["locate"]))
    recipe = recipe_of(folder)
    assert recipe.model.weights == "plait-nano" and recipe.data.worlds > 0 and recipe.losses
    assert [each.task for each in recipe.data.source] == ["locate"]
    (folder / "more.jsonl").write_text(json.dumps(ROWS["ask"]))
    assert sum(each.weight for each in recipe_of(folder).data.source) == pytest.approx(1.0)
    order = TrainRequest(None, None, True, 5, "x", (folder,))
    assert order.arguments(Path("out")) == [
        "train", "--out", "out", "--fresh", "--steps", "5", "--from", "x", "--data", str(folder),
    ]  # fmt: skip


def test_missing_recipe_and_data_is_reported() -> None:
    with pytest.raises(SettingsError, match="no recipe and no data"):
        launch(None, None, fresh=False, until=None)


def test_a_check_prints_what_is_there_what_is_held_out_and_what_is_wrong(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = {"id": 4, "image_id": 1, "category_id": 8, "bbox": [10, 20, 50, 30]}
    boxes = [{**COCO["annotations"][0], "id": number} for number in range(10, 16)]
    (folder / "train.json").write_text(json.dumps({**COCO, "annotations": [*boxes, bad]}))
    (folder / "my_val.json").write_text(json.dumps(COCO))
    (folder / "rows.jsonl").write_text(json.dumps(ROWS["ask"]))
    assert launch(None, None, fresh=False, until=None, data=(folder,), check=True) == 0
    lines = capsys.readouterr().out.replace(str(folder), "data").splitlines()
    assert lines[:2] == [
        "data/train.json: COCO, 1 pictures, 6 boxes of 1 classes (disc 6)",
        "data/my_val.json: held out, by its name",
    ]
    assert "data/rows.jsonl (ask): 1 rows" in lines
    at = lines.index("data/train.json (describe_region): 6 rows")
    assert lines[at + 1 :][:2] == [
        "data/train.json (describe_region): 1 of 7 rows are left out",
        "  data/train.json: annotation 4 (index 6) category_id: 8 is not a category of the file",
    ]
    assert not Path("runs").exists()


def test_boxes_over_the_edge_are_counted_and_refused_if_wanted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    large = {**COCO["annotations"][0], "bbox": [100, 20, 50, 30]}
    (folder / "coco.json").write_text(json.dumps({**COCO, "annotations": [large]}))
    assert launch(None, None, fresh=False, until=None, data=(folder,), check=True) == 0
    assert "1 boxes of 1 classes (disc 1), 1 boxes clipped at the edge" in capsys.readouterr().out
    for check in (True, False):
        with pytest.raises(InputError, match=r"annotation 3 \(index 0\) reach over the edge of their picture"):
            launch(None, Path("out"), fresh=False, until=1, data=(folder,), check=check, strict=True)


def test_a_check_reads_every_picture_and_every_answer(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(1, 9):
        (folder / f"{number}.png").write_bytes((folder / "0.png").read_bytes())
    content = (folder / "0.png").read_bytes()
    (folder / "0.png").write_bytes(content[: len(content) // 2])
    rows = [{"picture": f"{number}.png", "question": "what?", "answer": "a disc"} for number in range(9)]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert launch(None, None, fresh=False, until=None, data=(folder,), check=True) == 0
    assert capsys.readouterr().out.replace(str(folder), "data").splitlines() == [
        "data/rows.jsonl (ask): 8 rows",
        "data/rows.jsonl (ask): 1 of 9 rows are left out",
        "  data/rows.jsonl:1 picture: is damaged or truncated: it cannot be read completely (0.png, 110 bytes)",
    ]
    long = [{**row, "answer": "disc " * 500} for row in rows[1:]]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in long))
    with pytest.raises(InputError, match="8 of 8 rows cannot be used") as caught:
        launch(None, None, fresh=False, until=None, data=(folder,), check=True)
    assert "the limit is" in caught.value.problems[0].message


def test_pictures_may_be_in_any_folder_that_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "far" / "away").mkdir(parents=True)
    (folder / "far" / "away" / "coco.json").write_text(json.dumps(COCO))
    pictures = folder / "elsewhere"
    pictures.mkdir()
    (folder / "0.png").rename(pictures / "0.png")
    with pytest.raises(InputError, match=r"0\.png"):
        recipe_of(folder / "far")
    request = TrainRequest(None, None, False, None, "", (folder / "far",), None, pictures)
    (first, *_) = request.recipe_file.recipe.data.source
    assert first.images == str(pictures.resolve())
    assert request.arguments(Path("out"))[-4:] == ["--images", str(pictures), "--data", str(folder / "far")]
    assert launch(None, None, fresh=False, until=None, data=(folder / "far",), images=pictures, check=True) == 0
    assert "(locate): 1 rows" in capsys.readouterr().out


def test_a_folder_with_nothing_but_held_out_data_says_so(folder: Path) -> None:
    (folder / "test.csv").write_text("picture,question,answer\n0.png,what?,a disc\n")
    with pytest.raises(InputError, match=r"has no data to train on: test\.csv is held out"):
        discover_sources(folder, TEXT_TASKS)
