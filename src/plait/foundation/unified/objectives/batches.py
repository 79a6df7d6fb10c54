"""Batches: images, examples about them, and targets of the auxiliary losses, as tensors.

Shapes: p images, c cells of the grid, n examples, t source ids, l target ids.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, UInt8
from numpy.typing import NDArray
from torch import Tensor

from plait.foundation.cards.sizes import STRIDE
from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.unified.holes import FractionalBox
from plait.foundation.unified.objectives.encoded_examples import Things, TokenizedExample
from plait.foundation.unified.worlds.rendering import render_scenes
from plait.foundation.unified.worlds.scene import CANVAS_SIDE, PixelBox, Scene

COVERED_SHARE = 0.35  # of a cell's area; above it a thing is in the cell
UNNAMED, ABSENT, PRESENT = -1, 0, 1
GROUND, UNKNOWN = -1, -2  # values of cells without a known noun


B = TypeVar("B")
DrawScenes = Callable[[Sequence[Scene], int], Tensor]  # renders scenes as images with a given side


@dataclass(frozen=True)
class Sample:
    """Examples about an image, (side, side, 3) RGB, about a scene, or about neither.

    A scene is rendered together with the others of its batch, and gives the auxiliary losses everything in it. Of an
    image only the `boxes` of some things are known.
    """

    picture: NDArray[np.uint8] | None
    examples: tuple[TokenizedExample, ...]
    scene: Scene | None = None
    boxes: tuple[FractionalBox, ...] = ()


@dataclass(frozen=True)
class Batch:
    """A batch.

    `cell_noun` is GROUND or UNKNOWN in cells without a known thing. Boxes are (left, top, right, bottom) in fractions
    of the side of the image. `pointer_cells` are the cells of the thing that an input id names; `presence` is whether
    the id names a thing, and whether the image has it. `about_mask` marks the cells that a target id is about, then the
    input ids that name the same. `image_index` is the image of an example, -1 for none; `task_index` is an index into
    `tasks`.
    """

    pictures: UInt8[Tensor, "p side side 3"]
    cell_noun: Int[Tensor, "p c"]
    cell_box: Float[Tensor, "p c 4"]
    ground: Int[Tensor, " p"]
    image_index: Int[Tensor, " n"]
    task_index: Int[Tensor, " n"]
    input_ids: Int[Tensor, "n t"]
    attention_mask: Bool[Tensor, "n t"]
    presence: Int[Tensor, "n t"]
    pointer_cells: Bool[Tensor, "n t c"]
    pointer_box: Float[Tensor, "n t 4"]
    target_ids: Int[Tensor, "n l"]
    target_mask: Bool[Tensor, "n l"]
    about_mask: Bool[Tensor, "n l c+t"]

    def to(self, device: torch.device) -> "Batch":
        return to_device(self, device)


def to_device(batch: B, device: torch.device) -> B:
    """Moves all tensors of a dataclass to a device."""
    return type(batch)(*(getattr(batch, field.name).to(device, non_blocking=True) for field in fields(batch)))  # type: ignore[arg-type]


def draw_on_cpu(scenes: Sequence[Scene], side: int) -> UInt8[Tensor, "p side side 3"]:
    return torch.from_numpy(render_scenes(scenes, side))


def collate(
    samples: Sequence[Sample],
    vocabulary: Vocabulary,
    grid: int,
    tasks: Sequence[str] = (),
    draw: DrawScenes = draw_on_cpu,
) -> Batch:
    """Batch of samples. It may have no rows. If no sample has an image, the batch has a blank one."""
    visible = [each for each in samples if each.picture is not None or each.scene is not None]
    visible = visible or [Sample(np.zeros((grid * STRIDE, grid * STRIDE, 3), np.uint8), ())]
    picture_numbers = {id(each): number for number, each in enumerate(visible)}
    targets = [
        GridTargets.from_scene(each.scene, grid) if each.scene else GridTargets.from_boxes(each.boxes, grid)
        for each in visible
    ]
    rows = [
        (picture_numbers[id(each)] if vocabulary.picture in example.input_ids else -1, example)
        for each in samples
        for example in each.examples
    ]
    arrays = (
        np.stack([target.cell_nouns for target in targets]),
        np.stack([target.cell_boxes for target in targets]),
        np.array([UNKNOWN if each.scene is None else each.scene.ground for each in visible]),
        np.array([picture_index for picture_index, _ in rows]),
        np.array([tasks.index(example.task) if tasks else 0 for _, example in rows]),
        *source_arrays(rows, targets, vocabulary),
        *target_arrays(rows, targets, vocabulary),
    )
    return Batch(stack_pictures(visible, grid * STRIDE, draw), *map(torch.from_numpy, arrays))


def stack_pictures(samples: Sequence[Sample], side: int, draw: DrawScenes) -> UInt8[Tensor, "p side side 3"]:
    """Images of the samples, in their order, with scenes rendered."""
    pictures = [torch.from_numpy(each.picture) for each in samples if each.picture is not None]
    scenes = [each.scene for each in samples if each.picture is None and each.scene is not None]
    rendered = iter(draw(scenes, side)) if scenes else iter(())
    if not pictures:
        return torch.stack(list(rendered))
    given_pictures = iter(pictures)
    return torch.stack(
        [next(rendered if each.picture is None else given_pictures).to(pictures[0].device) for each in samples]
    )


@dataclass(frozen=True)
class GridTargets:
    """Targets on a grid: `cells` and `boxes` (in fractions) of each thing, noun and box of each cell."""

    cells: NDArray[np.bool_]
    boxes: NDArray[np.float32]
    cell_nouns: NDArray[np.int64]
    cell_boxes: NDArray[np.float32]

    @staticmethod
    def from_scene(scene: Scene, grid: int) -> "GridTargets":
        targets = GridTargets.from_boxes([box_fractions(thing.box) for thing in scene.things], grid)
        targets.cell_nouns[:] = GROUND
        for thing, cells in zip(scene.things, targets.cells, strict=True):
            targets.cell_nouns[cells] = thing.noun
        return targets

    @staticmethod
    def from_boxes(thing_boxes: Sequence[FractionalBox], grid: int) -> "GridTargets":
        """Targets of things of which only the boxes are known: the noun of every cell is UNKNOWN."""
        exact = np.array(thing_boxes, dtype=np.float64).reshape(-1, 4)
        cells, boxes = covered_cells(exact, grid), exact.astype(np.float32)
        cell_boxes = np.zeros((grid * grid, 4), dtype=np.float32)
        for box_cells, box in zip(cells, boxes, strict=True):
            cell_boxes[box_cells] = box
        return GridTargets(cells, boxes, np.full(grid * grid, UNKNOWN, dtype=np.int64), cell_boxes)

    def cells_of_things(self, things: Things) -> NDArray[np.bool_]:
        return np.any(self.cells[list(things)], axis=0)


IndexedExamples = Sequence[tuple[int, TokenizedExample]]  # each with the index of its image


def source_arrays(
    rows: IndexedExamples, grids: Sequence[GridTargets], vocabulary: Vocabulary
) -> tuple[NDArray[np.generic], ...]:
    ids = pad_rows([example.input_ids for _, example in rows], vocabulary.pad)
    presence = np.full(ids.shape, UNNAMED, dtype=np.int64)
    pointer_cells = np.zeros((*ids.shape, len(grids[0].cell_nouns)), dtype=bool)
    pointer_boxes = np.zeros((*ids.shape, 4), dtype=np.float32)
    for row, (picture_index, example) in enumerate(rows):
        for position, things in enumerate(example.input_things if picture_index >= 0 else ()):
            if things is not None:
                presence[row, position] = PRESENT if things else ABSENT
                pointer_cells[row, position] = grids[picture_index].cells_of_things(things)
                pointer_boxes[row, position] = grids[picture_index].boxes[things[0]] if len(things) == 1 else 0
    return ids, ids != vocabulary.pad, presence, pointer_cells, pointer_boxes


def target_arrays(
    rows: IndexedExamples, grids: Sequence[GridTargets], vocabulary: Vocabulary
) -> tuple[NDArray[np.generic], ...]:
    ids = pad_rows([example.target_ids for _, example in rows], vocabulary.pad)
    cells = np.zeros((*ids.shape, len(grids[0].cell_nouns)), dtype=bool)
    same_things = np.zeros((*ids.shape, max((len(example.input_ids) for _, example in rows), default=1)), dtype=bool)
    for row, (picture_index, example) in enumerate(rows):
        for position, things in enumerate(example.target_things if picture_index >= 0 else ()):
            if things:
                cells[row, position] = grids[picture_index].cells_of_things(things)
                same_things[row, position, : len(example.input_things)] = [
                    each == things for each in example.input_things
                ]
    return ids, ids != vocabulary.pad, np.concatenate((cells, same_things), -1)


def pad_rows(rows: Sequence[tuple[int, ...]], pad: int) -> NDArray[np.int64]:
    ids = np.full((len(rows), max(map(len, rows), default=1)), pad, dtype=np.int64)
    for row, each in enumerate(rows):
        ids[row, : len(each)] = each
    return ids


def box_fractions(box: PixelBox) -> FractionalBox:
    left, top, right, bottom = (corner / CANVAS_SIDE for corner in box)
    return left, top, right, bottom


def covered_cells(boxes: NDArray[np.float64], grid: int) -> NDArray[np.bool_]:
    """Cells that each thing is in, (things, grid * grid): those it covers well, at least the one it covers best."""
    edges, boxes = np.arange(grid + 1), boxes * grid
    across = np.clip(np.minimum(boxes[:, 2:3], edges[1:]) - np.maximum(boxes[:, 0:1], edges[:-1]), 0, None)
    down = np.clip(np.minimum(boxes[:, 3:4], edges[1:]) - np.maximum(boxes[:, 1:2], edges[:-1]), 0, None)
    area = (down[:, :, None] * across[:, None, :]).reshape(len(boxes), grid * grid)
    return (area >= COVERED_SHARE) | (area == area.max(1, keepdims=True))
