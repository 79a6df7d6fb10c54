"""The painter: from an instruction, or a picture with a hole, to pixels."""

import numpy as np
import pytest
from numpy.typing import NDArray

from plait.core.errors import InputError
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.generation.answering import Answerer
from plait.foundation.unified.generation.image_decoding import PaintSampling
from plait.foundation.unified.generation.painter import Hole, Painter, PaintRequest
from plait.foundation.unified.image_tokenizer.shipped import image_tokenizer
from tests.support.tiny_weights import tiny_model

PAINTER = Painter(Answerer(tiny_model(), vocabulary()), image_tokenizer())
SIZE = PAINTER.size
WORDS = tuple(vocabulary().encode_lowercased("a cat"))
QUICK = PaintSampling(steps=3)


def grey(side: int) -> NDArray[np.uint8]:
    return np.full((side, side, 3), 140, np.uint8)


def with_hole(*corners: float) -> PaintRequest:
    left, top, right, bottom = corners
    return PaintRequest(WORDS, Hole(grey(SIZE.side), grey(SIZE.canvas), (left, top, right, bottom)), 3)


def test_images_have_the_size_of_the_canvas_and_start_from_a_neutral_background() -> None:
    first, *_, last = PAINTER.paint_steps([PaintRequest(WORDS, None, 1)] * 2, PaintSampling(steps=6))
    assert [each.shape for each in last] == [(SIZE.canvas, SIZE.canvas, 3)] * 2
    assert (first[0] == 128).all(-1).mean() > 0.3 > (last[0] == 128).all(-1).mean()


def test_drawings_and_restored_pictures_share_a_batch() -> None:
    alone = [PAINTER.paint([each], QUICK)[0] for each in (PaintRequest(WORDS, None, 1), with_hole(0, 0, 0.5, 0.5))]
    together = PAINTER.paint([PaintRequest(WORDS, None, 1), with_hole(0, 0, 0.5, 0.5)], QUICK)
    for one, other in zip(alone, together, strict=True):  # sums in another order may round a pixel otherwise
        assert np.abs(one.astype(int) - other).max() <= 2


def test_the_surroundings_of_a_hole_are_unchanged() -> None:
    picture = PAINTER.paint([with_hole(0, 0, 0.25, 0.25)], QUICK)[0].astype(int)
    far = picture[SIZE.canvas // 2 :, SIZE.canvas // 2 :]
    assert abs(far - 140).mean() < 15 < abs(picture[: SIZE.canvas // 4, : SIZE.canvas // 4] - 140).mean()


def test_the_content_of_a_hole_has_no_influence() -> None:
    hidden = with_hole(0.25, 0.25, 0.5, 0.5)
    assert hidden.hole
    for picture in (hidden.hole.encoder_image, hidden.hole.canvas):
        side = len(picture)
        picture[side // 4 : side // 2, side // 4 : side // 2] = (250, 0, 0)
    request = with_hole(0.25, 0.25, 0.5, 0.5)
    assert np.array_equal(*PAINTER.paint([hidden, request], PaintSampling(steps=1, temperature=0)))


def test_a_hole_that_covers_everything_is_refused() -> None:
    with pytest.raises(InputError, match="covers the whole picture"):
        PAINTER.paint([with_hole(0, 0, 1, 1)], QUICK)


def test_a_small_hole_covers_at_least_one_code() -> None:
    assert PAINTER.paint([with_hole(0.999, 0.999, 1, 1)], QUICK)[0].shape == (SIZE.canvas, SIZE.canvas, 3)
