"""Codes and their four numbers: one to one, the nearest levels, and a gradient that passes."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from plait.foundation.cards.vocabulary import NUM_CODES
from plait.foundation.unified.model import fsq

FOUR = st.lists(st.floats(-20, 20), min_size=4, max_size=4)


def test_each_code_has_distinct_coordinates() -> None:
    every = torch.arange(fsq.NUM_CODES)
    numbers = fsq.codes_to_latents(every)
    assert torch.equal(fsq.latents_to_codes(numbers), every)
    assert len(numbers.unique(dim=0)) == fsq.NUM_CODES == NUM_CODES
    assert float(numbers.min()) == -1.0 and float(numbers.max()) <= 1.0


@given(FOUR)
def test_any_features_are_quantised_to_a_code(features: list[float]) -> None:
    numbers = fsq.quantize(torch.tensor([features], dtype=torch.float64))
    code = fsq.latents_to_codes(numbers)
    assert 0 <= int(code) < fsq.NUM_CODES
    torch.testing.assert_close(fsq.codes_to_latents(code).double(), numbers)


def test_every_level_is_reached() -> None:
    sweep = torch.linspace(-6, 6, 2_001)[:, None].expand(-1, 4)
    reached = [len(column.round(decimals=4).unique()) for column in fsq.quantize(sweep).T]
    assert tuple(reached) == fsq.LEVELS


def test_quantisation_is_monotonic() -> None:
    rising = fsq.quantize(torch.linspace(-6, 6, 500)[:, None].expand(-1, 4))
    assert bool((rising.diff(dim=0) >= -1e-6).all())


def test_the_gradient_passes_straight_through_the_rounding() -> None:
    features = torch.zeros(3, 4, requires_grad=True)
    fsq.quantize(features).sum().backward()
    assert features.grad is not None and bool((features.grad > 0.5).all())
