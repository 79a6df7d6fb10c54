"""Renders all scenes of a batch at once on the training device; rendering one by one with Pillow would starve a GPU.

Shapes: p pictures, y and x pixels of the canvas. Pictures equal those of rendering.py except for rounding and the
resampling filter: half a grey level on average, more along edges.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor
from torch.nn import functional as F

from plait.foundation.unified.worlds.atlas import CELL, atlas, atlas_with
from plait.foundation.unified.worlds.rendering import scale_box
from plait.foundation.unified.worlds.scene import CANVAS_SIDE, Scene, Thing

LEVEL_SIDES = (
    CELL,
    CELL * 3 // 4,
    CELL // 2,
    CELL * 3 // 8,
)  # cell sides in pixels; a sprite is rendered from the next larger one


@dataclass(frozen=True)
class Compositor:
    """`levels` has all sprites at decreasing sizes, colours premultiplied by alpha, (styles * nouns, 4, cell, cell)."""

    levels: tuple[Float[Tensor, "s 4 c c"], ...]
    boxes: Float[Tensor, "s 4"]
    num_nouns: int

    @staticmethod
    def from_atlas(device: torch.device, wide: bool = False) -> "Compositor":
        """The compositor of the atlas, or of the wide atlas."""
        pictograms = atlas(wide)
        sprites = torch.from_numpy(pictograms.sprites).to(device).flatten(0, 1).movedim(-1, 1).float() / 255
        sprites[:, :3] *= sprites[:, 3:]
        levels = tuple(F.interpolate(sprites, (side, side), mode="bilinear", antialias=True) for side in LEVEL_SIDES)
        boxes = torch.from_numpy(pictograms.boxes).to(device).flatten(0, 1).float()
        return Compositor(levels, boxes, len(pictograms.nouns))

    def render(self, scenes: Sequence[Scene], side: int = CANVAS_SIDE) -> UInt8[Tensor, "p side side 3"]:
        device = self.boxes.device
        canvas = torch.tensor([scene.ground_rgb for scene in scenes], device=device) / 255
        canvas = canvas[:, :, None, None].expand(-1, -1, side, side).clone()
        for number in range(max(len(scene.things) for scene in scenes)):
            rows = [row for row, scene in enumerate(scenes) if len(scene.things) > number]
            for level, members in self.group_by_level(rows, [scenes[row].things[number] for row in rows], side):
                indices = torch.tensor([row for row, _ in members], device=device)
                layer = self.layer(self.levels[level], [thing for _, thing in members], side)
                canvas[indices] = canvas[indices] * (1 - layer[:, 3:]) + layer[:, :3]
        return (canvas.movedim(1, -1) * 255).round().to(torch.uint8)

    def group_by_level(
        self, rows: list[int], things: list[Thing], side: int
    ) -> list[tuple[int, list[tuple[int, Thing]]]]:
        """The things rendered from each level, with their rows."""
        groups: dict[int, list[tuple[int, Thing]]] = {}
        for row, thing in zip(rows, things, strict=True):
            left, top, right, bottom = atlas_with(thing.noun).tight_box(thing.style, thing.noun)
            needed_side = CELL * thing.side * side / CANVAS_SIDE / max(right - left, bottom - top)
            level = max(number for number, cell in enumerate(LEVEL_SIDES) if cell >= needed_side or number == 0)
            groups.setdefault(level, []).append((row, thing))
        return list(groups.items())

    def layer(self, level: Float[Tensor, "s 4 c c"], things: Sequence[Thing], side: int) -> Float[Tensor, "p 4 y x"]:
        """Each thing alone on an empty canvas."""
        device = self.boxes.device
        sprite_index = torch.tensor([thing.style * self.num_nouns + thing.noun for thing in things], device=device)
        boxes = torch.tensor([scale_box(thing.box, side) for thing in things], device=device, dtype=torch.float32)
        mirrored = torch.tensor([thing.mirrored for thing in things], device=device)
        across = self.sprite_coordinates(self.boxes[sprite_index][:, 0::2], boxes[:, 0::2], mirrored, side)
        down = self.sprite_coordinates(
            self.boxes[sprite_index][:, 1::2], boxes[:, 1::2], torch.zeros_like(mirrored), side
        )
        grid = torch.stack(torch.broadcast_tensors(across[:, None], down[:, :, None]), -1)
        layer = F.grid_sample(level[sprite_index], grid, padding_mode="border", align_corners=False)
        inside = (grid.abs() <= 1).all(-1)[:, None] & self.box_mask(boxes, side)
        return layer * inside

    def sprite_coordinates(
        self, sprite_range: Float[Tensor, "p 2"], canvas_range: Float[Tensor, "p 2"], mirrored: Tensor, side: int
    ) -> Float[Tensor, "p pixels"]:
        """Position in the cell, from -1 to 1, of each pixel along an axis of the canvas."""
        pixels = torch.arange(side, device=sprite_range.device) + 0.5
        share = (pixels - canvas_range[:, :1]) / (canvas_range[:, 1:] - canvas_range[:, :1])
        share = torch.where(mirrored[:, None], 1 - share, share)
        return (sprite_range[:, :1] + share * (sprite_range[:, 1:] - sprite_range[:, :1])) / CELL * 2 - 1

    def box_mask(self, canvas_boxes: Int[Tensor, "p 4"], side: int) -> Tensor:
        """Mask of the pixels in a thing's box."""
        pixels = torch.arange(side, device=canvas_boxes.device) + 0.5
        across = (pixels > canvas_boxes[:, :1]) & (pixels < canvas_boxes[:, 2:3])
        down = (pixels > canvas_boxes[:, 1:2]) & (pixels < canvas_boxes[:, 3:4])
        return (down[:, :, None] & across[:, None])[:, None]
