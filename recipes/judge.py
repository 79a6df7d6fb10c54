"""Trains the judge that ships with Plait, on synthetic scenes; resumes after an interruption.

python -m recipes.judge FOLDER
"""

import sys
from pathlib import Path

import click
import torch

from plait.foundation.training.config import OptimizerConfig, TrainingPhase
from plait.foundation.training.trainer import Trainer, prepare_torch
from plait.foundation.unified.judge.network import VERSION, JudgeNetwork
from plait.foundation.unified.judge.objective import LOSS_WEIGHTS, JudgeObjective
from plait.foundation.unified.judge.shipped import FILE
from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.palette import COLOURS
from recipes.shipped_network import EMA_DECAY, run_config, train_and_save, trainer_config


def judge_trainer(folder: Path, steps: int, *, threads: int = 1, batch_size: int = 32) -> Trainer:
    run, optimizer = run_config(2, threads), OptimizerConfig(ema=EMA_DECAY)
    device = prepare_torch(run)
    network = JudgeNetwork(len(atlas().nouns), len(COLOURS)).to(memory_format=torch.channels_last)
    phases = (TrainingPhase("scenes", steps, batch_size, loss_weights=LOSS_WEIGHTS),)
    objective = JudgeObjective(network, optimizer, batch_size)
    return Trainer(objective, trainer_config("judge", phases, optimizer, run), folder, device)


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--steps", default=3_000, show_default=True)
@click.option("--threads", default=1, show_default=True)
@click.option("--fresh", is_flag=True, help="Start from step 0 and ignore checkpoints in FOLDER.")
def main(folder: Path, steps: int, threads: int, fresh: bool) -> None:
    if not train_and_save(judge_trainer(folder, steps, threads=threads), FILE, VERSION, fresh=fresh):
        sys.exit(130)
    click.echo(f"wrote {FILE}")


if __name__ == "__main__":
    main()
