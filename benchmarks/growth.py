"""Cost of experts and adapters, and their gain after a short training.

    python -m benchmarks.growth [STEPS] [SEEDS] [NEW]

Cost: parameters, CPU time of a training step and of one more token; size nano, one thread, arms interleaved. Gain:
losses on held-out scenes after STEPS steps at size tiny, with the same scenes in the same order for all arms; means
over SEEDS with minimum and maximum. Adapters: plait-nano learns pictures of a new kind, in false colours (255 minus
each value), in NEW steps, by all its weights or by adapters only.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from benchmarks.measure import interleaved_timings, median, ratio, report
from benchmarks.training_losses import MIXTURE
from benchmarks.training_losses import WEIGHTS as OF_LOSSES
from benchmarks.training_speed import RECIPE, last_phase_batch, recipe, seconds
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.training.optimizers import set_learning_rates
from plait.foundation.training.trainer import Trainer
from plait.foundation.unified.launch import unified_trainer
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.objectives.batch_stream import BatchStream
from plait.foundation.unified.objectives.batches import Batch
from plait.foundation.unified.objectives.load_balancing import BALANCE, BALANCE_WEIGHT
from plait.foundation.unified.objectives.training_module import TrainingModule, freeze_all_but_adapters
from plait.foundation.unified.objectives.unified_objective import loss_weights, unified_optimizers
from plait.foundation.unified.recipe import DataConfig, ModelConfig, OptimizerConfig, Phase, Recipe, Schedule
from plait.foundation.unified.weights.model_lookup import load_model
from plait.foundation.unified.worlds.task_items import TASKS

VARIANTS: dict[str, dict[str, int]] = {
    "dense": {},
    "four_experts": {"experts": 4},
    "four_experts_two_used": {"experts": 4, "experts_used": 2},
    "adapters": {"adapters": 8},
}
BALANCE_WEIGHTS = (0.0, 0.01)  # than WEIGHT
REPEATS, TOKENS = 5, 200
OUTPUT_LOSSES = ("text", "boxes", "truth")
HELD_OUT = 10**6  # a step that no arm reaches
TINY = Recipe(
    ModelConfig("tiny"),
    DataConfig(1.0, MIXTURE),
    schedule=Schedule(20, 0.5, phase=(Phase("joint", 2 * HELD_OUT, 8, 4),)),
    losses=OF_LOSSES,
)
FEED = BatchStream(TINY, vocabulary(), TASKS)


def main(steps: int = 120, seeds: int = 2, new: int = 60) -> None:
    torch.set_num_threads(1)
    report("growth", {"cost": cost(), "gain": gain(steps, range(seeds)), "new_sort_of_picture": adaptation(new)})


# ── cost ──


def cost() -> dict[str, Any]:
    run_recipe, batch = recipe(), last_phase_batch(recipe())
    with tempfile.TemporaryDirectory() as folder:
        runs = {name: make_run(run_recipe, folder, **keys) for name, keys in VARIANTS.items()}
        alone = replace(run_recipe, run=replace(run_recipe.run, train="adapters"))
        runs["adapters_alone"] = make_run(alone, folder, **VARIANTS["adapters"])
        of_step = interleaved_timings(REPEATS, **{name: partial(seconds, run, batch) for name, run in runs.items()})
        models = {name: run.module.model.eval() for name, run in runs.items()}
        of_token = interleaved_timings(
            REPEATS, **{name: partial(decoding_seconds, model, batch) for name, model in models.items()}
        )
    return {
        name: {
            "parameters": sum(each.numel() for each in run.module.model.parameters()),
            "that_learn": sum(each.numel() for each in run.module.model.parameters() if each.requires_grad),
            "milliseconds_a_step": round(1e3 * median(of_step[name])),
            "step_over_dense": ratio(of_step, name, "dense"),
            "milliseconds_a_token": round(1e3 * median(of_token[name]) / TOKENS, 3),
            "token_over_dense": ratio(of_token, name, "dense"),
        }
        for name, run in runs.items()
    }


def make_run(run_recipe: Recipe, folder: str, **model_options: int) -> Trainer:
    model = replace(run_recipe.model, **model_options)
    return unified_trainer(replace(run_recipe, model=model), Path(folder), RECIPE.parent)


@torch.inference_mode()
def decoding_seconds(model: UnifiedModel, batch: Batch) -> float:
    """Seconds to decode one answer of TOKENS tokens, one step per token."""
    _, memory = model.encode_text(
        model.encode_image(batch.pictures[:1]), None, batch.input_ids[:1], batch.attention_mask[:1]
    )
    ids, started = torch.tensor([vocabulary().text.start]), time.process_time()
    for _ in range(TOKENS // 10):
        cache = model.new_kv_cache(1, 10)
        for _ in range(10):
            model.decode_step(memory, cache, ids)
    return time.process_time() - started


# ── gain ──


def gain(steps: int, seeds: range) -> dict[str, Any]:
    arms = {name: (keys, BALANCE_WEIGHT) for name, keys in VARIANTS.items() if name != "adapters"}
    arms |= {f"four_experts_balance_{weight}": (VARIANTS["four_experts"], weight) for weight in BALANCE_WEIGHTS}
    return {
        name: summary([held_out_losses(train(new_learner("tiny", keys, seed), steps, balanced)) for seed in seeds])
        for name, (keys, balanced) in arms.items()
    }


def new_learner(size: str, model_options: Mapping[str, int], seed: int) -> TrainingModule:
    torch.manual_seed(seed)
    words = vocabulary()
    return TrainingModule(UnifiedModel(ModelConfig(size, **model_options).shape, words), words, TASKS)  # type: ignore[arg-type]


def train(
    learner: TrainingModule,
    steps: int,
    balance_weight: float = BALANCE_WEIGHT,
    *,
    inverted: bool = False,
    factor: float = 1.0,
) -> TrainingModule:
    (phase,), together = TINY.schedule.phase, unified_optimizers(learner, OptimizerConfig())
    weights = {**loss_weights(TINY, phase), BALANCE: balance_weight}
    for step in range(steps):
        losses, _ = learner(batch_of(step, inverted))
        for optimizer in together:
            optimizer.zero_grad()
        torch.stack([weights[name] * each for name, each in losses.items()]).sum().backward()
        torch.nn.utils.clip_grad_norm_(learner.parameters(), 5.0)
        for optimizer in together:
            set_learning_rates(optimizer, factor * TINY.schedule.factor(step, steps))
            optimizer.step()
    return learner


def batch_of(step: int, inverted: bool) -> Batch:
    batch = FEED.batch(step)
    return replace(batch, pictures=255 - batch.pictures) if inverted else batch


@torch.no_grad()
def held_out_losses(learner: TrainingModule, *, inverted: bool = False) -> dict[str, float]:
    results = [learner(batch_of(step, inverted)) for step in range(HELD_OUT, HELD_OUT + 4)]
    means = {name: statistics.fmean(float(losses[name]) for losses, _ in results) for name in OUTPUT_LOSSES}
    loads = {
        name: statistics.fmean(float(breakdown.experts[name]) for _, breakdown in results)
        for name in results[0][1].experts
    }
    return {"written": sum(means[name] for name in OUTPUT_LOSSES), **loads}


def summary(rounds: list[dict[str, float]]) -> dict[str, Any]:
    return {
        name: {
            "mean": round(statistics.fmean(values), 3),
            "lowest": round(min(values), 3),
            "highest": round(max(values), 3),
        }
        for name in rounds[0]
        for values in [[each[name] for each in rounds]]
    }


def adaptation(steps: int) -> dict[str, Any]:
    """Losses of plait-nano on both kinds of pictures: as shipped, and after training on those in false colours."""
    pretrained = load_model("plait-nano")
    as_it_ships, all_weights, adapters = (learner_from(pretrained, keys) for keys in ({}, {}, VARIANTS["adapters"]))
    freeze_all_but_adapters(adapters)
    # Trained weights need a lower learning rate; adapters, which start at zero, the full one.
    train(all_weights, steps, inverted=True, factor=0.3)
    train(adapters, steps, inverted=True)
    arms = {"as_it_ships": as_it_ships, "all_weights": all_weights, "adapters_alone": adapters}
    return {name: losses_by_colours(learner) for name, learner in arms.items()}


def losses_by_colours(learner: TrainingModule) -> dict[str, float]:
    return {
        f"{loss}_in_{sort}_colours": round(value, 3)
        for sort, false in (("true", False), ("false", True))
        for loss, value in held_out_losses(learner, inverted=false).items()
    }


def learner_from(pretrained: UnifiedModel, model_options: Mapping[str, int]) -> TrainingModule:
    """A training module with the weights of a model and untrained adapters."""
    learner = new_learner("nano", model_options, 0)
    learner.model.load_state_dict({**learner.model.state_dict(), **pretrained.state_dict()})
    return learner


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
