"""Adapters learn, change nothing before that, and are where the configuration says."""

from math import sqrt
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from plait.core.errors import SettingsError
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.text.adapt_request import PROJECTIONS, LoraConfig
from plait.foundation.text.adapter_file import add_adapters
from plait.foundation.text.attention import PackedDocuments
from plait.foundation.text.model import TextDecoder, load_decoder
from plait.foundation.training.lora import LoraProduct, adapter_weights, reference_adapters
from tests.support.adapted_models import add_random_adapters, all_log_probs
from tests.support.tiny_llama import TinyLlama

IDS = list(range(20))

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return TinyLlama(layers=3).write_small(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture
def tiny(file: Path) -> TextDecoder:
    return load_decoder(read_gguf_header(file))


def document_loss(model: TextDecoder) -> torch.Tensor:
    ids, documents = PackedDocuments.pack([IDS, IDS[::-1]])
    targets = ids.roll(-1)
    wanted = torch.tensor([place for place in range(len(ids)) if place not in documents.last.tolist()])
    return F.cross_entropy(model.logits(model(ids, documents)[wanted]), targets[wanted])


def test_a_new_adapter_changes_nothing(tiny: TextDecoder) -> None:
    before = all_log_probs(tiny, IDS)
    add_adapters(tiny, LoraConfig())
    assert torch.equal(all_log_probs(tiny, IDS), before)


def test_training_changes_the_adapters_alone(tiny: TextDecoder) -> None:
    add_adapters(tiny, LoraConfig(rank=4))
    frozen = {name: value.clone() for name, value in tiny.state_dict().items() if "lora" not in name}
    optimizer = torch.optim.Adam(adapter_weights(tiny).values(), lr=0.02)
    first = document_loss(tiny).item()
    for _ in range(40):
        optimizer.zero_grad()
        document_loss(tiny).backward()
        optimizer.step()
    assert document_loss(tiny).item() < first / 10
    assert all(torch.equal(tiny.state_dict()[name], value) for name, value in frozen.items())


@settings(max_examples=8)
@given(st.integers(1, 5), st.integers(1, 4), st.sampled_from((0.5, 2.0)))
def test_gradients_are_those_of_finite_differences(rows: int, rank: int, scale: float) -> None:
    generator = torch.Generator().manual_seed(rows)
    x, weight, a, b = (
        torch.randn(shape, generator=generator, dtype=torch.float64)
        for shape in ((rows, 6), (7, 6), (rank, 6), (7, rank))
    )
    for each in (x, a, b):
        each.requires_grad_()
    assert torch.autograd.gradcheck(lambda x, a, b: LoraProduct.apply(x, lambda: weight, a, b, scale), (x, a, b))
    assert torch.allclose(LoraProduct.apply(x, lambda: weight, a, b, scale), x @ (weight + scale * b @ a).T)


def test_gradients_of_large_products_are_those_of_torch() -> None:
    """Large products go through oneDNN; the reference is the merged matrix, differentiated by torch."""
    generator = torch.Generator().manual_seed(0)
    x, weight, a, b = (torch.randn(shape, generator=generator) for shape in ((300, 96), (80, 96), (8, 96), (80, 8)))
    inputs = [each.requires_grad_() for each in (x, a, b)]
    ours = torch.autograd.grad(LoraProduct.apply(x, lambda: weight, a, b, 0.5).square().sum(), inputs)
    theirs = torch.autograd.grad((x @ (weight + 0.5 * b @ a).T).square().sum(), inputs)
    for one, other in zip(ours, theirs, strict=True):
        assert (one - other).abs().max() < 2e-2 * other.abs().max()


@pytest.mark.parametrize("upper_layers", [None, 1, 2, 9])
def test_adapters_are_in_the_upper_layers(tiny: TextDecoder, upper_layers: int | None) -> None:
    add_random_adapters(tiny, LoraConfig(upper_layers=upper_layers, projections=("attn_q", "ffn_down")), 0.1)
    document_loss(tiny).backward()
    lowest = max(0, 3 - (upper_layers or 3))
    assert list(adapter_weights(tiny)) == [
        f"blk.{layer}.{name}.weight.lora_{factor}"
        for layer in range(lowest, 3)
        for name in ("attn_q", "ffn_down")
        for factor in "ab"
    ]
    assert all(each.grad is not None and each.grad.abs().max() > 0 for each in adapter_weights(tiny).values())
    assert sum(each.grad is not None for each in tiny.parameters()) == len(adapter_weights(tiny))


def test_the_seven_projections_of_a_layer_have_adapters(tiny: TextDecoder) -> None:
    add_adapters(tiny, LoraConfig())
    assert len(adapter_weights(tiny)) == 3 * len(PROJECTIONS) * 2 == 42


def test_the_same_seed_gives_the_same_adapters(file: Path) -> None:
    models = [load_decoder(read_gguf_header(file)) for _ in range(3)]
    for model, seed in zip(models, (5, 5, 6), strict=True):
        add_adapters(model, LoraConfig(), seed)
    one, again, other = (torch.cat([each.flatten() for each in adapter_weights(model).values()]) for model in models)
    assert torch.equal(one, again) and not torch.equal(one, other)


def test_without_adapters_the_model_is_its_base(tiny: TextDecoder) -> None:
    base = all_log_probs(tiny, IDS)
    add_random_adapters(tiny, LoraConfig(), 0.1)
    adapted = all_log_probs(tiny, IDS)
    with reference_adapters(tiny):
        assert torch.equal(all_log_probs(tiny, IDS), base)
    assert torch.equal(all_log_probs(tiny, IDS), adapted) and not torch.allclose(adapted, base, atol=0.1)


def test_a_stabilised_rank_is_scaled_by_its_root() -> None:
    assert LoraConfig(rank=16, alpha=32).scale == 2
    assert LoraConfig(rank=16, alpha=32, rank_stabilized=True).scale == 32 / sqrt(16)
    assert LoraConfig(rank=16, alpha=32, rank_stabilized=True).served_alpha == 8 * 16


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"rank": 0}, "rank 0"),
        ({"rank": 1_000}, "rank 1000"),
        ({"upper_layers": 0}, "in 0 layers"),
        ({"projections": ("lm_head",)}, "'lm_head'"),
        ({"projections": ()}, "nothing"),
    ],
)
def test_an_adapter_that_cannot_be_is_refused_in_words(changes: dict[str, int], words: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        LoraConfig(**changes)  # pyright: ignore[reportArgumentType]
    assert words in str(refusal.value) and refusal.value.hint


def test_adapters_are_added_once(tiny: TextDecoder) -> None:
    add_adapters(tiny, LoraConfig())
    with pytest.raises(SettingsError, match="has adapters already"):
        add_adapters(tiny, LoraConfig())
