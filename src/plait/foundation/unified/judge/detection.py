"""What the judge says of pictures: things with their boxes, and the colour of the ground."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from plait.foundation.unified.judge.network import GRID, SIDE, JudgeNetwork, Opinion, middles, within
from plait.foundation.unified.metrics.boxes import overlaps
from plait.foundation.unified.worlds.scene import SIDE as CANVAS
from plait.foundation.unified.worlds.scene import Corners

SURE = 0.5  # that something is in a cell
SAME = 0.4  # overlap over union, from which two boxes are of one thing
CELLS = 3  # of a thing, at least
TOLD = 0.4  # how sure of its noun the judge is of a thing that it tells, at least
COVERED = 0.4  # of a thing that lies on another, from which it is the same one


@dataclass(frozen=True)
class Seen:
    """A thing: its noun by number, its box in pixels of the worlds' canvas, and how sure the judge is."""

    noun: int
    box: Corners
    sure: float


@dataclass(frozen=True)
class Verdict:
    """`things` by falling sureness, none on another; `ground` indexes `palette.COLOURS`."""

    things: tuple[Seen, ...]
    ground: int


class Judge:
    def __init__(self, network: JudgeNetwork) -> None:
        self.network = network.eval()

    @torch.inference_mode()
    def verdicts(self, pictures: Sequence[NDArray[np.uint8]]) -> list[Verdict]:
        """Of square pictures of any side, (side, side, 3)."""
        opinion = self.network(torch.from_numpy(np.stack([small(each) for each in pictures])))
        return [verdict(Opinion(*(part[row] for part in opinion))) for row in range(len(pictures))]


def small(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if picture.shape[0] == SIDE:
        return picture
    return np.asarray(Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.BOX))


def verdict(of_one: Opinion) -> Verdict:
    """Each thing is what the cells in it say together: their probabilities, averaged, beside those of the ground."""
    chances = of_one.nouns.softmax(0)
    there = 1 - chances[-1]
    boxes = reached(of_one.reach)
    left = there.clone()
    things: list[Seen] = []
    while left.max() >= SURE:
        row, column = divmod(int(left.argmax()), GRID)
        box = corners(boxes[:, row, column])
        cells = same_thing(box, boxes) & (left > 0)
        left[cells | inside(box)] = 0
        if int((cells & (there >= SURE)).sum()) >= CELLS:
            weights = there * cells
            said = (chances[:-1] * weights).sum((1, 2)) / weights.sum()
            things.append(Seen(int(said.argmax()), box, float(said.max())))
        left[row, column] = 0
    return Verdict(tuple(apart(things)), int(of_one.ground.argmax()))


def apart(things: Sequence[Seen]) -> list[Seen]:
    """Those that the judge is sure enough of, by falling sureness; none that lies mostly on a surer one."""
    found: list[Seen] = []
    for each in sorted(things, key=lambda each: -each.sure):
        if each.sure >= TOLD and all(covered(each.box, other.box) < COVERED for other in found):
            found.append(each)
    return found


def covered(box: Corners, by: Corners) -> float:
    """The share of the smaller box that lies on the other."""
    across = min(box[2], by[2]) - max(box[0], by[0])
    down = min(box[3], by[3]) - max(box[1], by[1])
    smaller = min((each[2] - each[0]) * (each[3] - each[1]) for each in (box, by))
    return max(0, across) * max(0, down) / smaller


def reached(reach: Tensor) -> Tensor:
    """The box that each cell foretells, (4, y, x) in pixels of the canvas."""
    x, y = middles()[None].expand(GRID, -1), middles()[:, None].expand(-1, GRID)
    left, top, right, bottom = reach
    return torch.stack((x - left, y - top, x + right, y + bottom)).clamp(0, 1) * CANVAS


def same_thing(box: Corners, boxes: Tensor) -> Tensor:
    found = overlaps([box], boxes.flatten(1).T.tolist())[0] >= SAME
    return torch.from_numpy(found).view(GRID, GRID)


def inside(box: Corners) -> Tensor:
    """Which cells have their centre in a box."""
    across, down = within([corner / CANVAS for corner in box])
    return down[:, None] & across


def corners(box: Tensor) -> Corners:
    left, top, right, bottom = (round(each) for each in box.tolist())
    return left, top, max(right, left + 1), max(bottom, top + 1)
