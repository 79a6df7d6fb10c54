"""Adapters of a unified model: new ones change nothing, and merged ones compute what the trained ones did."""

from pathlib import Path

import pytest
import torch

from plait.core.errors import CheckpointError
from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.adapter import AdapterHeader
from plait.foundation.cards.unified_adapter import ARCHITECTURE
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.training.lora import AdapterParameters, adapter_weights, adapters
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.weights.adapter_file import add_adapters, merge_adapter, write_adapter
from plait.foundation.unified.weights.weight_files import load
from tests.support.tiny_weights import save_tiny_weights
from tests.support.unified_adapters import ALPHA, RANK, add_random_adapters, random_adapter


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("base") / "tiny.safetensors"
    save_tiny_weights(file, {"locate": "0123456789ab"})
    return file


@torch.no_grad()
def hidden_states(model: UnifiedModel) -> torch.Tensor:
    """What the model makes of a picture, an instruction and the beginning of an answer."""
    torch.manual_seed(3)
    pictures = torch.randint(0, 255, (2, model.size.side, model.size.side, 3), dtype=torch.uint8)
    ids = torch.tensor([[vocabulary().picture, 700, 800, 900], [vocabulary().picture, 750, 850, 950]])
    mask = torch.ones_like(ids, dtype=torch.bool)
    return model(pictures, torch.tensor([0, 1]), ids, mask, ids[:, 1:], mask[:, 1:]).hidden_states


def test_new_adapters_stand_beside_all_matrices_of_the_layers_and_change_nothing(base: Path) -> None:
    model = load(base)
    before = hidden_states(model)
    add_adapters(model, RANK, ALPHA / RANK)
    torch.testing.assert_close(hidden_states(model), before)
    # An encoder layer has one attention, a decoder layer two; each of four matrices, and two of the feed-forward.
    assert len(list(adapters(model))) == model.size.encoder_layers * 6 + model.size.decoder_layers * 10
    trainable = {name for name, each in model.named_parameters() if each.requires_grad}
    assert trainable and all(name.endswith((".lora_a", ".lora_b")) for name in trainable)
    assert sum(each.numel() for each in AdapterParameters(model).parameters()) == sum(
        each.numel() for each in adapter_weights(model).values()
    )


def test_a_merged_adapter_computes_what_the_trained_one_does(base: Path, tmp_path: Path) -> None:
    file = random_adapter(base, tmp_path / "adapter.safetensors")
    merged = load(base)
    assert merge_adapter(merged, file, base, file_sha256(base)) == file_sha256(file)
    expected = hidden_states(add_random_adapters(load(base)))
    torch.testing.assert_close(hidden_states(merged), expected, atol=1e-4, rtol=1e-4)
    assert (expected - hidden_states(load(base))).abs().max() > 0.1, "the adapter changes something"


def test_the_same_adapter_has_the_same_bytes_and_a_changed_file_is_refused(base: Path, tmp_path: Path) -> None:
    one, other = (random_adapter(base, tmp_path / f"{name}.safetensors") for name in ("one", "other"))
    assert one.read_bytes() == other.read_bytes()
    with pytest.raises(CheckpointError, match=r"has the sha256 .*, not abab"):
        merge_adapter(load(base), one, base, file_sha256(base), "ab" * 32)


def test_weights_that_are_not_finite_are_not_written(base: Path, tmp_path: Path) -> None:
    model = add_random_adapters(load(base))
    next(iter(adapter_weights(model).values())).data[0, 0] = 1e9  # beyond half precision
    with pytest.raises(CheckpointError, match="not finite"):
        write_adapter(tmp_path / "adapter.safetensors", model, AdapterHeader(ARCHITECTURE, RANK, ALPHA))
    assert not list(tmp_path.iterdir())
