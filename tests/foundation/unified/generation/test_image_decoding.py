"""Painting: what is known stays, everything is known in the end, and a seed decides, whatever stands beside it."""

from collections.abc import Iterator

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from plait.core.errors import InputError
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.training.linear import full_precision
from plait.foundation.unified.generation.image_decoding import (
    Codes,
    DecodingOrder,
    PaintSampling,
    iter_codes,
    masked_count,
)
from plait.foundation.unified.model.decoder import DecoderMemory
from tests.support.tiny_weights import tiny_model

MODEL = tiny_model()
CODES = MODEL.size.code_grid**2
NOTHING = torch.full((2, CODES), -1)
QUICK = PaintSampling(steps=3)


@pytest.fixture(autouse=True)
def exact_products() -> Iterator[None]:
    """What is equal to the last digits is equal in full precision; with AMX products are rounded to bf16."""
    with full_precision():
        yield


def memory(rows: int, words: int = 5) -> DecoderMemory:
    torch.manual_seed(rows)
    ids = torch.randint(vocabulary().text.start, vocabulary().text.stop, (rows, words))
    blank = torch.zeros(1, MODEL.size.side, MODEL.size.side, 3, dtype=torch.uint8)
    seen = MODEL.encode_image(blank)
    return MODEL.encode_text(seen, torch.full((rows,), -1), ids, torch.ones_like(ids, dtype=torch.bool))[1]


@torch.inference_mode()
def steps(
    known: Tensor, seeds: list[int], sampling: PaintSampling = QUICK, of: DecoderMemory | None = None
) -> list[Codes]:
    unguided = memory(2, 1).select_rows(torch.arange(len(known)))
    return list(iter_codes(MODEL, of or memory(len(known)), unguided, known, seeds, sampling))


@settings(deadline=None, max_examples=20)
@given(st.data())
def test_known_codes_stay_and_all_others_are_decoded(data: st.DataObject) -> None:
    codes = data.draw(st.lists(st.integers(-1, len(vocabulary().codes) - 1), min_size=CODES, max_size=CODES))
    known = torch.tensor([codes])
    sampling = PaintSampling(steps=data.draw(st.integers(1, 6)), guidance=data.draw(st.sampled_from([0.0, 2.0])))
    if min(codes) >= 0:
        known[0, 0] = -1
    before = known
    for after in (grids := steps(known, [7], sampling)):
        assert torch.equal(after[before >= 0], before[before >= 0])
        before = after
    assert len(grids) == sampling.steps
    assert int(before.min()) >= 0 and int(before.max()) < len(vocabulary().codes)


def test_each_step_decodes_more_codes() -> None:
    open_ = [int((each < 0).sum()) for each in steps(NOTHING, [1, 2], PaintSampling(steps=8))]
    assert open_ == sorted(open_, reverse=True) and open_[0] > open_[3] > open_[-1] == 0


@given(st.integers(1, 1_000), st.integers(1, 64))
def test_the_last_step_leaves_no_masked_code(missing: int, steps: int) -> None:
    left = [int(masked_count(torch.tensor([missing]), (step + 1) / steps)[0]) for step in range(steps)]
    assert left == sorted(left, reverse=True) and left[-1] == 0 and left[0] <= missing


@pytest.mark.parametrize("order", ["parallel", "raster"])
def test_an_image_depends_on_its_seed_and_not_on_the_rest_of_the_batch(order: DecodingOrder) -> None:
    sampling, both = PaintSampling(steps=3, order=order), memory(2)
    together = steps(NOTHING, [3, 4], sampling, both)[-1]
    first = both.select_rows(torch.tensor([0]))
    alone = steps(NOTHING[:1], [3], sampling, first)[-1]
    assert torch.equal(together[:1], alone)
    assert not torch.equal(alone, steps(NOTHING[:1], [5], sampling, first)[-1])


def test_at_temperature_zero_all_seeds_paint_the_same_image() -> None:
    sure = PaintSampling(steps=4, temperature=0, choice_temperature=0)
    assert torch.equal(steps(NOTHING, [1, 2], sure)[-1], steps(NOTHING, [8, 9], sure)[-1])


def test_guidance_moves_away_from_the_unconditional_image() -> None:
    sure = {"steps": 1, "temperature": 0.0, "choice_temperature": 0.0}
    images = [steps(NOTHING, [1, 1], PaintSampling(**sure, guidance=guidance))[-1] for guidance in (0.0, 20.0)]
    assert not torch.equal(*images)


def test_raster_order_goes_row_by_row() -> None:
    grids = steps(NOTHING[:1], [1], PaintSampling(order="raster"))
    assert [int((each >= 0).sum()) for each in grids] == list(range(1, CODES + 1))
    assert all(torch.equal(each[0, place + 1 :], NOTHING[0, place + 1 :]) for place, each in enumerate(grids))


@pytest.mark.parametrize(
    ("known", "says"),
    [
        (torch.full((1, CODES + 1), -1), f"the mask has {CODES + 1} codes, tiny paints {CODES}"),
        (torch.zeros(1, CODES, dtype=torch.long), "region to fill is empty"),
    ],
)
def test_a_mask_that_cannot_be_painted_is_refused(known: Tensor, says: str) -> None:
    with pytest.raises(InputError, match=says):
        steps(known, [1])


def test_a_hole_cannot_be_filled_in_raster_order() -> None:
    known = NOTHING[:1].clone()
    known[0, 0] = 5
    with pytest.raises(InputError, match="a hole is not filled in raster order"):
        steps(known, [1], PaintSampling(order="raster"))
