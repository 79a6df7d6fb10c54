"""Colours and their names."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.foundation.unified.worlds.palette import COLOURS, GROUNDS, NO_COLOUR, colour_indices, random_shade


def test_every_base_shade_has_its_own_name() -> None:
    assert colour_indices(np.array([colour.rgb for colour in COLOURS])).tolist() == list(range(len(COLOURS)))


def test_names_are_distinct_in_both_languages() -> None:
    assert len({colour.en for colour in COLOURS}) == len({colour.zh_full for colour in COLOURS}) == len(COLOURS)


@given(st.sampled_from(GROUNDS), st.integers())
@settings(max_examples=200)
def test_every_shade_of_a_background_has_the_name_of_the_background(ground: int, seed: int) -> None:
    assert colour_indices(np.array(random_shade(ground, random.Random(seed)))) == ground


@pytest.mark.parametrize("rgb", [(0, 150, 150), (255, 193, 90), (255, 235, 205)], ids=["teal", "amber", "cream"])
def test_a_shade_between_two_colours_has_no_name(rgb: tuple[int, int, int]) -> None:
    assert colour_indices(np.array(rgb)) == NO_COLOUR


def test_dark_orange_is_brown_and_light_red_is_pink() -> None:
    names = [COLOURS[index].en for index in colour_indices(np.array([(255, 140, 0), (110, 65, 25), (255, 180, 190)]))]
    assert names == ["orange", "brown", "pink"]
