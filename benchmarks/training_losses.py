"""What each auxiliary loss is worth: nano, trained alike for a short while with each of them off in turn.

    python -m benchmarks.training_losses [STEM_STEPS] [JOINT_STEPS] [PROCESSES]

All arms see the same pictures in the same order. What is compared is measured on held-out scenes with the weights as
they are: how often the named thing's box is likelier than another's, how well yes is told from no, and the
cross-entropies of what is written. One seed: an arm differs from another by chance, too.
"""

import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import torch

from benchmarks.measure import report
from plait.foundation.data.worlds.asked import TASKS
from plait.foundation.model.unified import Unified
from plait.foundation.training.feed import Feed
from plait.foundation.training.learner import Learner, optimizers, set_rates
from plait.foundation.training.loop import weights_of
from plait.foundation.training.losses import LOSSES
from plait.foundation.training.recipe import Data, Model, Phase, Recipe, Run, Schedule
from plait.foundation.training.signs import signs
from plait.foundation.vocabulary import vocabulary

MIXTURE = {
    "locate": 0.24, "ask": 0.21, "detect": 0.14, "describe_region": 0.12, "matches": 0.15, "describe": 0.10,
    "restore_text": 0.04,
}  # fmt: skip
WEIGHTS = {"text": 1.5, **dict.fromkeys(("cells", "places", "pointer", "about", "presence"), 0.5)}
AUXILIARY = ("tags", "cells", "pointer", "about", "presence", "places")
PICTURES = 24
HELD_OUT = 10**6  # a step that no arm comes to


def recipe(stem: int, joint: int) -> Recipe:
    phases = (
        Phase("stem", stem, 48, 0, losses=("cells", "tags")),
        Phase("joint", joint, PICTURES, 4, stem_factor=0.3),
    )
    return Recipe(
        Model("nano"), Data(1.0, MIXTURE), schedule=Schedule(50, 0.3, phase=phases), losses=WEIGHTS, run=Run(7)
    )


def arm(without: str, stem: int, joint: int) -> dict[str, float]:
    """What is measured after training without that loss; with all of them where it is empty."""
    torch.set_num_threads(1)
    torch.manual_seed(7)
    told, words = recipe(stem, joint), vocabulary()
    feed, learner = Feed(told, words, TASKS), Learner(Unified(told.model.shape, words), words, TASKS)
    steps = optimizers(learner, told.optimizer)
    for step in range(told.steps):
        phase = told.phase_at(step)
        on = tuple(name for name in phase.losses or LOSSES if name != without)
        follow(learner, feed, steps, step, weights_of(told, replace(phase, losses=on or ("text",))), told, phase)
        if step % 50 == 0:
            print(f"without {without or 'nothing'}: step {step} of {told.steps}", file=sys.stderr, flush=True)
    return measured(learner.eval(), feed)


def follow(
    learner: Learner, feed: Feed, steps: list[torch.optim.Optimizer], step: int, weights: Mapping[str, float],
    told: Recipe, phase: Phase,
) -> None:  # fmt: skip
    losses, _ = learner(feed.batch(step), asked=phase.items > 0)
    for optimizer in steps:
        optimizer.zero_grad()
    torch.stack([weights[name] * each for name, each in losses.items()]).sum().backward()
    torch.nn.utils.clip_grad_norm_(learner.parameters(), 5.0)
    for optimizer in steps:
        set_rates(optimizer, told.schedule.factor(step, told.steps), phase.stem_factor)
        optimizer.step()


@torch.no_grad()
def measured(learner: Learner, feed: Feed) -> dict[str, float]:
    rounds = [signs(learner.model, feed.vocabulary, learner.tags, HELD_OUT + number).measured for number in range(4)]
    found = {name: sum(each[name] for each in rounds) / len(rounds) for name in rounds[0]}
    written = [learner(feed.batch(HELD_OUT + number))[0] for number in range(4)]
    for name in ("text", "boxes", "truth"):
        found[name] = sum(float(each[name]) for each in written) / len(written)
    return {name: round(value, 3) for name, value in found.items()}


def main() -> None:
    stem, joint, processes = (int(told) for told in (*sys.argv[1:], *("400", "300", "2")[len(sys.argv) - 1 :]))
    arms = ("", *AUXILIARY)
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        results = list(pool.map(arm, arms, [stem] * len(arms), [joint] * len(arms)))
    named = {f"without {name}" if name else "all": found for name, found in zip(arms, results, strict=True)}
    report("training_losses", {"stem steps": stem, "joint steps": joint, "arms": named})


if __name__ == "__main__":
    main()
