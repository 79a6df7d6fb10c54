"""The user's own rows, trained on."""

import json
from pathlib import Path

import pytest
import torch
from PIL import Image as Pillow

from plait.core.errors import InputError
from plait.foundation.cards.sizes import SIZES
from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.data.mixture import WeightedSource
from plait.foundation.unified.generation.answering import MAX_NEW_TOKENS
from plait.foundation.unified.launch import train
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.objectives.batch_stream import BatchStream
from plait.foundation.unified.objectives.batches import Sample
from plait.foundation.unified.objectives.training_module import TrainingModule
from plait.foundation.unified.objectives.user_rows import bad_row_messages, user_sources
from plait.foundation.unified.recipe import DataConfig, ModelConfig, Phase, Recipe, RunConfig, Schedule, SourceConfig
from plait.foundation.unified.worlds.task_items import TASKS
from tests.support.data_files import save_dataset, write_parquet, write_tar
from tests.support.training_recipes import recipe_file

WORDS = vocabulary()
BOX = {"x0": 10, "y0": 20, "x1": 60, "y1": 50}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, colour in enumerate(("red", "green", "blue", "black")):
        Pillow.new("RGB", (128, 64), colour).save(tmp_path / f"{number}.png")
    return tmp_path


def rows(folder: Path, task: str, *rows: dict[str, object]) -> tuple[WeightedSource[Sample], ...]:
    (folder / "rows.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    return user_sources((SourceConfig("rows.jsonl", task),), folder, WORDS, 96)


def answer(sample: Sample) -> list[int]:
    return list(sample.examples[0].target_ids)


def test_a_row_is_encoded_like_a_request_of_the_engine(folder: Path) -> None:
    (part,) = rows(folder, "locate", {"picture": "0.png", "phrase": "the mug", "answer": BOX})
    sample = part.source.sample(0)
    assert sample.picture is not None and sample.picture.shape == (96, 96, 3) and sample.scene is None
    bins = [id - WORDS.bins.start for id in answer(sample)]
    assert bins == [round(corner / 128 * 511) for corner in (10, 20, 60, 50)]
    assert "mug" in WORDS.decode(list(sample.examples[0].input_ids))


def test_chinese_rows_use_chinese_wordings(folder: Path) -> None:
    (part,) = rows(
        folder,
        "describe",
        {"picture": "0.png", "answer": "一个杯子"},
        {"picture": "1.png", "answer": "a mug"},
    )
    texts = {WORDS.decode(list(part.source.sample(place).examples[0].input_ids)) for place in range(2)}
    assert texts == {"里有什么？", "what does show?"}


def test_detections_are_ordered_from_left_to_right(folder: Path) -> None:
    right = {"what": "right", "where": {"x0": 80, "y0": 0, "x1": 100, "y1": 20}}
    left = {"what": "left", "where": {"x0": 0, "y0": 0, "x1": 20, "y1": 20}}
    (part,) = rows(folder, "detect", {"picture": "0.png", "answer": [right, left]})
    text = WORDS.decode(answer(part.source.sample(0)))
    assert text.index("left") < text.index("right")


def test_an_answer_that_is_too_long_is_refused_with_its_line(folder: Path) -> None:
    (part,) = rows(folder, "describe", {"picture": "0.png", "answer": "xq" * MAX_NEW_TOKENS})
    with pytest.raises(InputError, match=r"rows\.jsonl.*ids"):
        part.source.sample(0)


@pytest.mark.parametrize("answer", ["a disc\r\nx", "a\x7fb", "x\u0085y"])
def test_an_answer_that_cannot_be_encoded_is_an_invalid_row_before_training(folder: Path, answer: str) -> None:
    good = [{"picture": "0.png", "answer": "a disc"}] * 9
    parts = rows(folder, "describe", *good, {"picture": "0.png", "answer": answer})
    assert ["has control characters" in line for line in bad_row_messages(parts)] == [False, True]


def test_text_tasks_train_without_pictures(folder: Path) -> None:
    parts = rows(folder, "restore_text", {"text": "a ___", "answer": "a disc"})
    recipe = Recipe(ModelConfig("tiny"), DataConfig(0.0), schedule=Schedule(phase=(Phase("own", 1, 2, 1),)))
    batch = BatchStream(recipe, WORDS, TASKS, user_sources=parts).batch(0)
    losses, _ = TrainingModule(UnifiedModel(SIZES["tiny"], WORDS), WORDS, TASKS)(batch)
    assert len(batch.pictures) == 1 and batch.image_index.tolist() == [-1, -1]
    assert float(losses["text"].detach()) > 0


def test_rows_that_became_invalid_end_the_run(folder: Path) -> None:
    parts = rows(folder, "describe", *({"picture": f"{number}.png", "answer": "a disc"} for number in range(4)))
    recipe = Recipe(
        ModelConfig("tiny"),
        DataConfig(1.0, {"locate": 1.0}),
        schedule=Schedule(phase=(Phase("own", 100, 8, 1),)),
    )
    feed = BatchStream(recipe, WORDS, TASKS, user_sources=parts)
    feed.batch(0)
    assert not feed.skipped_rows
    for number in range(4):
        (folder / f"{number}.png").unlink()
    with pytest.raises(InputError, match="samples could not be read"):
        for step in range(40):
            feed.batch(step)
    assert feed.skipped_rows


def test_invalid_rows_are_reported_and_the_others_used(folder: Path) -> None:
    good = [{"picture": f"{number}.png", "phrase": "the mug", "answer": BOX} for number in range(4)]
    parts = rows(folder, "locate", *good, *good, {"picture": "none.png", "phrase": "the mug", "answer": BOX})
    messages = list(bad_row_messages(parts))
    assert "1 of 9 rows" in messages[0] and "none.png" in messages[1]


def test_a_truncated_picture_is_reported_and_replaced_by_a_synthetic_scene(folder: Path) -> None:
    parts = rows(folder, "locate", *[{"picture": "0.png", "phrase": "the mug", "answer": BOX}] * 3)
    whole = (folder / "0.png").read_bytes()
    (folder / "0.png").write_bytes(whole[: len(whole) // 2])
    recipe = Recipe(
        ModelConfig("tiny"), DataConfig(0.5, {"locate": 1.0}), schedule=Schedule(phase=(Phase("joint", 2, 8, 2),))
    )
    feed = BatchStream(recipe, WORDS, TASKS, user_sources=parts)
    batch = feed.batch(0)
    assert len(batch.pictures) == 8 and feed.skipped_rows and "rows.jsonl" in feed.skipped_rows[0]


def test_user_rows_train_with_and_without_synthetic_scenes(folder: Path) -> None:
    rows(folder, "locate", *[{"picture": f"{n}.png", "phrase": "the mug", "answer": BOX} for n in range(4)])
    for worlds in (1.0, 0.0):
        recipe = Recipe(
            ModelConfig("tiny"),
            DataConfig(worlds, {"locate": 1.0}, (SourceConfig("rows.jsonl", "locate"),)),
            schedule=Schedule(warmup=1, phase=(Phase("joint", 3, 4, 2),)),
            run=RunConfig(evaluate_every=0),
        )
        out = folder / f"run-{worlds}"
        assert train(recipe_file(folder / "own.toml", recipe), out, fresh=True, until=None) == 0
        entries = [json.loads(line) for line in (out / "losses.jsonl").read_text().splitlines()]
        assert all(line["losses/boxes"] > 0 for line in entries)


def test_a_user_picture_has_box_supervision_and_no_word_supervision(folder: Path) -> None:
    parts = rows(folder, "locate", *[{"picture": "0.png", "phrase": "the mug", "answer": BOX}] * 3)
    recipe = Recipe(
        ModelConfig("tiny"), DataConfig(0.0, {"locate": 1.0}), schedule=Schedule(phase=(Phase("joint", 2, 4, 2),))
    )
    batch = BatchStream(recipe, WORDS, TASKS, user_sources=parts).batch(0)
    assert batch.about_mask.any() and batch.pointer_cells.any() and torch.equal(batch.ground, torch.full((4,), -2))


def test_the_script_is_that_of_the_table(folder: Path) -> None:
    (part,) = rows(folder, "describe", {"picture": "0.png", "answer": "a mug"})
    assert Alphabet(WORDS).is_text(answer(part.source.sample(0))[:-1])


def test_parquet_tar_and_saved_folders_train_like_json_lines(folder: Path) -> None:
    json_rows = [{"picture": f"{n}.png", "phrase": "the mug", "answer": BOX} for n in range(4)]
    held_out = [
        {**row, "picture": {"bytes": (folder / f"{n}.png").read_bytes(), "path": None}}
        for n, row in enumerate(json_rows)
    ]
    member = json.dumps({"phrase": "the mug", "answer": BOX}).encode()
    for at in range(2):
        write_parquet(folder / f"train-{at:05}.parquet", held_out[2 * at : 2 * at + 2])
    members = [
        (f"{n}.{form}", content)
        for n in range(4)
        for form, content in (("png", held_out[n]["picture"]["bytes"]), ("json", member))
    ]
    write_tar(folder / "a.tar", *members)
    save_dataset(folder / "saved", held_out, {})
    (json_source,) = rows(folder, "locate", *json_rows)
    named = tuple(SourceConfig(path, "locate") for path in ("train-*.parquet", "a.tar", "saved"))
    for part in user_sources(named, folder, WORDS, 96):
        assert part.source.length == 4
        for place in range(4):
            sample, like = part.source.sample(place), json_source.source.sample(place)
            assert sample.examples == like.examples and sample.picture is not None and like.picture is not None
            assert (sample.picture == like.picture).all()
