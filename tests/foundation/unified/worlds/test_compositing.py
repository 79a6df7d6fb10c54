import random

import numpy as np
import pytest
import torch

from plait.foundation.unified.worlds.compositor import Compositor
from plait.foundation.unified.worlds.rendering import render_scene, render_scenes, scale_box
from plait.foundation.unified.worlds.sampling import SPLITS, sample_scene
from plait.foundation.unified.worlds.scene import CANVAS_SIDE

SCENES = [sample_scene(random.Random(number), SPLITS[number % 4]) for number in range(24)]


@pytest.mark.parametrize("side", [CANVAS_SIDE, 256])
def test_compositing_on_a_device_agrees_with_pillow(side: int) -> None:
    ours = Compositor.from_atlas(torch.device("cpu")).render(SCENES, side).numpy().astype(int)
    theirs = render_scenes(SCENES, side).astype(int)
    assert ours.shape == theirs.shape == (len(SCENES), side, side, 3)
    assert np.abs(ours - theirs).mean() < 1.0
    assert (np.abs(ours - theirs).max(-1) > 48).mean() < 0.01  # pixels along edges


def test_scenes_are_rendered_equally_alone_and_in_a_batch() -> None:
    compositor = Compositor.from_atlas(torch.device("cpu"))
    alone = torch.cat([compositor.render([each]) for each in SCENES[:6]])
    assert torch.equal(alone, compositor.render(SCENES[:6]))


@pytest.mark.parametrize("side", [CANVAS_SIDE, 150, 256])
def test_drawn_pixels_lie_within_the_boxes_and_touch_each_edge(side: int) -> None:
    edge = -(-2 * side // CANVAS_SIDE)
    for each in SCENES:
        changed = (render_scene(each, side) != np.array(each.ground_rgb)).any(-1)
        for thing in each.things:
            left, top, right, bottom = scale_box(thing.box, side)
            inner = changed[top:bottom, left:right]
            assert all(strip.any() for strip in (inner[:edge], inner[-edge:], inner[:, :edge], inner[:, -edge:]))
            changed[top:bottom, left:right] = False
        assert not changed.any()
