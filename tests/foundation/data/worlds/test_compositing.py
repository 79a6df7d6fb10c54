import random

import numpy as np
import pytest
import torch

from plait.foundation.unified.worlds.compositor import Compositor
from plait.foundation.unified.worlds.rendering import drawn, drawn_together, scaled
from plait.foundation.unified.worlds.sampling import SPLITS, scene
from plait.foundation.unified.worlds.scene import SIDE

SCENES = [scene(random.Random(number), SPLITS[number % 4]) for number in range(24)]


@pytest.mark.parametrize("side", [SIDE, 256])
def test_a_device_draws_what_pillow_draws(side: int) -> None:
    ours = Compositor.on(torch.device("cpu")).drawn(SCENES, side).numpy().astype(int)
    theirs = drawn_together(SCENES, side).astype(int)
    assert ours.shape == theirs.shape == (len(SCENES), side, side, 3)
    assert np.abs(ours - theirs).mean() < 1.0
    assert (np.abs(ours - theirs).max(-1) > 48).mean() < 0.01  # pixels along edges


def test_scenes_are_drawn_alone_as_together() -> None:
    compositor = Compositor.on(torch.device("cpu"))
    alone = torch.cat([compositor.drawn([each]) for each in SCENES[:6]])
    assert torch.equal(alone, compositor.drawn(SCENES[:6]))


@pytest.mark.parametrize("side", [SIDE, 150, 256])
def test_nothing_is_drawn_outside_of_the_boxes_and_something_at_each_edge(side: int) -> None:
    edge = -(-2 * side // SIDE)
    for each in SCENES:
        changed = (drawn(each, side) != np.array(each.ground_rgb)).any(-1)
        for thing in each.things:
            left, top, right, bottom = scaled(thing.box, side)
            inner = changed[top:bottom, left:right]
            assert all(strip.any() for strip in (inner[:edge], inner[-edge:], inner[:, :edge], inner[:, -edge:]))
            changed[top:bottom, left:right] = False
        assert not changed.any()
