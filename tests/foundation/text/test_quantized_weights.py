"""Frozen weights that stay quantised are the same numbers in less memory, and adapters learn the same by them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.cards.gguf.tensor_types import TENSOR_TYPES
from plait.foundation.cards.gguf.tensors import READABLE_FORMATS, dequantize
from plait.foundation.text.adapt_request import ADAPTER_FILE, AdaptRequest, DpoConfig, LoraConfig, SftConfig
from plait.foundation.text.adapt_run import adapt
from plait.foundation.text.adapter_file import add_adapters, without_adapters
from plait.foundation.text.attention import PackedDocuments
from plait.foundation.text.block_tensors import DEQUANTIZERS, BlockFormat
from plait.foundation.text.model import TextDecoder, load_decoder
from plait.foundation.text.preference_row import PreferenceRow
from plait.foundation.text.token_row import TokenRow, write_token_rows
from plait.foundation.training.linear import QuantizedEmbedding, QuantizedLinear
from plait.foundation.training.lora import LoraLinear
from plait.service.engines.llamacpp.config import embedded_file
from tests.support.adapted_models import add_random_adapters, all_log_probs
from tests.support.tiny_llama import TinyLlama

SHA256 = "ab" * 32
LORA = LoraConfig(rank=4, alpha=8.0)
IDS = list(range(5, 45))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    return TinyLlama(tensor_type="Q8_0").write_small(tmp_path_factory.mktemp("tiny") / "tiny.gguf")


def weight_bytes(model: TextDecoder) -> int:
    return sum(each.numel() * each.element_size() for each in model.parameters())


def rows() -> list[TokenRow]:
    return [TokenRow((5, 20 + n % 4, 6, 7), (8, 30 + n % 4, 9), (1,)) for n in range(12)]


def pairs() -> list[PreferenceRow]:
    return [PreferenceRow(row, TokenRow(row.prompt, (8, 40, 9), (1,))) for row in rows()]


# ── formats ──


def test_every_quantised_format_that_can_be_read_stays_quantised() -> None:
    assert DEQUANTIZERS.keys() == READABLE_FORMATS.keys() - {"F32"}


@pytest.mark.parametrize("name", sorted(DEQUANTIZERS))
@given(data=st.data())
def test_blocks_are_dequantised_to_the_same_bits_as_without_torch(name: str, data: st.DataObject) -> None:
    kind = TENSOR_TYPES[name]
    seed, count = data.draw(st.integers(0, 2**32 - 1)), data.draw(st.integers(1, 3))
    content = np.random.default_rng(seed).integers(0, 256, (2, count * kind.block_bytes), np.uint8)
    with np.errstate(all="ignore"):  # random bytes make scales that are no numbers
        expected = dequantize(content.reshape(-1), kind).reshape(2, -1)
    ours = BlockFormat(kind)(torch.from_numpy(content)).numpy()
    assert ours.dtype == np.float32 and ours.shape == expected.shape == (2, count * kind.block_elements)
    np.testing.assert_array_equal(ours, expected)  # NaN equals NaN


# ── models ──


def test_a_quantised_model_computes_the_same_and_takes_a_quarter_of_the_memory(base: Path) -> None:
    header = read_gguf_header(base)
    plain, quantized = load_decoder(header), load_decoder(header, quantized=True)
    assert isinstance(quantized.token_embd, QuantizedEmbedding)
    assert isinstance(quantized.layers[0].ffn_down, QuantizedLinear)
    assert torch.equal(all_log_probs(plain, IDS), all_log_probs(quantized, IDS))
    assert weight_bytes(quantized) < 0.28 * weight_bytes(plain)  # Q8_0 has 8.5 bits a weight; norms stay
    for model in (plain, quantized):
        add_random_adapters(model, LORA, 0.1)
    assert torch.equal(all_log_probs(plain, IDS), all_log_probs(quantized, IDS))
    assert sum(isinstance(each, LoraLinear) for each in quantized.modules()) == 14


def saved_shapes(compute: Callable[[], torch.Tensor]) -> set[tuple[int, ...]]:
    """Shapes of the tensors that are kept for the backward pass, the longer side last."""
    shapes: set[tuple[int, ...]] = set()

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        shapes.add(tuple(sorted(tensor.shape)))
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        assert compute().requires_grad
    return shapes


def test_nothing_dequantised_is_kept_for_the_backward_pass(base: Path) -> None:
    model = load_decoder(read_gguf_header(base), quantized=True)
    add_adapters(model, LORA)
    ids, documents = PackedDocuments.pack([IDS])
    matrices = {(64, 64), (32, 64), (64, 96), (50, 64)}
    assert {tuple(sorted(each.matrix().shape)) for each in model.modules() if isinstance(each, LoraLinear)} <= matrices
    assert not saved_shapes(lambda: model.logits(model(ids, documents)[:7])) & matrices
    # The control is the product of torch, which keeps its matrix.
    hidden = torch.ones(7, 64, requires_grad=True)
    assert (50, 64) in saved_shapes(lambda: F.linear(hidden, model.token_embd.matrix()))


def test_a_model_without_adapters_shares_quantised_weights(base: Path) -> None:
    model = load_decoder(read_gguf_header(base), quantized=True)
    before = all_log_probs(model, IDS)
    add_random_adapters(model, LORA, 0.1)
    bare = without_adapters(model)
    assert torch.equal(all_log_probs(bare, IDS), before)
    assert bare.layers[1].attn_q.weight.data_ptr() == model.layers[1].attn_q.weight.data_ptr()
    assert not any(isinstance(each, LoraLinear) for each in bare.modules())


@pytest.mark.parametrize("config", [SftConfig(LORA, 1e-2, 2, 60), DpoConfig(LORA, 1e-2, 1, 60)], ids=["sft", "dpo"])
def test_a_run_by_quantised_weights_ends_with_the_same_adapter(
    base: Path, tmp_path: Path, config: SftConfig | DpoConfig
) -> None:
    write_token_rows(tmp_path / "rows.jsonl", rows() if isinstance(config, SftConfig) else pairs())
    adapters: list[bytes] = []
    for quantized in (False, True):
        folder = tmp_path / str(quantized)
        request = AdaptRequest("run", base, SHA256, tmp_path / "rows.jsonl", folder, config=config, quantized=quantized)
        assert adapt(request) == 0
        adapters.append((folder / ADAPTER_FILE).read_bytes())
    assert adapters[0] == adapters[1]


@pytest.mark.model
def test_the_embedded_model_takes_less_than_a_fifth_of_the_memory() -> None:
    file = embedded_file()
    assert file is not None
    model = load_decoder(read_gguf_header(file), quantized=True)
    weights = sum(each.numel() for each in load_decoder(read_gguf_header(file)).parameters())
    assert weight_bytes(model) < 4 * weights / 5
    assert weight_bytes(model) < 100_000_000
