"""Compares today's behaviour with the golden files; `python -m tools.golden` prints the same differences."""

import copy
import shutil
from pathlib import Path

import pytest
import torch

from tools.golden import comparison
from tools.golden.__main__ import compare
from tools.golden.comparison import differences, file_differences, tensor_differences
from tools.golden.file_values import answers, file_values
from tools.golden.recording import read_recording, tensor_hash, tensor_hashes, to_json
from tools.golden.trainings import CHECKPOINT, TRAININGS, checkpoint_tensors, conditions, train_unified


def skip_under_other_conditions(name: str) -> None:
    """Skips where processor or torch differ from the recorded ones, because the bytes of floats depend on them."""
    different = differences(read_recording(name)["conditions"], conditions())
    if different:
        pytest.skip(f"{name}.json was recorded under other conditions: {'; '.join(different)}")


# ── today and the golden files ──


def test_tasks_have_the_recorded_schemas_grammars_prompts_and_ids() -> None:
    assert compare("tasks") == []


def test_weights_settings_and_rows_are_read_as_recorded() -> None:
    assert file_differences(read_recording("files")["read"], to_json(file_values())) == []


def test_the_unified_model_answers_as_recorded() -> None:
    skip_under_other_conditions("files")
    assert differences(read_recording("files")["answers"], answers()) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_training_resumes_from_the_recorded_checkpoint(tmp_path: Path) -> None:
    shutil.copytree(CHECKPOINT, tmp_path / CHECKPOINT.name)
    assert "resuming from" in train_unified(tmp_path, 22)
    assert (tmp_path / "step-000022").is_dir()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("training", TRAININGS)
def test_training_gives_the_recorded_tensors(training: str) -> None:
    skip_under_other_conditions("tensors")
    expected = read_recording("tensors")["trained"][training]
    assert tensor_differences(expected, TRAININGS[training]()) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_resumed_training_gives_the_recorded_tensors(tmp_path: Path) -> None:
    skip_under_other_conditions("tensors")
    shutil.copytree(CHECKPOINT, tmp_path / CHECKPOINT.name)
    train_unified(tmp_path)
    expected = read_recording("tensors")["trained"]["unified"]
    assert tensor_differences(expected, checkpoint_tensors(tmp_path)) == []


# ── the comparison itself ──


def test_one_changed_character_of_a_prompt_is_a_difference() -> None:
    expected = read_recording("tasks")["locate"]
    changed = copy.deepcopy(expected)
    changed["samples"]["sample 1"]["prompts"]["zh"][1]["content"] += "."
    (line,) = differences(expected, changed)
    assert line.startswith("/samples/sample 1/prompts/zh/1/content: ")


def test_one_changed_bit_of_a_tensor_is_a_difference() -> None:
    tensor = torch.zeros(3, 4)
    before = tensor_hashes({"a": tensor, "b": tensor})
    changed = tensor.clone()
    changed.view(torch.uint8)[1, 2] ^= 1
    lines = tensor_differences(before, tensor_hashes({"a": tensor, "b": changed}))
    assert len(lines) == 1 and lines[0].startswith("/b: ")


def test_another_shape_or_type_of_the_same_bytes_is_a_difference() -> None:
    tensor = torch.zeros(3, 4)
    hashes = {tensor_hash(each) for each in (tensor, tensor.T.contiguous(), tensor.view(torch.int32))}
    assert len(hashes) == 3


def test_renamed_tensors_are_compared_by_their_new_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "read_recording", lambda name: {r"\.feed\.(\w+)": r".mlp.\1"})
    old, new = {"model/layers.0.feed.up": "1", "start": "2"}, {"model/layers.0.mlp.up": "1", "start": "2"}
    assert tensor_differences(old, new) == []
    assert tensor_differences(old, old) != []
    assert tensor_differences(old, {**new, "start": "3"}) != []
    expected = {"tensors": {"weights": old}, "loaded": {"weights": old}}
    for in_file in (old, new):
        assert file_differences(expected, {"tensors": {"weights": in_file}, "loaded": {"weights": new}}) == []
    assert file_differences(expected, {"tensors": {"weights": old}, "loaded": {"weights": old}}) != []
