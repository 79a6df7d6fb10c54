"""Samples per second of a training step, over those of Hugging Face's `Trainer` with the same architecture.

Budget: at least 1.2x. CPU time of one core, size nano, one batch of the recipe's joint phase for one of its two
processes: 24 pictures with four instructions each. Our step is the whole step of the loop after the batch: all losses
including auxiliary ones, clipping, Muon, AdamW, weight averaging. The peer is Trainer's own step with its own AdamW,
without logs and checkpoints. Trainer runs three models with the same weights:

    plain    in the style of transformers: a row is a picture and an instruction, padding is computed, the loss is the
             cross-entropy of the ids alone
    shared   the same, but a picture is encoded once for all its instructions
    learner  our own module with all our losses, unpadded and shared: the remaining difference is the loop, and Muon

    make peers && python -m benchmarks.training_speed
"""

import tempfile
import time
from functools import partial
from pathlib import Path

import torch

from benchmarks.measure import interleaved_timings, median, ratio, report
from benchmarks.peers import Peers
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.training.trainer import Trainer, weighted_sum
from plait.foundation.unified.launch import unified_trainer
from plait.foundation.unified.objectives.batch_stream import BatchStream
from plait.foundation.unified.objectives.batches import Batch
from plait.foundation.unified.objectives.unified_objective import UnifiedBatch
from plait.foundation.unified.recipe import Recipe
from plait.foundation.unified.recipe_file import read_recipe
from plait.foundation.unified.worlds.task_items import TASKS

RECIPE = Path(__file__).parent.parent / "recipes" / "nano.toml"
RANKS, REPEATS = 2, 7
VARIANTS = ("plain", "shared", "learner")


def main() -> None:
    run_recipe = recipe()
    batch = last_phase_batch(run_recipe)
    with tempfile.TemporaryDirectory() as folder:
        run = unified_trainer(run_recipe, Path(folder), RECIPE.parent)
        peers = Peers("peer_training")
        trainers = {f"trainer_{form}": partial(peers.seconds, form) for form in VARIANTS}
        timings = interleaved_timings(REPEATS, ours=lambda: seconds(run, batch), **trainers)
        peers.close()
    report(
        "training_speed",
        {
            "samples_a_second": {
                name: round(len(batch.image_index) / median(values), 1) for name, values in timings.items()
            },
            **{f"ours_over_{name}": ratio(timings, name, "ours") for name in trainers},
        },
    )


def recipe() -> Recipe:
    return read_recipe(RECIPE).recipe


def last_phase_batch(run_recipe: Recipe) -> Batch:
    """The first batch of the last phase."""
    last = sum(phase.steps for phase in run_recipe.schedule.phase[:-1])
    return BatchStream(run_recipe, vocabulary(), TASKS, 0, RANKS).batch(last)


def seconds(run: Trainer, batch: Batch) -> float:
    started = time.process_time()
    step(run, batch)
    return time.process_time() - started


def step(run: Trainer, batch: Batch) -> None:
    """A step of the last phase, as `Trainer.train_step` does it."""
    phase = run.config.phases[-1]
    losses = run.objective.loss(UnifiedBatch(batch, None, has_examples=True))
    run.optimizer_step(weighted_sum(losses, phase.loss_weights, run.device), phase)
    run.step += 1


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
