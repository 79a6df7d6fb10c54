"""Picture rows to learn from: folders, COCO, and which of them are held out together."""

import json
from pathlib import Path

import pytest

from plait import Image
from plait.core.errors import InputError, SettingsError
from plait.core.prompting.example_rows import Example
from plait.foundation.text.adapt_request import DpoConfig, LoraConfig, SftConfig
from plait.foundation.unified.adaptation.request import PictureAdaptConfig
from plait.learning import data_sources
from plait.learning.adapt import backend_of, check_adaptable, model_to_adapt
from plait.learning.data_sources import held_out_files
from plait.learning.held_out import split_examples
from plait.learning.near_inputs import group_texts, input_texts
from plait.learning.training_rows import examples_to_learn
from plait.service.models.discovery import Model, find_model
from plait.tasks.describe import describe
from plait.tasks.detect import detect
from plait.tasks.draw import draw
from plait.tasks.home_command import home_command
from plait.tasks.locate import locate
from plait.tasks.restore_image import restore_image
from tests.support.annotation_writers import Labelled, write_pictures, write_roboflow
from tests.support.box_pictures import BOX, caption_of, noise_picture, write_captioned, write_shelf


def examples_of(path: Path, said: list[str] | None = None) -> list[Example]:
    return examples_to_learn(locate.declaration, [path], (said if said is not None else []).append)


def test_a_folder_gives_the_rows_of_its_files_without_those_that_are_held_out(tmp_path: Path) -> None:
    shelf = write_shelf(tmp_path / "shelf", 3, ("the mug", "the cup"))
    (shelf / "held-out.jsonl").write_text((shelf / "rows.jsonl").read_text())
    (shelf / "notes.txt").write_text("not data")
    examples = examples_of(shelf)
    assert [each.inputs["phrase"] for each in examples] == ["the mug", "the cup"] * 3
    assert examples == examples_of(shelf / "rows.jsonl")


def test_a_coco_file_gives_rows_and_what_it_lacks_is_named(tmp_path: Path) -> None:
    shelf = write_shelf(tmp_path / "shelf", 6)
    (shelf / "rows.jsonl").unlink()
    images = [{"id": n, "file_name": f"{n}.png", "width": 48, "height": 48} for n in range(6)]
    boxes = [{"id": n, "image_id": n, "category_id": 1, "bbox": [8, 16, 32, 16 if n else -1]} for n in range(6)]
    coco = {"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "mug"}]}
    (shelf / "boxes.json").write_text(json.dumps(coco))
    said: list[str] = []
    examples = examples_of(shelf, said)
    assert len(examples) == 5 and {each.inputs["phrase"] for each in examples} == {"mug"}
    assert {str(each.answer) for each in examples} == {str(examples[0].answer)} and vars(examples[0].answer) == BOX
    assert said[0] == f"{shelf / 'boxes.json'}: 1 of 6 rows are left out" and "index 0) bbox: " in said[1]


def test_the_valid_split_of_an_export_decides_and_is_not_learned(tmp_path: Path) -> None:
    things = (("mug", (8, 16, 24, 40)),)
    labelled = [Labelled(f"{n}.png", (40 + n, 48), things) for n in range(4)]
    source = write_roboflow(tmp_path / "export", labelled)
    valid = tmp_path / "export" / "valid"
    write_pictures(valid, [Labelled(f"{n}.png", (70 + n, 48), things) for n in range(4)])
    images = [{"id": n, "file_name": f"{n}.png", "width": 70 + n, "height": 48} for n in range(4)]
    coco = json.loads(source.read_text()) | {"images": images}
    (valid / source.name).write_text(json.dumps(coco))
    examples = examples_of(tmp_path / "export")
    files = held_out_files(locate.declaration, [tmp_path / "export"])
    assert files == [valid / source.name]
    split = split_examples(locate.declaration, examples, tmp_path, files)
    assert len(split.examples) == 4 and len(split.held_out) == 4 and split.source == "_annotations.coco.json"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("nowhere", "does not exist"), ("empty", "has no data"), ("rows.xlsx", "unsupported format")],
)
def test_what_is_no_data_is_refused_with_the_formats(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "rows.xlsx").write_bytes(b"PK")
    with pytest.raises(InputError, match=reason) as refused:
        examples_of(tmp_path / name)
    assert refused.value.hint


def test_a_picture_that_is_missing_is_named_with_its_line(tmp_path: Path) -> None:
    shelf = write_shelf(tmp_path / "shelf", 2)
    (shelf / "1.png").unlink()
    with pytest.raises(InputError) as refused:
        examples_of(shelf)
    assert "1.png" in str(refused.value.problems[0]) + refused.value.message


def test_more_pictures_than_memory_holds_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = write_shelf(tmp_path / "shelf", 2)
    monkeypatch.setattr(data_sources, "MAX_PICTURE_BYTES", len(noise_picture(0)) + 1)
    with pytest.raises(InputError, match="the pictures have more than") as refused:
        examples_of(shelf)
    assert "mogrify" in refused.value.hint


