"""A run that adapts a unified model: it learns, resumes to the same bytes, and is compared with what is served."""

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from plait.core.errors import CheckpointError, InputError, SettingsError
from plait.core.grammar.ast import Literal
from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.unified_adapter import read_unified_adapter
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.training.checkpoints import Checkpoints
from plait.foundation.training.config import RunConfig
from plait.foundation.training.likely_tokens import LikelyToken, read_likely_tokens
from plait.foundation.unified.adaptation.adapt_run import adapt
from plait.foundation.unified.adaptation.objective import readable_rows
from plait.foundation.unified.adaptation.request import (
    MIN_STEPS,
    PictureAdaptConfig,
    PictureAdaptRequest,
    read_picture_request,
    write_picture_request,
)
from plait.foundation.unified.generation.answering import Answerer, AnswerRequest
from plait.foundation.unified.generation.right_answers import likely_answer_ids
from plait.foundation.unified.objectives.user_rows import UserRows
from plait.foundation.unified.weights.adapter_file import merge_adapter
from plait.foundation.unified.weights.weight_files import load
from plait.tasks.locate import locate
from tests.support.box_pictures import write_shelf
from tests.support.killed_run import work_and_kill
from tests.support.tiny_weights import save_tiny_weights

CONFIG = PictureAdaptConfig(rank=4, learning_rate=1e-2, epochs=6, batch_rows=4)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("base") / "tiny.safetensors"
    save_tiny_weights(file, {"locate": locate.declaration.fingerprint})
    return file


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shelf(tmp_path_factory.mktemp("shelf"), 4)


def request_in(folder: Path, base: Path, shelf: Path, config: PictureAdaptConfig = CONFIG) -> PictureAdaptRequest:
    rows = shelf / "rows.jsonl"
    return PictureAdaptRequest(
        *("locate", base, file_sha256(base), rows, folder, "locate", locate.declaration.fingerprint, "locate"),
        config,
        RunConfig(checkpoint_every=2, log_every=1),
        rows,
    )


def test_a_stopped_run_resumes_to_the_same_bytes_and_its_checkpoints_hold_the_adapter_alone(
    base: Path, shelf: Path, tmp_path: Path
) -> None:
    whole, parts = (request_in(tmp_path / name, base, shelf) for name in ("whole", "parts"))
    for each in (whole, parts):
        each.folder.mkdir()
    assert adapt(whole) == 0
    assert adapt(parts, until=2) == 0 and not parts.adapter.exists(), "an unfinished run has no adapter"
    (checkpoint,) = parts.folder.glob("step-*")
    assert (checkpoint / "model.safetensors").stat().st_size < base.stat().st_size / 2
    assert adapt(parts) == 0
    assert parts.adapter.read_bytes() == whole.adapter.read_bytes()
    assert parts.parity_file.read_bytes() == whole.parity_file.read_bytes()
    losses = [json.loads(line)["loss"] for line in (whole.folder / "losses.jsonl").read_text().splitlines()]
    assert losses[-1] < 0.8 * losses[0]
    facts = read_unified_adapter(whole.adapter).facts
    assert (facts.task, facts.rank, facts.base_sha256) == ("locate", 4, file_sha256(base))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_killed_run_goes_on_to_the_same_adapter(base: Path, shelf: Path, tmp_path: Path) -> None:
    whole, killed = (request_in(tmp_path / name, base, shelf) for name in ("whole", "killed"))
    for each in (whole, killed):
        each.folder.mkdir()
    torch.set_num_threads(1)
    assert not work_and_kill(lambda: adapt(whole), Checkpoints, "save", calls=100)
    kills = 0
    while work_and_kill(lambda: adapt(killed), Checkpoints, "save", calls=2):
        kills += 1
        assert not killed.adapter.exists()
    assert kills >= 2 and killed.adapter.read_bytes() == whole.adapter.read_bytes()


def test_what_is_served_finds_the_same_ids_likely_as_the_trainer(base: Path, shelf: Path, tmp_path: Path) -> None:
    request = request_in(tmp_path, base, shelf, replace(CONFIG, epochs=30))
    assert adapt(request) == 0
    likely, rows = read_likely_tokens(request.parity_file), readable_rows(request, load(base).size.side)
    assert len(likely.tokens) > 20 and likely.rows_sha256 == file_sha256(request.rows)
    merged = load(base)
    merge_adapter(merged, request.adapter, base, file_sha256(base))
    assert largest_difference(Answerer(merged, vocabulary()), rows, likely.tokens) < 5e-3
    assert largest_difference(Answerer(load(base), vocabulary()), rows, likely.tokens) > 0.5, "without the adapter"


def largest_difference(answerer: Answerer, rows: UserRows, tokens: Sequence[LikelyToken]) -> float:
    """The largest |Δ log p| of the trainer's ids; those that the server does not list count as 20 nat."""
    served: dict[tuple[int, int, int], float] = {}
    for row in range(rows.length):
        sample = rows.sample(row)
        (example,) = sample.examples
        request = AnswerRequest(example.input_ids, sample.picture, Literal(""))
        for position, id, value in likely_answer_ids(answerer, request, example.target_ids):
            served[row, position, id] = value
    return max(abs(each.log_prob - served.get((each.row, each.position, each.token_id), -20.0)) for each in tokens)


def test_another_base_another_form_and_rows_that_cannot_be_learned_are_refused(
    base: Path, shelf: Path, tmp_path: Path
) -> None:
    request = request_in(tmp_path, base, shelf)
    with pytest.raises(CheckpointError, match="has changed since the run began"):
        adapt(replace(request, base_sha256="ab" * 32))
    with pytest.raises(SettingsError, match="has another form than the built-in locate"):
        adapt(replace(request, fingerprint="0" * 12))
    bad = tmp_path / "bad.jsonl"
    lines = (shelf / "rows.jsonl").read_text().splitlines()
    bad.write_text("\n".join([*(line.replace('"picture": "', f'"picture": "{shelf}/') for line in lines), "{}"]))
    with pytest.raises(InputError, match=r"bad\.jsonl:5"):
        adapt(replace(request, rows=bad))


def test_a_request_is_read_as_it_was_written_and_steps_follow_from_rows(
    base: Path, shelf: Path, tmp_path: Path
) -> None:
    request = request_in(tmp_path, base, shelf)
    write_picture_request(request, tmp_path / "request.json")
    assert read_picture_request(tmp_path / "request.json") == request
    assert CONFIG.steps(5) == 8 and replace(CONFIG, epochs=0).steps(5) == MIN_STEPS
    (tmp_path / "request.json").write_text("{}")
    with pytest.raises(SettingsError, match="is no request to adapt a unified model"):
        read_picture_request(tmp_path / "request.json")
    with pytest.raises(SettingsError, match="an adapter of rank 65"):
        PictureAdaptConfig(rank=65)
