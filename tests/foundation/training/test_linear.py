"""Products through whichever library: the same numbers, and the setting that chooses it is left as it was."""

import pytest
import torch

from plait.foundation.training.linear import ONEDNN_THRESHOLD, Linear, full_precision, linear

KINDS = (torch.float32, torch.float64)


@pytest.mark.parametrize(
    "rows", [1, ONEDNN_THRESHOLD // (64 * 96), ONEDNN_THRESHOLD // (64 * 96) + 1, 4 * ONEDNN_THRESHOLD // (64 * 96)]
)
def test_large_and_small_products_equal_those_of_torch_forward_and_backward(rows: int) -> None:
    torch.manual_seed(rows)
    x, weight, gradient = torch.randn(2, rows, 64), torch.randn(96, 64), torch.randn(2, rows, 96)
    both = [(x.clone().to(kind).requires_grad_(), weight.clone().to(kind).requires_grad_()) for kind in KINDS]
    ours, theirs = linear(*both[0]), torch.nn.functional.linear(*both[1])
    ours.backward(gradient)
    theirs.backward(gradient.double())
    # Where a processor has units for bf16 factors may be rounded to its 8 bits; nowhere to fewer.
    for one, other in ((ours.detach(), theirs.detach()), *((a.grad, b.grad) for a, b in zip(*both, strict=True))):
        assert one is not None and other is not None
        scale = float(other.abs().max())
        torch.testing.assert_close(one.double(), other, rtol=0.02, atol=0.01 * scale)


def test_in_full_precision_a_large_product_equals_torchs_own_to_the_last_bit() -> None:
    x, weight = torch.randn(4 * ONEDNN_THRESHOLD // (64 * 96), 64), torch.randn(96, 64)
    with full_precision():
        assert torch.equal(linear(x, weight), torch.nn.functional.linear(x, weight))


def test_inputs_that_need_no_gradient_get_none() -> None:
    x, weight = torch.randn(ONEDNN_THRESHOLD // 64, 64), torch.randn(96, 64, requires_grad=True)
    linear(x, weight).sum().backward()
    assert x.grad is None and weight.grad is not None


def test_the_precision_setting_is_restored_after_the_product() -> None:
    setting = torch.backends.mkldnn.matmul  # type: ignore[attr-defined]
    before = setting.fp32_precision
    x = torch.randn(ONEDNN_THRESHOLD // 64, 64, requires_grad=True)
    linear(x, torch.randn(96, 64)).sum().backward()
    assert setting.fp32_precision == before
    with pytest.raises(RuntimeError):
        linear(x, torch.randn(96, 65))
    assert setting.fp32_precision == before


def test_a_linear_layer_learns() -> None:
    layer = Linear(3, 2)
    layer(torch.ones(1, 3)).sum().backward()
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
    assert layer.weight.grad is not None and layer.weight.grad.shape == (2, 3)