def test_all_rows_about_a_picture_are_held_out_or_learned_together(tmp_path: Path) -> None:
    examples = examples_of(write_shelf(tmp_path / "shelf", 30, ("the mug", "the cup")))
    split = split_examples(locate.declaration, examples, tmp_path)
    held_out = {each.example.inputs["picture"] for each in split.held_out}
    learned = {each.inputs["picture"] for each in split.examples}
    assert not held_out & learned and len(held_out) + len(learned) == 30
    assert len(split.held_out) == 2 * len(held_out), "both phrases are different rows"
    (one, other) = (group_texts(locate.declaration, each.inputs) for each in examples[:2])
    assert one == other and input_texts(locate.declaration, examples[0].inputs)[1] == "the mug"
    assert max(len(text) for text in input_texts(locate.declaration, examples[0].inputs)) == 64, "a digest, no pixels"


def test_the_default_model_is_one_that_answers_the_task() -> None:
    assert model_to_adapt(detect.declaration).name == "plait-nano"
    assert model_to_adapt(home_command.declaration).name == "smollm2"
    assert model_to_adapt(home_command.declaration, "plait-nano").name == "plait-nano"


def test_what_a_unified_model_cannot_learn_is_refused_with_a_hint() -> None:
    nano = find_model("plait-nano")
    lora = LoraConfig(4, 8.0)
    assert backend_of(nano).config(nano, SftConfig(lora, epochs=3)) == PictureAdaptConfig(4, 8.0, epochs=3)
    check_adaptable(nano, locate.declaration)
    check_adaptable(nano, draw.declaration)
    refused = {
        "was not trained on 'home_command'": lambda: check_adaptable(nano, home_command.declaration),
        "changes a picture": lambda: check_adaptable(nano, restore_image.declaration),
        "not by the method dpo": lambda: backend_of(nano).config(nano, DpoConfig(lora)),
        "are in all of its layers": lambda: backend_of(nano).config(nano, SftConfig(LoraConfig(upper_layers=2))),
        "it cannot be adapted": lambda: backend_of(Model("far", object())),  # type: ignore[arg-type]
    }
    for reason, attempt in refused.items():
        with pytest.raises(SettingsError, match=reason) as error:
            attempt()
        assert error.value.hint


def test_pictures_with_captions_are_rows_of_drawing_and_of_describing(tmp_path: Path) -> None:
    folder = write_captioned(tmp_path / "stripes", 3)
    (folder / "2.txt").unlink()
    drawn = examples_to_learn(draw.declaration, [folder], lambda line: None)
    described = examples_to_learn(describe.declaration, [folder], lambda line: None)
    captions = [caption_of(number) for number in range(2)]
    assert [each.inputs["description"] for each in drawn] == captions and [each.answer for each in drawn] == [
        Image(folder / f"{number}.png") for number in range(2)
    ]
    assert described == [], "two pictures that are equal and have different captions"
    (folder / "1.png").write_bytes(noise_picture(1))
    described = examples_to_learn(describe.declaration, [folder], lambda line: None)
    assert [each.answer for each in described] == captions
    (folder / "0.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="is not UTF-8"):
        examples_to_learn(draw.declaration, [folder], lambda line: None)
    with pytest.raises(InputError, match="has no data"):
        examples_to_learn(locate.declaration, [folder], lambda line: None)


def test_rows_may_name_the_pictures_of_their_answers_which_are_cut_to_squares(tmp_path: Path) -> None:
    folder = write_captioned(tmp_path / "stripes", 1)
    (folder / "rows.jsonl").write_text('{"description": "stripes", "answer": "0.png"}\n')
    (example,) = examples_to_learn(draw.declaration, [folder / "rows.jsonl"], lambda line: None)
    assert isinstance(example.answer, Image) and example.answer.size == (48, 96)
    nano = find_model("plait-nano")
    fitted = backend_of(nano).fit_example(nano, draw.declaration, example)
    assert isinstance(fitted.answer, Image) and fitted.answer.size == (64, 64)
    assert fitted.answer.pil.getpixel((5, 63)) != (128, 128, 128), "no border"
    (folder / "rows.jsonl").write_text('{"description": "stripes", "answer": "none.png"}\n')
    with pytest.raises(InputError, match="the picture of an answer cannot be read"):
        examples_to_learn(draw.declaration, [folder / "rows.jsonl"], lambda line: None)


def test_held_out_rows_in_the_folder_are_those_that_decide(tmp_path: Path) -> None:
    shelf = write_shelf(tmp_path / "shelf", 12, first=100)
    write_shelf(shelf / "held-out", 3)
    (shelf / "held-out/rows.jsonl").rename(shelf / "held-out/locate.unseen.jsonl")
    (shelf / "held-out/detect.jsonl").write_text("{}")
    (shelf / "held-out.jsonl").write_text((shelf / "rows.jsonl").read_text().splitlines()[0])
    files = held_out_files(locate.declaration, [shelf, tmp_path / "rows.jsonl"])
    assert [each.name for each in files] == ["locate.unseen.jsonl", "held-out.jsonl"]
    split = split_examples(locate.declaration, examples_of(shelf), tmp_path, files)
    assert len(split.held_out) == 4 and (len(split.examples), split.left_out) == (11, 1)
    assert split.source == "locate.unseen.jsonl, held-out.jsonl"
