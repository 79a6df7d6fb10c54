"""How the image tokenizer learns: by what pictures are measured by, and on from codes that stay as they are."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from plait.foundation.training.config import OptimizerConfig, TrainerConfig, TrainingPhase
from plait.foundation.training.trainer import Trainer
from plait.foundation.unified.image_tokenizer.objective import (
    ReconstructionObjective,
    differentiable_ssim,
    training_image,
    with_frozen_encoder,
)
from plait.foundation.unified.image_tokenizer.shipped import image_tokenizer
from plait.foundation.unified.metrics.image_similarity import ssim
from plait.foundation.unified.weights.model_lookup import load_model


def colours(picture: Tensor) -> Tensor:
    return picture.permute(2, 0, 1)[None].double() / 255


@given(st.integers(0, 10**6), st.sampled_from([0.0, 3.0, 60.0]))
def test_the_structure_loss_agrees_with_the_ssim_metric(place: int, noise: float) -> None:
    picture = training_image(place)
    noisy = np.random.default_rng(place).normal(picture.numpy(), noise).clip(0, 255).astype(np.uint8)
    similarity = differentiable_ssim(colours(torch.from_numpy(noisy)), colours(picture)).item()
    assert similarity == pytest.approx(ssim(noisy, picture.numpy()), abs=1e-6)


def test_training_batches_depend_only_on_their_step() -> None:
    assert torch.equal(training_image(7), training_image(7)) and not torch.equal(training_image(7), training_image(8))


def test_training_only_the_decoder_leaves_the_codes_unchanged(tmp_path: Path) -> None:
    before, learning = image_tokenizer(), with_frozen_encoder(image_tokenizer())
    optimizer = OptimizerConfig()
    objective = ReconstructionObjective(
        learning, load_model("plait-nano").stem, optimizer, 0, with_ssim_and_mse=True, batch_size=4
    )
    config = TrainerConfig("codes", (TrainingPhase("features", 3),), optimizer)
    assert Trainer(objective, config, tmp_path, torch.device("cpu")).run() == 0
    pictures = torch.stack([training_image(place) for place in range(8)])
    assert torch.equal(before.encode(pictures), learning.encode(pictures))
    assert not torch.equal(before.decode(before.encode(pictures)), learning.decode(learning.encode(pictures)))
