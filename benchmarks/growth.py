"""What experts and adapters cost, and what they gain in a short while.

    python -m benchmarks.growth [STEPS] [SEEDS] [NEW]

Cost: parameters, CPU time of a training step and of one more token, size nano, one thread; the arms take turns. Gain:
losses on held-out scenes after STEPS steps at size tiny, the same scenes in the same order for all arms, means over
SEEDS with the lowest and the highest. Adapters: plait-nano is shown pictures of a sort that it has never seen, in false
colours (255 minus each), and learns from them in NEW steps by all its weights or by its adapters alone.
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

from benchmarks.measure import interleaved, median, ratio, report
from benchmarks.training_losses import MIXTURE
from benchmarks.training_losses import WEIGHTS as OF_LOSSES
from benchmarks.training_speed import RECIPE, recipe, seconds, shown
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.training.trainer import Run, weights_of
from plait.foundation.unified.model.unified_model import Unified
from plait.foundation.unified.objectives.batch_stream import Feed
from plait.foundation.unified.objectives.batches import Batch
from plait.foundation.unified.objectives.load_balancing import BALANCE, WEIGHT
from plait.foundation.unified.objectives.training_module import Learner, optimizers, set_rates, teach_adapters_alone
from plait.foundation.unified.recipe import Data, Model, Optimizer, Phase, Recipe, Schedule
from plait.foundation.unified.weights.model_lookup import trained
from plait.foundation.unified.worlds.task_items import TASKS

GROWN: dict[str, dict[str, int]] = {
    "dense": {},
    "four_experts": {"experts": 4},
    "four_experts_two_used": {"experts": 4, "experts_used": 2},
    "adapters": {"adapters": 8},
}
LIGHTER = (0.0, 0.01)  # than WEIGHT
REPEATS, TOKENS = 5, 200
WRITTEN = ("text", "boxes", "truth")
HELD_OUT = 10**6  # a step that no arm comes to
TINY = Recipe(
    Model("tiny"),
    Data(1.0, MIXTURE),
    schedule=Schedule(20, 0.5, phase=(Phase("joint", 2 * HELD_OUT, 8, 4),)),
    losses=OF_LOSSES,
)
FEED = Feed(TINY, vocabulary(), TASKS)


def main(steps: int = 120, seeds: int = 2, new: int = 60) -> None:
    torch.set_num_threads(1)
    report("growth", {"cost": cost(), "gain": gain(steps, range(seeds)), "new_sort_of_picture": new_sort(new)})


# ── what it costs ──


def cost() -> dict[str, Any]:
    told, batch = recipe(), shown(recipe())
    with tempfile.TemporaryDirectory() as folder:
        runs = {name: grown(told, folder, **keys) for name, keys in GROWN.items()}
        alone = replace(told, run=replace(told.run, train="adapters"))
        runs["adapters_alone"] = grown(alone, folder, **GROWN["adapters"])
        of_step = interleaved(REPEATS, **{name: partial(seconds, run, batch) for name, run in runs.items()})
        models = {name: run.learner.model.eval() for name, run in runs.items()}
        of_token = interleaved(REPEATS, **{name: partial(writing, model, batch) for name, model in models.items()})
    return {
        name: {
            "parameters": sum(each.numel() for each in run.learner.model.parameters()),
            "that_learn": sum(each.numel() for each in run.learner.model.parameters() if each.requires_grad),
            "milliseconds_a_step": round(1e3 * median(of_step[name])),
            "step_over_dense": ratio(of_step, name, "dense"),
            "milliseconds_a_token": round(1e3 * median(of_token[name]) / TOKENS, 3),
            "token_over_dense": ratio(of_token, name, "dense"),
        }
        for name, run in runs.items()
    }


def grown(told: Recipe, folder: str, **keys: int) -> Run:
    return Run(replace(told, model=replace(told.model, **keys)), Path(folder), RECIPE.parent)


@torch.inference_mode()
def writing(model: Unified, batch: Batch) -> float:
    """Seconds of TOKENS tokens of one answer, each in a step of its own."""
    _, memory = model.read(model.see(batch.pictures[:1]), None, batch.source[:1], batch.words[:1])
    ids, started = torch.tensor([vocabulary().text.start]), time.process_time()
    for _ in range(TOKENS // 10):
        cache = model.cache(1, 10)
        for _ in range(10):
            model.step(memory, cache, ids)
    return time.process_time() - started


# ── what it gains ──


def gain(steps: int, seeds: range) -> dict[str, Any]:
    arms = {name: (keys, WEIGHT) for name, keys in GROWN.items() if name != "adapters"}
    arms |= {f"four_experts_balance_{weight}": (GROWN["four_experts"], weight) for weight in LIGHTER}
    return {
        name: spread([held_out(taught(fresh("tiny", keys, seed), steps, balanced)) for seed in seeds])
        for name, (keys, balanced) in arms.items()
    }


def fresh(size: str, keys: Mapping[str, int], seed: int) -> Learner:
    torch.manual_seed(seed)
    words = vocabulary()
    return Learner(Unified(Model(size, **keys).shape, words), words, TASKS)  # type: ignore[arg-type]


def taught(
    learner: Learner, steps: int, balanced: float = WEIGHT, *, false: bool = False, factor: float = 1.0
) -> Learner:
    (phase,), together = TINY.schedule.phase, optimizers(learner, Optimizer())
    weights = {**weights_of(TINY, phase), BALANCE: balanced}
    for step in range(steps):
        losses, _ = learner(batch_of(step, false))
        for optimizer in together:
            optimizer.zero_grad()
        torch.stack([weights[name] * each for name, each in losses.items()]).sum().backward()
        torch.nn.utils.clip_grad_norm_(learner.parameters(), 5.0)
        for optimizer in together:
            set_rates(optimizer, factor * TINY.schedule.factor(step, steps), 1.0)
            optimizer.step()
    return learner


def batch_of(step: int, false: bool) -> Batch:
    batch = FEED.batch(step)
    return replace(batch, pictures=255 - batch.pictures) if false else batch


@torch.no_grad()
def held_out(learner: Learner, *, false: bool = False) -> dict[str, float]:
    found = [learner(batch_of(step, false)) for step in range(HELD_OUT, HELD_OUT + 4)]
    means = {name: statistics.fmean(float(losses[name]) for losses, _ in found) for name in WRITTEN}
    loads = {name: statistics.fmean(float(of.experts[name]) for _, of in found) for name in found[0][1].experts}
    return {"written": sum(means[name] for name in WRITTEN), **loads}


def spread(rounds: list[dict[str, float]]) -> dict[str, Any]:
    return {
        name: {
            "mean": round(statistics.fmean(values), 3),
            "lowest": round(min(values), 3),
            "highest": round(max(values), 3),
        }
        for name in rounds[0]
        for values in [[each[name] for each in rounds]]
    }


def new_sort(steps: int) -> dict[str, Any]:
    """Losses of plait-nano on both sorts of pictures: as it ships, and after some steps with those in false colours."""
    known = trained("plait-nano")
    as_it_ships, all_weights, adapters = (begun(known, keys) for keys in ({}, {}, GROWN["adapters"]))
    teach_adapters_alone(adapters)
    # What is there already wants a lower rate, what begins at zero the full one.
    taught(all_weights, steps, false=True, factor=0.3)
    taught(adapters, steps, false=True)
    arms = {"as_it_ships": as_it_ships, "all_weights": all_weights, "adapters_alone": adapters}
    return {name: both_sorts(learner) for name, learner in arms.items()}


def both_sorts(learner: Learner) -> dict[str, float]:
    return {
        f"{loss}_in_{sort}_colours": round(value, 3)
        for sort, false in (("true", False), ("false", True))
        for loss, value in held_out(learner, false=false).items()
    }


def begun(known: Unified, keys: Mapping[str, int]) -> Learner:
    """A learner with the weights of a model, and adapters that are at their beginning."""
    learner = fresh("nano", keys, 0)
    learner.model.load_state_dict({**learner.model.state_dict(), **known.state_dict()})
    return learner


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
