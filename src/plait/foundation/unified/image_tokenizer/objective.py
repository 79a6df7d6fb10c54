"""How the image tokenizer learns: to give back what it was shown, edges above all; then also so that it is recognised.

By pixels alone faces and handles blur away, which are few pixels and most of what tells a cat from a fox. The unified
model's own stem, frozen, tells what two pictures have in common for one that knows such things; elsewhere a network for
photographs does (LPIPS, arXiv 1801.03924). What comes after the codes can be learned on by itself: models that paint by
them paint on, only better.
"""

import random
from dataclasses import dataclass

import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn import functional as F

from plait.foundation.unified.image_tokenizer.tokenizer import ImageTokenizer
from plait.foundation.unified.metrics.image_similarity import SSIM_CONSTANTS, WINDOW
from plait.foundation.unified.model.stem import Stem, StemBlock
from plait.foundation.unified.worlds.arrangement import arrange_in_row
from plait.foundation.unified.worlds.rendering import render_scene
from plait.foundation.unified.worlds.sampling import sample_scene

SIDE = 64  # pixels of what it is shown: whole scenes of that side, or parts of scenes drawn larger
LARGER_SIDES = (96, 128)
DRAWING_SHARE = 0.3  # of what it is shown is set out as drawings are
EDGE_WEIGHT = 0.5
PERCEPTUAL_WEIGHT = 0.25
SSIM_WEIGHT, MSE_WEIGHT = 0.3, 2.0
STEM_UPSCALE = 1.5
SEED = "image tokenizer"  # what it is shown follows from this and a number


@dataclass(frozen=True)
class ReconstructionLoss:
    """The loss of a step: mean difference of colours, and of how they change from pixel to pixel (Sobel); from a step
    on also of what `stem` sees; where `measured`, also what pictures are measured by, squares and structure.
    """

    tokenizer: ImageTokenizer
    stem: Stem
    perceptual_from: int
    with_ssim_and_mse: bool = False
    batch_size: int = 32

    def __call__(self, step: int) -> Tensor:
        pictures = torch.stack([training_image(step * self.batch_size + place) for place in range(self.batch_size)])
        wanted = pictures.permute(0, 3, 1, 2).float() / 255
        given = self.tokenizer.decode_latents(self.tokenizer.latents(pictures))
        pixels = F.l1_loss(given, wanted) + EDGE_WEIGHT * F.l1_loss(edges(given), edges(wanted))
        if self.with_ssim_and_mse:
            pixels = (
                pixels + MSE_WEIGHT * F.mse_loss(given, wanted) + SSIM_WEIGHT * (1 - differentiable_ssim(given, wanted))
            )
        return (
            pixels + PERCEPTUAL_WEIGHT * self.perceptual_distance(given, wanted)
            if step >= self.perceptual_from
            else pixels
        )

    def perceptual_distance(self, reconstruction: Float[Tensor, "p 3 y x"], target: Float[Tensor, "p 3 y x"]) -> Tensor:
        """How far apart two pictures are for the stem: of its features at each depth, by direction."""
        with torch.no_grad():
            right = self.stem_features(target)
        apart = [(a - b).square().sum(1).mean() for a, b in zip(self.stem_features(reconstruction), right, strict=True)]
        return torch.stack(apart).mean()

    def stem_features(self, colours: Float[Tensor, "p 3 y x"]) -> list[Tensor]:
        """After each block, of length 1 at each position. Shown at the size that the stem was trained at."""
        shown = F.interpolate(colours, scale_factor=STEM_UPSCALE, mode="bilinear")
        x = self.stem.rgb((shown * 2 - 1).contiguous(memory_format=torch.channels_last))
        found: list[Tensor] = []
        for stage in self.stem.stages:
            x = stage(x)
            if isinstance(stage, StemBlock):
                found.append(F.normalize(x, dim=1))
        return found


def with_frozen_encoder(tokenizer: ImageTokenizer) -> ImageTokenizer:
    """One of the same weights in which the codes stay as they are, and what comes after them learns."""
    learning = ImageTokenizer()
    learning.load_state_dict(tokenizer.state_dict())
    for part in (learning.encoder, learning.to_numbers):
        part.requires_grad_(False)
    return learning


def training_image(index: int) -> UInt8[Tensor, "side side 3"]:
    """Half of what it is shown are whole scenes."""
    rng = random.Random(f"{SEED} {index}")
    about = sample_scene(rng)
    if rng.random() < DRAWING_SHARE:
        about = arrange_in_row([each.noun for each in about.things][:3], about.ground)
    if rng.random() < 0.5:
        return torch.from_numpy(render_scene(about, SIDE).copy())
    side = rng.choice(LARGER_SIDES)
    left, top = rng.randint(0, side - SIDE), rng.randint(0, side - SIDE)
    return torch.from_numpy(render_scene(about, side)[top : top + SIDE, left : left + SIDE].copy())


def edges(colours: Float[Tensor, "p 3 y x"]) -> Float[Tensor, "p 6 y x"]:
    """How each colour changes, across and down."""
    across = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]], device=colours.device) / 8
    filters = torch.stack((across, across.T))[:, None].repeat(3, 1, 1, 1)
    return F.conv2d(colours, filters, groups=3)


def differentiable_ssim(reconstruction: Float[Tensor, "p 3 y x"], target: Float[Tensor, "p 3 y x"]) -> Tensor:
    """SSIM as `evaluation/likeness.py` has it, of colours from 0 to 1, with its gradient."""

    def means(x: Tensor) -> Tensor:
        return F.avg_pool2d(x, WINDOW, 1)

    of_given, of_wanted = means(reconstruction), means(target)
    squares = means(reconstruction * reconstruction + target * target) - of_given**2 - of_wanted**2
    both = means(reconstruction * target) - of_given * of_wanted
    low, high = (each / 255**2 for each in SSIM_CONSTANTS)
    alike = (2 * of_given * of_wanted + low) * (2 * both + high)
    return (alike / ((of_given**2 + of_wanted**2 + low) * (squares + high))).mean()
