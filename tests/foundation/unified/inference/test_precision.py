"""Products in whole numbers and half precision are near those in fp32, and a model that is run so is the same model."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from plait.foundation.cards.sizes import ModelSize
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.training.linear import Embedding, Linear
from plait.foundation.training.quantization import INT8_MAX, dequantize_rows, quantize_rows
from plait.foundation.unified.inference.precision import BFloat16Linear, Int8Embedding, Int8Linear, convert_precision
from plait.foundation.unified.model.experts import Experts
from plait.foundation.unified.model.unified_model import UnifiedModel
from tests.support.tiny_weights import tiny_model

SEEDS, SIDES = st.integers(0, 10_000), st.integers(1, 70)


def random(seed: int, *shape: int) -> Tensor:
    """Random values of all magnitudes, with zeros."""
    chance = torch.Generator().manual_seed(seed)
    tensor = torch.randn(shape, generator=chance) * torch.randint(-3, 4, shape[:1], generator=chance).exp2()[:, None]
    return tensor * (torch.rand(shape, generator=chance) > 0.1)


@given(SEEDS, SIDES, st.integers(2, 70), SIDES)
def test_an_int8_product_deviates_only_by_rounding(seed: int, rows: int, inside: int, outside: int) -> None:
    x, weight = random(seed, rows, inside), dequantize_rows(*quantize_rows(random(seed + 1, outside, inside)))
    exact = x.double() @ weight.double().T
    half_a_step = x.abs().amax(1, keepdim=True) / INT8_MAX / 2
    bound = half_a_step.double() * weight.double().abs().sum(1) + 1e-5 * (1 + exact.abs())
    assert bool(((Int8Linear(weight)(x) - exact).abs() <= bound).all())


@given(SEEDS, SIDES, SIDES, SIDES)
def test_a_bf16_product_keeps_eight_bits(seed: int, rows: int, inside: int, outside: int) -> None:
    x, weight = random(seed, rows, inside), random(seed + 1, outside, inside)
    bound = 3 * 2**-8 * (x.abs().double() @ weight.abs().double().T) + 1e-6
    assert bool(((BFloat16Linear(weight)(x) - x.double() @ weight.double().T).abs() <= bound).all())


@given(SEEDS, SIDES)
def test_int8_weights_of_a_file_are_not_rounded_again(seed: int, count: int) -> None:
    whole, scale = quantize_rows(random(seed, count, 16))
    table = Int8Embedding(dequantize_rows(whole, scale))
    assert torch.equal(table.whole, whole)
    torch.testing.assert_close(table(torch.arange(count)), dequantize_rows(whole, scale))


def test_an_int8_product_accepts_any_batch_shape() -> None:
    product = Int8Linear(random(1, 12, 8))
    x = random(2, 30, 8)
    assert torch.equal(product(x.view(2, 3, 5, 8)).view(30, 12), product(x))
    assert product(x[:0]).shape == (0, 12)


@pytest.mark.parametrize("arithmetic", ["bf16", "int8"])
def test_all_linear_weights_shrink_and_the_features_stay_close(arithmetic: str) -> None:
    codes = torch.full((2, 64), -1)
    features_found = []
    for model in (tiny_model(), convert_precision(tiny_model(), arithmetic)):  # type: ignore[arg-type]
        source = torch.randint(0, 500, (2, 6), generator=torch.Generator().manual_seed(1))
        pictures = torch.randint(0, 256, (2, 96, 96, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(2))
        with torch.inference_mode():
            _, memory = model.encode_text(
                model.encode_image(pictures), None, source, torch.ones_like(source, dtype=torch.bool)
            )
            features_found.append(model.code_logits(model.decode_masked(memory, codes)[0]).softmax(-1))
    assert 0 < float((features_found[0] - features_found[1]).abs().sum(-1).mean() / 2) < 0.2
    left = [name for name, each in model.named_modules() if isinstance(each, Linear | Embedding)]
    assert not left


def test_fp32_leaves_the_model_unchanged() -> None:
    model = tiny_model()
    before = {name: each.clone() for name, each in model.state_dict().items()}
    after = convert_precision(model, "fp32").state_dict()
    assert before.keys() == after.keys() and all(torch.equal(before[name], after[name]) for name in before)


def test_the_router_of_experts_is_not_quantised() -> None:
    size = ModelSize("tiny", 64, 2, 2, 2, 96, (8, 16, 32, 64), (1, 1, 1), 64, experts=4)
    model = convert_precision(UnifiedModel(size, vocabulary()), "int8")
    routers: list[nn.Module] = [each.router for each in model.modules() if isinstance(each, Experts)]
    assert routers and all(isinstance(each, Linear) for each in routers)
