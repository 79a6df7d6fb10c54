"""Training objective of the image tokenizer: reconstruct scenes of the worlds, first with pixel losses only.

Pixel losses alone blur faces and handles: few pixels, but most of what distinguishes a cat from a fox. Later steps also
compare features of the frozen stem of a trained unified model, as LPIPS does for photographs (arXiv 1801.03924). The
decoder can also be trained alone: the codes stay the same, and the images of existing models improve.
"""

import random
from dataclasses import dataclass

import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn import functional as F
from torch.optim import Optimizer

from plait.foundation.cards.sizes import IMAGE_TOKENIZER_VERSION
from plait.foundation.training.checkpoint import RunFingerprint
from plait.foundation.training.config import OptimizerConfig
from plait.foundation.training.objective import Objective
from plait.foundation.training.optimizers import new_optimizers
from plait.foundation.unified.image_tokenizer.tokenizer import ImageTokenizer
from plait.foundation.unified.metrics.image_similarity import SSIM_CONSTANTS, WINDOW
from plait.foundation.unified.model.stem import Stem, StemBlock
from plait.foundation.unified.worlds.arrangement import arrange_in_row
from plait.foundation.unified.worlds.rendering import render_scene
from plait.foundation.unified.worlds.sampling import sample_scene

SIDE = 64  # pixels of a training picture: a whole scene rendered at that side, or a crop of a larger one
LARGER_SIDES = (96, 128)
DRAWING_SHARE = 0.3  # share of training pictures arranged as drawings
LOSS_WEIGHTS = {"edges": 0.5, "squares": 2.0, "structure": 0.3, "features": 0.25}
PIXEL_LAYERS = ("encoder.0", "to_numbers", "from_numbers", "to_pixels")  # first and last layers: AdamW, not Muon
STEM_UPSCALE = 1.5
SEED = "image tokenizer"  # seed of the training pictures, with their index


@dataclass(frozen=True)
class ReconstructionBatch:
    pictures: UInt8[Tensor, "p side side 3"]
    has_features: bool


class ReconstructionObjective(Objective[ReconstructionBatch, ImageTokenizer]):
    """Losses: `colours`, mean absolute difference; `edges`, the same of the Sobel gradients; `features`, from step
    `features_from` on, the distance of features of `stem`; with `with_ssim_and_mse` also `structure` (1 - SSIM) and
    `squares` (MSE), on which the suite's image metrics are based.
    """

    def __init__(
        self,
        tokenizer: ImageTokenizer,
        stem: Stem,
        optimizer: OptimizerConfig,
        features_from: int,
        *,
        with_ssim_and_mse: bool = False,
        batch_size: int = 32,
    ) -> None:
        super().__init__(tokenizer)
        self.stem, self.optimizer, self.features_from = stem, optimizer, features_from
        self.with_ssim_and_mse, self.batch_size = with_ssim_and_mse, batch_size

    @property
    def fingerprint(self) -> RunFingerprint:
        recipe = {
            "batch_size": self.batch_size,
            "features_from": self.features_from,
            "muon_lr": self.optimizer.muon_lr,
            "with_ssim_and_mse": self.with_ssim_and_mse,
        }
        return RunFingerprint({"network": "image tokenizer"}, IMAGE_TOKENIZER_VERSION, recipe)

    def optimizers(self) -> list[Optimizer]:
        return new_optimizers(
            self.module.named_parameters(), self.optimizer, lambda name: name.startswith(PIXEL_LAYERS)
        )

    def batch(self, step: int) -> ReconstructionBatch:
        first = step * self.batch_size
        pictures = torch.stack([training_image(index) for index in range(first, first + self.batch_size)])
        return ReconstructionBatch(pictures, step >= self.features_from)

    def loss(self, batch: ReconstructionBatch) -> dict[str, Tensor]:
        target = batch.pictures.permute(0, 3, 1, 2).float() / 255
        reconstruction = self.parallel(batch.pictures)
        losses = {
            "colours": F.l1_loss(reconstruction, target),
            "edges": F.l1_loss(edges(reconstruction), edges(target)),
        }
        if self.with_ssim_and_mse:
            losses["squares"] = F.mse_loss(reconstruction, target)
            losses["structure"] = 1 - differentiable_ssim(reconstruction, target)
        if batch.has_features:
            losses["features"] = self.perceptual_distance(reconstruction, target)
        return losses

    def perceptual_distance(self, reconstruction: Float[Tensor, "p 3 y x"], target: Float[Tensor, "p 3 y x"]) -> Tensor:
        """Distance of two pictures by the stem: mean squared distance of unit feature vectors, averaged over depths."""
        with torch.no_grad():
            target_features = self.stem_features(target)
        distances = [
            (a - b).square().sum(1).mean()
            for a, b in zip(self.stem_features(reconstruction), target_features, strict=True)
        ]
        return torch.stack(distances).mean()

    def stem_features(self, colours: Float[Tensor, "p 3 y x"]) -> list[Tensor]:
        """Features after each block, of unit length at each position. The picture is resized to the stem's training
        resolution.
        """
        resized = F.interpolate(colours, scale_factor=STEM_UPSCALE, mode="bilinear")
        x = self.stem.rgb((resized * 2 - 1).contiguous(memory_format=torch.channels_last))
        features: list[Tensor] = []
        for stage in self.stem.stages:
            x = stage(x)
            if isinstance(stage, StemBlock):
                features.append(F.normalize(x, dim=1))
        return features


def with_frozen_encoder(tokenizer: ImageTokenizer) -> ImageTokenizer:
    """A copy of the tokenizer with a frozen encoder: the codes stay the same, only the decoder learns."""
    copy = ImageTokenizer()
    copy.load_state_dict(tokenizer.state_dict())
    for module in (copy.encoder, copy.to_numbers):
        module.requires_grad_(False)
    return copy


def training_image(index: int) -> UInt8[Tensor, "side side 3"]:
    """The training picture of that index: half are whole scenes, half are crops of larger ones."""
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
    """Sobel gradients of each colour, across and down."""
    across = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]], device=colours.device) / 8
    filters = torch.stack((across, across.T))[:, None].repeat(3, 1, 1, 1)
    return F.conv2d(colours, filters, groups=3)


def differentiable_ssim(reconstruction: Float[Tensor, "p 3 y x"], target: Float[Tensor, "p 3 y x"]) -> Tensor:
    """SSIM as in `metrics.image_similarity`, differentiable, for colours from 0 to 1."""

    def means(x: Tensor) -> Tensor:
        return F.avg_pool2d(x, WINDOW, 1)

    reconstruction_mean, target_mean = means(reconstruction), means(target)
    variances = means(reconstruction * reconstruction + target * target) - reconstruction_mean**2 - target_mean**2
    covariance = means(reconstruction * target) - reconstruction_mean * target_mean
    low, high = (each / 255**2 for each in SSIM_CONSTANTS)
    numerator = (2 * reconstruction_mean * target_mean + low) * (2 * covariance + high)
    return (numerator / ((reconstruction_mean**2 + target_mean**2 + low) * (variances + high))).mean()
