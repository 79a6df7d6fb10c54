"""Runs that begin with the adapter of a file: what it has learned stays, and preferences are measured against it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from plait.core.errors import CheckpointError, SettingsError
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.text.adapt_request import AdaptRequest, DpoConfig, LoraConfig, SftConfig, lora_config
from plait.foundation.text.adapt_run import adapt
from plait.foundation.text.adapter_file import add_trained_adapters, load_adapter, write_adapter
from plait.foundation.text.adapter_objective import SftObjective
from plait.foundation.text.model import TextDecoder, load_decoder
from plait.foundation.text.preference_objective import DpoObjective
from plait.foundation.text.preference_row import PreferenceRow
from plait.foundation.text.token_row import TokenRow, write_token_rows
from plait.foundation.training.config import RunConfig
from plait.foundation.training.linear import full_precision
from plait.foundation.training.lora import adapter_weights, reference_adapters
from tests.support.adapted_models import add_random_adapters, log_prob

SHA256 = "ab" * 32
LORA = LoraConfig(rank=4, alpha=8.0, upper_layers=1)


def row(number: int, word: int) -> TokenRow:
    return TokenRow((5 + number % 5, 20 + number % 4), (8, word, 9, 2), (0, 1, 3))


ROWS = [row(n, 30 + n % 4) for n in range(16)]
PAIRS = [PreferenceRow(row(n, 30 + n % 4), row(n, 30 + (n + 1) % 4)) for n in range(16)]


@pytest.fixture
def start(base: Path, tmp_path: Path) -> Path:
    """An adapter that changes what the model says."""
    model = load_decoder(read_gguf_header(base))
    add_random_adapters(model, LORA, 0.3)
    write_adapter(tmp_path / "start.gguf", model, LORA, base_sha256=SHA256, tensor_type="F32")
    return tmp_path / "start.gguf"


@pytest.fixture
def request_of(base: Path, start: Path, tmp_path: Path) -> Callable[..., AdaptRequest]:
    write_token_rows(tmp_path / "rows.jsonl", ROWS)

    def make(name: str, **options: Any) -> AdaptRequest:
        config = SftConfig(LORA, learning_rate=1e-3, epochs=2, batch_tokens=30)
        run = RunConfig(checkpoint_every=2)
        request = AdaptRequest(name, base, SHA256, tmp_path / "rows.jsonl", tmp_path / name, config=config, run=run)
        return replace(request, start=start, **options)

    return make


def trained_on(base: Path, start: Path) -> TextDecoder:
    model = load_decoder(read_gguf_header(base))
    add_trained_adapters(model, start, LORA)
    return model


def loaded(base: Path, adapter: Path) -> TextDecoder:
    model = load_decoder(read_gguf_header(base))
    load_adapter(model, read_gguf_header(adapter))
    return model


def test_the_reference_stays_the_adapter_of_the_start_while_its_copy_is_trained(base: Path, start: Path) -> None:
    model, before = trained_on(base, start), loaded(base, start)
    for weight in adapter_weights(model).values():
        weight.data.add_(0.1)
    with full_precision(), torch.no_grad():
        expected = log_prob(before, ROWS[0])
        assert not torch.allclose(log_prob(model, ROWS[0]), expected, atol=1e-2), "training has changed it"
        with reference_adapters(model):
            assert torch.allclose(log_prob(model, ROWS[0]), expected, atol=1e-5)


def test_preferences_are_measured_against_the_start_and_not_against_the_base(
    base: Path, start: Path, tmp_path: Path
) -> None:
    with full_precision():
        margins: list[float] = []
        for number, model in enumerate((trained_on(base, start), loaded(base, start))):
            objective = DpoObjective(model, PAIRS, DpoConfig(LORA), SHA256, tmp_path / str(number))
            objective.folder.mkdir()
            objective.start(0)
            objective.loss(objective.batch(0))
            margins.append(objective.breakdown.tasks["margin"].item())
    assert margins[0] == pytest.approx(0, abs=1e-5), "nothing is preferred yet"
    assert abs(margins[1]) > 1e-3, "the control: against the base the start prefers something"


def test_a_run_begins_where_the_start_ends(request_of: Callable[..., AdaptRequest], base: Path, start: Path) -> None:
    request = request_of("run")
    assert adapt(request) == 0
    config = request.config
    assert isinstance(config, SftConfig)
    with full_precision(), torch.no_grad():
        objectives = [SftObjective(loaded(base, file), ROWS, config, SHA256) for file in (start, request.adapter)]
        losses = [each.loss(each.batch(0))["answer"] for each in objectives]
    assert losses[1] < losses[0]
    moved = [
        (after - before).norm() / before.norm()
        for before, after in zip(
            adapter_weights(loaded(base, start)).values(), adapter_weights(loaded(base, request.adapter)).values(),
            strict=True,
        )
    ]  # fmt: skip
    assert 0 < max(moved) < 0.5, "the adapter is the one of the start, trained on"


def test_an_interrupted_run_goes_on_to_the_same_adapter(request_of: Callable[..., AdaptRequest]) -> None:
    whole, stopped = request_of("whole"), request_of("stopped")
    assert adapt(whole) == 0
    assert adapt(stopped, until=3) == 0 and not stopped.adapter.exists()
    assert adapt(stopped) == 0
    assert stopped.adapter.read_bytes() == whole.adapter.read_bytes()


def test_rank_and_layers_are_read_from_the_file(base: Path, start: Path) -> None:
    layers = len(load_decoder(read_gguf_header(base)).layers)
    assert lora_config(read_gguf_header(start), layers) == LORA
    with pytest.raises(SettingsError, match=r"has adapters of LoraConfig\(rank=4"):
        add_trained_adapters(load_decoder(read_gguf_header(base)), start, LoraConfig(rank=2))
    with pytest.raises(SettingsError, match="has changed since this run was prepared"):
        add_trained_adapters(load_decoder(read_gguf_header(base)), start, LORA, SHA256)
    with pytest.raises(CheckpointError):
        add_trained_adapters(load_decoder(read_gguf_header(base)), base, LORA)
