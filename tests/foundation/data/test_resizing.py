"""Pictures as squares, and their boxes there."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from plait import Image
from plait.core.errors import InputError
from plait.foundation.data.resizing import PADDING_GREY, Letterbox, letterbox_image
from plait.types.box.box_formats import BINS, resolve_box_format
from tests.support.shelf import BLUE, MUG, RED, encode_picture, rotated_photo, shelf

sides = st.integers(1, 5_000)
squares = st.sampled_from((32, 96, 256))


@st.composite
def boxed(draw: st.DrawFn) -> tuple[Letterbox, tuple[int, int, int, int]]:
    width, height = draw(sides), draw(sides)
    x0, y0 = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    box = (x0, y0, draw(st.integers(x0 + 1, width)), draw(st.integers(y0 + 1, height)))
    return Letterbox((width, height), draw(squares)), box


@given(boxed())
def test_a_resized_box_covers_the_same_content(case: tuple[Letterbox, tuple[int, int, int, int]]) -> None:
    letterbox, box = case
    width, height = letterbox.content_size
    x0, y0, x1, y1 = letterbox.to_square(box)
    assert 0 <= x0 < x1 <= width + 1e-9 and 0 <= y0 < y1 <= height + 1e-9
    assert max(letterbox.content_size) == letterbox.side


def test_a_picture_keeps_its_aspect_ratio_on_neutral_padding() -> None:
    square = letterbox_image(Image(encode_picture(shelf())), 96)
    assert square.shape == (96, 96, 3) and square.dtype == np.uint8
    assert (square[72:] == PADDING_GREY).all()
    assert not (square[:72] == PADDING_GREY).all(axis=(1, 2)).any()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_the_content_of_a_box_is_in_the_box_of_the_square(form: str) -> None:
    large = shelf().resize((1_280, 960), Pillow.Resampling.NEAREST)
    square = letterbox_image(Image(encode_picture(large, form)), 96)
    x0, y0, x1, y1 = map(round, Letterbox((1_280, 960), 96).to_square([20 * corner for corner in MUG]))
    mug = square[y0 + 2 : y1 - 2, x0 + 2 : x1 - 2].reshape(-1, 3)
    assert np.abs(mug.astype(int) - RED).max() < 30
    outside = square[y0 + 2 : y1 - 2, x1 + 2 : x1 + 4].reshape(-1, 3)
    assert outside.min() > 225


def test_exif_orientation_is_applied() -> None:
    as_it_is, by_exif = (
        letterbox_image(Image(encode_picture(shelf())), 96),
        letterbox_image(Image(rotated_photo(6, "PNG")), 96),
    )
    assert (as_it_is == by_exif).all()
    assert tuple(as_it_is[54, 72]) == BLUE


def test_a_truncated_picture_is_refused() -> None:
    with pytest.raises(InputError, match="is damaged or truncated"):
        letterbox_image(Image(encode_picture(shelf((640, 480)), "JPEG")[:2000]), 96)


@given(boxed())
def test_the_square_agrees_with_the_bin_box_format(case: tuple[Letterbox, tuple[int, int, int, int]]) -> None:
    letterbox, box = case
    picture = SimpleNamespace(size=letterbox.size)
    for bin, corner in zip(resolve_box_format("bins", picture).from_pixels(box), letterbox.to_square(box), strict=True):
        assert abs(bin / (BINS - 1) * letterbox.side - corner) <= 1.5 * letterbox.side / (BINS - 1) + 1
