"""Shared training code of the small networks shipped with Plait: image tokenizer and judge."""

from pathlib import Path

from plait.core.errors import CheckpointError
from plait.foundation.training.config import (
    LearningRateSchedule,
    OptimizerConfig,
    RunConfig,
    TrainerConfig,
    TrainingPhase,
)
from plait.foundation.training.frozen_network import save_frozen
from plait.foundation.training.trainer import Trainer

EMA_DECAY = 0.998
SCHEDULE = LearningRateSchedule(warmup=50, decay=0.6, floor=0.02)
CHECKPOINT_STEPS = 250


def run_config(seed: int, threads: int) -> RunConfig:
    return RunConfig(seed=seed, threads=threads, checkpoint_every=CHECKPOINT_STEPS, evaluate_every=0)


def trainer_config(
    name: str, phases: tuple[TrainingPhase, ...], optimizer: OptimizerConfig, run: RunConfig
) -> TrainerConfig:
    return TrainerConfig(name, phases, optimizer, SCHEDULE, run)


def train_and_save(trainer: Trainer, file: Path, version: str, *, fresh: bool) -> bool:
    """Trains to the last step and writes the averaged weights. Returns False if interrupted.

    Raises CheckpointError if the folder contains a single-file checkpoint of an earlier Plait version.
    """
    for old_file in trainer.folder.glob("*.safetensors"):
        raise CheckpointError(
            f"{old_file} is a checkpoint of an earlier Plait version, which this version cannot resume",
            hint=f"finish the run with that version, or delete the file to start over: rm {old_file}",
        )
    if trainer.run(fresh=fresh):
        return False
    save_frozen(trainer.ema.weights, file, version)
    return True
