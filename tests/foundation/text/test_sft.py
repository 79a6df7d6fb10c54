"""Fine-tuning on token rows: the loss is that of the learned tokens, the frozen model stays, a killed run resumes."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from plait.core.errors import CheckpointError, SettingsError
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.text.adapt_request import (
    ADAPTER_FILE,
    AdaptRequest,
    LoraConfig,
    SftConfig,
    read_request,
    write_request,
)
from plait.foundation.text.adapt_run import adapt
from plait.foundation.text.adapter_file import add_adapters, load_adapter
from plait.foundation.text.adapter_objective import SftObjective
from plait.foundation.text.attention import PackedDocuments
from plait.foundation.text.model import load_decoder
from plait.foundation.text.packing import pack_rows
from plait.foundation.text.token_row import TokenRow, write_token_rows
from plait.foundation.training.checkpoints import Checkpoints
from plait.foundation.training.config import RunConfig
from plait.foundation.training.linear import full_precision
from plait.foundation.training.lora import adapter_weights
from tests.support.killed_run import run_and_kill

SHA256 = "ab" * 32
CONFIG = SftConfig(LoraConfig(rank=4, alpha=8.0), learning_rate=1e-2, epochs=3, batch_tokens=60, share_prefixes=False)


def rows(count: int = 24) -> list[TokenRow]:
    """Rows whose answer follows from their prompt: the learned token says which of four words stood there."""
    return [TokenRow((5, 20 + number % 4, 6, 7), (8, 30 + number % 4, 9), (1,)) for number in range(count)]


@pytest.fixture
def request_of(base: Path, tmp_path: Path) -> Callable[..., AdaptRequest]:
    write_token_rows(tmp_path / "rows.jsonl", rows())

    def make(name: str = "run", config: SftConfig = CONFIG) -> AdaptRequest:
        run = RunConfig(checkpoint_every=2)
        return AdaptRequest(
            name, base, SHA256, tmp_path / "rows.jsonl", tmp_path / name, "colours", config=config, run=run
        )

    return make


def test_the_loss_is_the_mean_over_learned_tokens_of_separate_documents(base: Path) -> None:
    model = load_decoder(read_gguf_header(base))
    add_adapters(model, CONFIG.effective_lora)
    for weight in adapter_weights(model).values():
        weight.data.normal_(0, 0.1)
    several = [TokenRow((5, 20, 6), (8, 31, 9, 2), (0, 3)), TokenRow((7,), (30, 32), (1,))]
    expected: list[torch.Tensor] = []
    for row in several:
        ids = torch.tensor(row.token_ids)
        logits = model.logits(model(ids, PackedDocuments((len(ids),))))
        expected += [F.cross_entropy(logits[at], ids[at + 1]) for at in row.predicting]
    objective = SftObjective(model, several, CONFIG, SHA256)
    assert torch.allclose(objective.loss(pack_rows(several))["answer"], torch.stack(expected).mean(), atol=1e-5)


def test_a_shared_beginning_changes_neither_the_loss_nor_its_gradients(base: Path) -> None:
    model = load_decoder(read_gguf_header(base))
    add_adapters(model, CONFIG.effective_lora)
    for weight in adapter_weights(model).values():
        weight.data.normal_(0, 0.1)
    house = tuple(5 + number % 25 for number in range(40))
    several = [
        TokenRow((*house, 5, 6 + number), (8, 30 + number, 9, 2), (0, 1, 3), (0.5, 0.5, 1.0)) for number in range(3)
    ] + [TokenRow((*house[:30], 33), (31, 2), (0,)), TokenRow((*house, 5), (6, 8), (0, 1))]
    objective = SftObjective(model, several, CONFIG, SHA256)
    found: list[tuple[int, torch.Tensor, torch.Tensor]] = []
    for sharing in (True, False):
        objective.module.zero_grad()
        batch = pack_rows(several, sharing=sharing)
        with full_precision():
            loss = objective.loss(batch)["answer"]
            loss.backward()
        gradients = torch.cat(
            [weight.grad.flatten() for weight in objective.module.parameters() if weight.grad is not None]
        )
        found.append((len(batch.token_ids), loss.detach(), gradients))
    (few, loss, gradients), (many, expected, expected_gradients) = found
    assert few < many / 2
    assert torch.allclose(loss, expected, atol=1e-6)
    assert torch.allclose(gradients, expected_gradients, atol=1e-6)


def test_the_weights_of_learned_tokens_weigh_their_loss(base: Path) -> None:
    model = load_decoder(read_gguf_header(base))
    add_adapters(model, CONFIG.effective_lora)
    row = TokenRow((5, 20, 6), (8, 31, 9, 2), (0, 3), (0.25, 1.0))
    objective = SftObjective(model, [row], CONFIG, SHA256)
    first, second = objective.target_log_probs(pack_rows([row])).tolist()
    assert objective.loss(pack_rows([row]))["answer"].item() == pytest.approx(-(0.25 * first + second) / 1.25)


def test_adapters_of_upper_layers_have_the_gradients_of_a_full_backward_pass(base: Path) -> None:
    config = SftConfig(LoraConfig(rank=4, upper_layers=1))
    model = load_decoder(read_gguf_header(base))
    add_adapters(model, config.effective_lora)
    for weight in adapter_weights(model).values():
        weight.data.normal_(0, 0.1)
    objective = SftObjective(model, rows(), config, SHA256)
    batch = pack_rows(rows(4))
    objective.loss(batch)["answer"].backward()
    shortened = [weight.grad.clone() for weight in adapter_weights(model).values()]  # type: ignore[union-attr]
    objective.module.zero_grad()
    objective.first_adapted = 0
    objective.loss(batch)["answer"].backward()
    for one, other in zip(shortened, adapter_weights(model).values(), strict=True):
        assert other.grad is not None and torch.allclose(one, other.grad, atol=1e-6)
    assert all("blk_1" in name for name, _ in objective.module.named_parameters())


def test_a_run_learns_its_rows_and_writes_an_adapter(request_of: Callable[..., AdaptRequest], base: Path) -> None:
    request = request_of(config=SftConfig(CONFIG.effective_lora, learning_rate=1e-2, epochs=30, batch_tokens=60))
    before = load_decoder(read_gguf_header(base))
    assert adapt(request) == 0
    adapter = read_gguf_header(request.folder / ADAPTER_FILE)
    header = load_adapter(before, adapter)
    assert (header.task, header.base_sha256) == ("colours", SHA256)
    batch = pack_rows(rows(4))
    after = SftObjective(before, rows(), CONFIG, SHA256).loss(batch)["answer"].item()
    untrained = load_decoder(read_gguf_header(base))
    add_adapters(untrained, CONFIG.effective_lora)
    assert after < 0.1 < 2 < SftObjective(untrained, rows(), CONFIG, SHA256).loss(batch)["answer"].item()


def test_checkpoints_hold_the_adapter_and_not_the_model(request_of: Callable[..., AdaptRequest], base: Path) -> None:
    request = request_of()
    adapt(request, until=2)
    (folder,) = request.folder.glob("step-*")
    assert sum(file.stat().st_size for file in folder.iterdir()) < base.stat().st_size / 4
    assert not (request.folder / ADAPTER_FILE).exists(), "an unfinished run has no adapter"


# ── resuming ──


def test_a_stopped_run_goes_on_to_the_same_adapter(request_of: Callable[..., AdaptRequest]) -> None:
    whole, parts = request_of("whole"), request_of("parts")
    adapt(whole)
    for step in (1, 3, 4):
        adapt(parts, until=step)
    adapt(parts)
    assert (parts.folder / ADAPTER_FILE).read_bytes() == (whole.folder / ADAPTER_FILE).read_bytes()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_killed_run_goes_on_to_the_same_adapter(request_of: Callable[..., AdaptRequest]) -> None:
    torch.set_num_threads(1)
    whole, killed = request_of("whole"), request_of("killed")
    assert not run_and_kill(whole, Checkpoints, "save", calls=100)
    kills = 0
    while run_and_kill(killed, Checkpoints, "save", calls=2):
        kills += 1
    assert kills >= 3
    assert (killed.folder / ADAPTER_FILE).read_bytes() == (whole.folder / ADAPTER_FILE).read_bytes()


def test_another_recipe_or_other_rows_do_not_resume(request_of: Callable[..., AdaptRequest], tmp_path: Path) -> None:
    request = request_of()
    adapt(request, until=2)
    other = SftConfig(CONFIG.effective_lora, learning_rate=1e-3, epochs=3, batch_tokens=60)
    with pytest.raises(CheckpointError, match="learning_rate"):
        adapt(request_of(config=other))
    write_token_rows(tmp_path / "rows.jsonl", rows(20))
    with pytest.raises(CheckpointError, match="rows"):
        adapt(request)
    assert adapt(request, fresh=True) == 0


def test_a_request_of_an_earlier_version_names_no_method(
    request_of: Callable[..., AdaptRequest], tmp_path: Path
) -> None:
    request, file = request_of(), tmp_path / "request.json"
    write_request(request, file)
    content = json.loads(file.read_bytes())
    assert content["config"].pop("method") == "sft"
    file.write_text(json.dumps(content))
    assert read_request(file) == request
    content["config"]["method"] = "ppo"
    file.write_text(json.dumps(content))
    with pytest.raises(SettingsError, match="is no request to adapt a model"):
        read_request(file)


def test_a_file_that_is_no_request_and_rows_that_are_none_are_refused(
    request_of: Callable[..., AdaptRequest], tmp_path: Path
) -> None:
    (tmp_path / "request.json").write_text('{"name": "x"}')
    with pytest.raises(SettingsError, match="is no request to adapt a model"):
        read_request(tmp_path / "request.json")
    request = request_of()
    (tmp_path / "rows.jsonl").write_text("")
    with pytest.raises(SettingsError, match="has no rows"):
        adapt(request)
