"""Products through whichever library: the same numbers, and the setting that chooses it is left as it was."""

import pytest
import torch

from plait.foundation.model.products import LARGE, Product, product


@pytest.mark.parametrize("rows", [1, LARGE // (64 * 96), LARGE // (64 * 96) + 1, 4 * LARGE // (64 * 96)])
def test_many_rows_and_few_give_what_float64_gives(rows: int) -> None:
    torch.manual_seed(rows)
    x, weight = torch.randn(2, rows, 64), torch.randn(96, 64)
    exact = (x.double() @ weight.double().T).float()
    with torch.inference_mode():
        # Where a processor has units for bf16 the factors may be rounded to its 8 bits; nowhere to fewer.
        torch.testing.assert_close(product(x, weight), exact, rtol=0.02, atol=0.2)
    torch.testing.assert_close(product(x, weight), exact, rtol=1e-4, atol=1e-4)


def test_the_permission_ends_with_the_product() -> None:
    setting = torch.backends.mkldnn.matmul  # type: ignore[attr-defined]
    before = setting.fp32_precision
    with torch.inference_mode():
        product(torch.randn(LARGE // 64, 64), torch.randn(96, 64))
        assert setting.fp32_precision == before
        with pytest.raises(RuntimeError):
            product(torch.randn(LARGE // 64, 64), torch.randn(96, 65))
    assert setting.fp32_precision == before


def test_it_is_a_linear_map_that_learns() -> None:
    layer = Product(3, 2)
    layer(torch.ones(1, 3)).sum().backward()
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
    assert layer.weight.grad is not None and layer.weight.grad.shape == (2, 3)
