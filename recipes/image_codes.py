"""Trains the image tokenizer that ships with Plait, on synthetic scenes; resumes after an interruption.

The stem of a trained unified model compares reconstructions with originals (perceptual loss).

python -m recipes.image_codes FOLDER
"""

import sys
from pathlib import Path

import click
import torch

from plait.foundation.cards.sizes import IMAGE_TOKENIZER_VERSION
from plait.foundation.training.config import OptimizerConfig, TrainingPhase
from plait.foundation.training.trainer import Trainer, prepare_torch
from plait.foundation.unified.image_tokenizer.objective import (
    LOSS_WEIGHTS,
    ReconstructionObjective,
    with_frozen_encoder,
)
from plait.foundation.unified.image_tokenizer.shipped import FILE, image_tokenizer
from plait.foundation.unified.image_tokenizer.tokenizer import ImageTokenizer
from plait.foundation.unified.weights.model_lookup import load_model
from recipes.shipped_network import EMA_DECAY, run_config, train_and_save, trainer_config

PIXELS_ONLY_SHARE = 0.3  # share of steps with pixel losses only; early, blurred reconstructions have no useful features


def tokenizer_trainer(
    folder: Path,
    steps: int,
    *,
    threads: int = 1,
    stem: str = "plait-nano",
    same_codes: bool = False,
    with_ssim_and_mse: bool = False,
    batch_size: int = 32,
) -> Trainer:
    run = run_config(1, threads)
    device = prepare_torch(run)
    tokenizer = with_frozen_encoder(image_tokenizer()) if same_codes else ImageTokenizer()
    tokenizer = tokenizer.to(memory_format=torch.channels_last)
    optimizer = OptimizerConfig(muon_lr=0.01 if same_codes else 0.02, ema=EMA_DECAY)
    feature_loss_start = 0 if same_codes else round(PIXELS_ONLY_SHARE * steps)
    objective = ReconstructionObjective(
        tokenizer,
        load_model(stem).stem,
        optimizer,
        feature_loss_start,
        with_ssim_and_mse=with_ssim_and_mse,
        batch_size=batch_size,
    )
    phases = tuple(
        TrainingPhase(name, count, batch_size, loss_weights=LOSS_WEIGHTS)
        for name, count in (("pixels", feature_loss_start), ("features", steps - feature_loss_start))
        if count
    )
    return Trainer(objective, trainer_config("image tokenizer", phases, optimizer, run), folder, device)


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--steps", default=3_000, show_default=True)
@click.option("--threads", default=1, show_default=True)
@click.option(
    "--stem",
    default="plait-nano",
    show_default=True,
    help="Unified model for the perceptual loss: name, file or run folder.",
)
@click.option("--same-codes", is_flag=True, help="Train only the decoder, starting from the shipped tokenizer.")
@click.option("--fresh", is_flag=True, help="Start from step 0 and ignore checkpoints in FOLDER.")
def main(folder: Path, steps: int, threads: int, stem: str, same_codes: bool, fresh: bool) -> None:
    trainer = tokenizer_trainer(
        folder, steps, threads=threads, stem=stem, same_codes=same_codes, with_ssim_and_mse=same_codes
    )
    if not train_and_save(trainer, FILE, IMAGE_TOKENIZER_VERSION, fresh=fresh):
        sys.exit(130)
    click.echo(f"wrote {FILE}; before training with it, evaluate it: python -m benchmarks.image_codes")


if __name__ == "__main__":
    main()
