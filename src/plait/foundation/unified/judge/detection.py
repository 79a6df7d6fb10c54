"""Post-processing of the judge's output: things with their boxes, and the background colour."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from plait.foundation.unified.judge.network import GRID, SIDE, JudgeNetwork, JudgeOutput, cell_centres, cells_within
from plait.foundation.unified.metrics.boxes import iou_matrix
from plait.foundation.unified.worlds.scene import CANVAS_SIDE as CANVAS
from plait.foundation.unified.worlds.scene import PixelBox

CELL_THRESHOLD = 0.5  # minimum probability that a cell contains a thing
SAME_BOX_IOU = 0.4  # IoU from which two cells predict the same box
MIN_CELLS = 3  # minimum cells of a thing
NOUN_THRESHOLD = 0.4  # minimum probability of the noun of a reported thing
OVERLAP_THRESHOLD = 0.4  # overlap share from which two detections are the same thing


@dataclass(frozen=True)
class JudgedObject:
    """A detected thing: index of its noun, box in pixels of the worlds' canvas, and confidence."""

    noun: int
    box: PixelBox
    confidence: float


@dataclass(frozen=True)
class JudgeVerdict:
    """Detections of one picture. `things`: by falling confidence, without overlaps; `ground`: index into
    `palette.COLOURS`.
    """

    things: tuple[JudgedObject, ...]
    ground: int


class Judge:
    def __init__(self, network: JudgeNetwork) -> None:
        self.network = network.eval()

    @torch.inference_mode()
    def verdicts(self, images: Sequence[NDArray[np.uint8]]) -> list[JudgeVerdict]:
        """The verdicts on square pictures of any side, (side, side, 3)."""
        output = self.network(torch.from_numpy(np.stack([downscale(each) for each in images])))
        return [judge_verdict(JudgeOutput(*(values[row] for values in output))) for row in range(len(images))]


def downscale(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if image.shape[0] == SIDE:
        return image
    return np.asarray(Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BOX))


def judge_verdict(output: JudgeOutput) -> JudgeVerdict:
    """Decodes the output for one picture. The noun of a thing is the average of the probabilities of the cells in its
    box.
    """
    probabilities = output.nouns.softmax(0)
    objectness = 1 - probabilities[-1]
    boxes = predicted_boxes(output.box_distances)
    remaining = objectness.clone()
    things: list[JudgedObject] = []
    while remaining.max() >= CELL_THRESHOLD:
        row, column = divmod(int(remaining.argmax()), GRID)
        box = box_corners(boxes[:, row, column])
        cells = same_box_cells(box, boxes) & (remaining > 0)
        remaining[cells | cells_inside(box)] = 0
        if int((cells & (objectness >= CELL_THRESHOLD)).sum()) >= MIN_CELLS:
            weights = objectness * cells
            noun_probabilities = (probabilities[:-1] * weights).sum((1, 2)) / weights.sum()
            things.append(JudgedObject(int(noun_probabilities.argmax()), box, float(noun_probabilities.max())))
        remaining[row, column] = 0
    return JudgeVerdict(tuple(non_max_suppression(things)), int(output.ground.argmax()))


def non_max_suppression(objects: Sequence[JudgedObject]) -> list[JudgedObject]:
    """Keeps objects of sufficient confidence, by falling confidence; drops those that mostly overlap a more confident
    one.
    """
    selected: list[JudgedObject] = []
    for each in sorted(objects, key=lambda each: -each.confidence):
        if each.confidence >= NOUN_THRESHOLD and all(
            overlap_share(each.box, other.box) < OVERLAP_THRESHOLD for other in selected
        ):
            selected.append(each)
    return selected


def overlap_share(box: PixelBox, other: PixelBox) -> float:
    """The share of the smaller box that overlaps the other."""
    across = min(box[2], other[2]) - max(box[0], other[0])
    down = min(box[3], other[3]) - max(box[1], other[1])
    smaller = min((each[2] - each[0]) * (each[3] - each[1]) for each in (box, other))
    return max(0, across) * max(0, down) / smaller


def predicted_boxes(box_distances: Tensor) -> Tensor:
    """The box that each cell predicts, (4, y, x) in pixels of the canvas."""
    x, y = cell_centres()[None].expand(GRID, -1), cell_centres()[:, None].expand(-1, GRID)
    left, top, right, bottom = box_distances
    return torch.stack((x - left, y - top, x + right, y + bottom)).clamp(0, 1) * CANVAS


def same_box_cells(box: PixelBox, boxes: Tensor) -> Tensor:
    is_same = iou_matrix([box], boxes.flatten(1).T.tolist())[0] >= SAME_BOX_IOU
    return torch.from_numpy(is_same).view(GRID, GRID)


def cells_inside(box: PixelBox) -> Tensor:
    """Mask of the cells whose centre is inside a box."""
    across, down = cells_within([corner / CANVAS for corner in box])
    return down[:, None] & across


def box_corners(box: Tensor) -> PixelBox:
    left, top, right, bottom = (round(each) for each in box.tolist())
    return left, top, max(right, left + 1), max(bottom, top + 1)
