"""Training of a small network that ships with Plait: the image tokenizer, the judge."""

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
    """Trains to the end and writes the averaged weights; False where it was stopped before.

    Raises CheckpointError where the folder holds a training of an earlier Plait, which kept it in one file.
    """
    for old_file in trainer.folder.glob("*.safetensors"):
        raise CheckpointError(
            f"{old_file} is a training of an earlier Plait, which this one does not continue",
            hint=f"finish it with that Plait, or remove it to begin anew: rm {old_file}",
        )
    if trainer.run(fresh=fresh):
        return False
    save_frozen(trainer.ema.weights, file, version)
    return True
