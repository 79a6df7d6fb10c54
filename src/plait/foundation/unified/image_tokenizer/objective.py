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
    on also of what `stem` sees; where `with_ssim_and_mse`, also what pictures are measured by, squares and structure.
    """

    tokenizer: ImageTokenizer
    stem: Stem
    perceptual_from: int
    with_ssim_and_mse: bool = False
    batch_size: int = 32

    def __call__(self, step: int) -> Tensor:
        pictures = torch.stack([training_image(step * self.batch_size + index) for index in range(self.batch_size)])
        target = pictures.permute(0, 3, 1, 2).float() / 255
        reconstruction = self.tokenizer.decode_latents(self.tokenizer.latents(pictures))
        pixels = F.l1_loss(reconstruction, target) + EDGE_WEIGHT * F.l1_loss(edges(reconstruction), edges(target))
        if self.with_ssim_and_mse:
            pixels = (
                pixels
                + MSE_WEIGHT * F.mse_loss(reconstruction, target)
                + SSIM_WEIGHT * (1 - differentiable_ssim(reconstruction, target))
            )
        return (
            pixels + PERCEPTUAL_WEIGHT * self.perceptual_distance(reconstruction, target)
            if step >= self.perceptual_from
            else pixels
        )

    def perceptual_distance(self, reconstruction: Float[Tensor, "p 3 y x"], target: Float[Tensor, "p 3 y x"]) -> Tensor:
        """How far apart two pictures are for the stem: of its features at each depth, by direction."""
        with torch.no_grad():
            target_features = self.stem_features(target)
        distances = [
            (a - b).square().sum(1).mean()
            for a, b in zip(self.stem_features(reconstruction), target_features, strict=True)
        ]
        return torch.stack(distances).mean()

    def stem_features(self, colours: Float[Tensor, "p 3 y x"]) -> list[Tensor]:
        """After each block, of length 1 at each position. Shown at the size that the stem was trained at."""
        resized = F.interpolate(colours, scale_factor=STEM_UPSCALE, mode="bilinear")
        x = self.stem.rgb((resized * 2 - 1).contiguous(memory_format=torch.channels_last))
        features: list[Tensor] = []
        for stage in self.stem.stages:
            x = stage(x)
            if isinstance(stage, StemBlock):
                features.append(F.normalize(x, dim=1))
        return features


def with_frozen_encoder(tokenizer: ImageTokenizer) -> ImageTokenizer:
    """One of the same weights in which the codes stay as they are, and what comes after them learns."""
    copy = ImageTokenizer()
    copy.load_state_dict(tokenizer.state_dict())
    for module in (copy.encoder, copy.to_numbers):
        module.requires_grad_(False)
    return copy


def training_image(index: int) -> UInt8[Tensor, "side side 3"]:
    """Half of what it is shown are whole scenes."""
    rng = random.Random(f"{SEED} {index}")
    scene = sample_scene(rng)
    if rng.random() < DRAWING_SHARE:
        scene = arrange_in_row([each.noun for each in scene.things][:3], scene.ground)
    if rng.random() < 0.5:
        return torch.from_numpy(render_scene(scene, SIDE).copy())
    side = rng.choice(LARGER_SIDES)
    left, top = rng.randint(0, side - SIDE), rng.randint(0, side - SIDE)
    return torch.from_numpy(render_scene(scene, side)[top : top + SIDE, left : left + SIDE].copy())


def edges(colours: Float[Tensor, "p 3 y x"]) -> Float[Tensor, "p 6 y x"]:
    """How each colour changes, across and down."""
    across = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]], device=colours.device) / 8
    filters = torch.stack((across, across.T))[:, None].repeat(3, 1, 1, 1)
    return F.conv2d(colours, filters, groups=3)


def differentiable_ssim(reconstruction: Float[Tensor, "p 3 y x"], target: Float[Tensor, "p 3 y x"]) -> Tensor:
    """SSIM as `metrics.image_similarity` has it, of colours from 0 to 1, with its gradient."""

    def means(x: Tensor) -> Tensor:
        return F.avg_pool2d(x, WINDOW, 1)

    reconstruction_mean, target_mean = means(reconstruction), means(target)
    variances = means(reconstruction * reconstruction + target * target) - reconstruction_mean**2 - target_mean**2
    covariance = means(reconstruction * target) - reconstruction_mean * target_mean
    low, high = (each / 255**2 for each in SSIM_CONSTANTS)
    numerator = (2 * reconstruction_mean * target_mean + low) * (2 * covariance + high)
    return (numerator / ((reconstruction_mean**2 + target_mean**2 + low) * (variances + high))).mean()
