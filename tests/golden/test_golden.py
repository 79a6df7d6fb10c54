"""Behaviour is what the golden files recorded; `python -m tools.golden` prints the same differences."""

import copy
import shutil
from pathlib import Path

import pytest
import torch

from tools import golden


def skip_elsewhere(name: str) -> None:
    """Bytes of floats depend on the processor and on torch: skips where these are not the recorded ones."""
    different = golden.differences(golden.recorded(name)["conditions"], golden.conditions())
    if different:
        pytest.skip(f"{name}.json was recorded under other conditions: {'; '.join(different)}")


# ── the files hold ──


def test_tasks_have_the_recorded_schemas_grammars_prompts_and_ids() -> None:
    assert golden.compare("tasks") == []


def test_weights_settings_and_rows_are_read_as_recorded() -> None:
    assert golden.file_differences(golden.recorded("files")["read"], golden.plain(golden.files_read())) == []


def test_the_unified_model_answers_as_recorded() -> None:
    skip_elsewhere("files")
    assert golden.differences(golden.recorded("files")["answers"], golden.answers()) == []


def test_training_resumes_from_the_recorded_checkpoint(tmp_path: Path) -> None:
    shutil.copytree(golden.CHECKPOINT, tmp_path / golden.CHECKPOINT.name)
    assert "going on from" in golden.train_unified(tmp_path, 22)
    assert (tmp_path / "step-000022").is_dir()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("training", golden.TRAININGS)
def test_training_gives_the_recorded_tensors(training: str) -> None:
    skip_elsewhere("tensors")
    expected = golden.recorded("tensors")["trained"][training]
    assert golden.tensor_differences(expected, golden.TRAININGS[training]()) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_resumed_training_gives_the_recorded_tensors(tmp_path: Path) -> None:
    skip_elsewhere("tensors")
    shutil.copytree(golden.CHECKPOINT, tmp_path / golden.CHECKPOINT.name)
    golden.train_unified(tmp_path)
    expected = golden.recorded("tensors")["trained"]["unified"]
    assert golden.tensor_differences(expected, golden.checkpoint_tensors(tmp_path)) == []


# ── and would tell ──


def test_one_changed_character_of_a_prompt_is_a_difference() -> None:
    expected = golden.recorded("tasks")["locate"]
    changed = copy.deepcopy(expected)
    changed["samples"]["sample 1"]["prompts"]["zh"][1]["content"] += "."
    (line,) = golden.differences(expected, changed)
    assert line.startswith("/samples/sample 1/prompts/zh/1/content: ")


def test_one_changed_bit_of_a_tensor_is_a_difference() -> None:
    tensor = torch.zeros(3, 4)
    before = golden.tensor_hashes({"a": tensor, "b": tensor})
    changed = tensor.clone()
    changed.view(torch.uint8)[1, 2] ^= 1
    lines = golden.tensor_differences(before, golden.tensor_hashes({"a": tensor, "b": changed}))
    assert len(lines) == 1 and lines[0].startswith("/b: ")


def test_another_shape_or_type_of_the_same_bytes_is_a_difference() -> None:
    tensor = torch.zeros(3, 4)
    hashes = {golden.tensor_hash(each) for each in (tensor, tensor.T.contiguous(), tensor.view(torch.int32))}
    assert len(hashes) == 3


def test_renamed_tensors_are_compared_by_their_new_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(golden, "recorded", lambda name: {r"\.feed\.(\w+)": r".mlp.\1"})
    old, new = {"model/layers.0.feed.up": "1", "start": "2"}, {"model/layers.0.mlp.up": "1", "start": "2"}
    assert golden.tensor_differences(old, new) == []
    assert golden.tensor_differences(old, old) != []
    assert golden.tensor_differences(old, {**new, "start": "3"}) != []
    expected = {"tensors": {"weights": old}, "loaded": {"weights": old}}
    for in_file in (old, new):
        assert golden.file_differences(expected, {"tensors": {"weights": in_file}, "loaded": {"weights": new}}) == []
    assert golden.file_differences(expected, {"tensors": {"weights": old}, "loaded": {"weights": old}}) != []
