"""Sparse experts: each row goes through those of its choice, whatever stands beside it."""

from dataclasses import replace

import pytest
import torch

from plait.foundation.cards.header import SIZE_ADAPTER
from plait.foundation.cards.sizes import SIZES
from plait.foundation.unified.model.experts import Experts, feed_forward
from plait.foundation.unified.model.layers import FeedForward

WIDTH = 16


def experts(count: int = 4, used: int = 1) -> Experts:
    torch.manual_seed(0)
    module = Experts(WIDTH, count, used)
    for each in module.experts:
        torch.nn.init.normal_(each.down.weight, std=0.3)
    return module


@pytest.mark.parametrize(("count", "used"), [(4, 1), (4, 2), (6, 3), (4, 4 // 2)])
def test_the_output_sums_the_best_expert_of_each_group_by_probability(count: int, used: int) -> None:
    module, rows = experts(count, used), torch.randn(9, WIDTH)
    logits, size = module.router(rows), count // used
    for row, row_logits, out in zip(rows, logits, module(rows), strict=True):
        groups = [row_logits[first : first + size].softmax(0) for first in range(0, count, size)]
        best = [(group.max(), at * size + int(group.argmax())) for at, group in enumerate(groups)]
        expected = sum((share * module.experts[number](row) for share, number in best), torch.zeros(WIDTH))
        torch.testing.assert_close(out, expected)


def test_rows_keep_their_order_and_shape() -> None:
    module, rows = experts(), torch.randn(3, 5, WIDTH)
    torch.testing.assert_close(module(rows)[2, 1], module(rows[2, 1:2])[0])
    assert module(rows[:0]).shape == (0, 5, WIDTH)
    with torch.inference_mode():
        assert module(rows[:0]).shape == (0, 5, WIDTH)


def test_router_and_selected_experts_get_gradients_and_the_others_zeros() -> None:
    module = experts()
    row = torch.randn(1, WIDTH)
    module(row).square().sum().backward()
    chosen = int(module.router(row).argmax())
    assert module.router.weight.grad is not None and module.router.weight.grad.any()
    for number, each in enumerate(module.experts):
        assert each.up.weight.grad.any() == (number == chosen)


def test_every_second_layer_has_experts_if_enabled() -> None:
    grown = replace(SIZES["base"], experts=4)
    assert [isinstance(feed_forward(grown, depth), Experts) for depth in range(4)] == [False, True, False, True]
    assert all(isinstance(feed_forward(SIZES["base"], depth), FeedForward) for depth in range(4))


def test_a_size_recorded_before_experts_existed_has_none() -> None:
    before = SIZE_ADAPTER.dump_json(SIZES["nano"], exclude={"experts", "experts_used", "adapters"})
    assert b"experts" not in before and SIZE_ADAPTER.validate_json(before) == SIZES["nano"]
    grown = replace(SIZES["nano"], experts=4, experts_used=2, adapters=8)
    assert SIZE_ADAPTER.validate_python(grown.to_dict) == grown
