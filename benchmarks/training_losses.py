"""Ablation of the auxiliary losses: short trainings of nano with all of them, and with each of them off in turn.

    python -m benchmarks.training_losses [STEM_STEPS] [JOINT_STEPS] [PROCESSES]

All arms see the same pictures in the same order. Arms with the same losses on pictures share that phase; the arm
without such losses skips it. Measured on held-out scenes without weight averaging: how often the named object's box is
likelier than another's, how well yes and no are separated, and the cross-entropies of texts. One seed only, so arms
also differ by chance.
"""

import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Any

import torch

from benchmarks.measure import report
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.training.optimizers import set_learning_rates
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.objectives.batch_stream import BatchStream
from plait.foundation.unified.objectives.losses import LOSSES
from plait.foundation.unified.objectives.probes import measure_probes
from plait.foundation.unified.objectives.training_module import TrainingModule
from plait.foundation.unified.objectives.unified_objective import loss_weights, unified_optimizers
from plait.foundation.unified.recipe import DataConfig, ModelConfig, Phase, Recipe, RunConfig, Schedule
from plait.foundation.unified.worlds.task_items import TASKS

MIXTURE = {
    "locate": 0.24, "ask": 0.21, "detect": 0.14, "describe_region": 0.12, "matches": 0.15, "describe": 0.10,
    "restore_text": 0.04,
}  # fmt: skip
WEIGHTS = {"text": 1.5, **dict.fromkeys(("cells", "places", "pointer", "about", "presence"), 0.5)}
AUXILIARY = ("tags", "cells", "pointer", "about", "presence", "places")
POINTER_LOSSES = ("pointer", "about", "presence")
ARMS = {
    "all": (),
    **{f"without {name}": (name,) for name in AUXILIARY},
    "without pointer, about and presence": POINTER_LOSSES,
    "without any": AUXILIARY,
}
PICTURE_LOSSES = ("tags", "cells")
PICTURES = 24
HELD_OUT = 10**6  # a step that no arm reaches
Losses = tuple[str, ...]
TrainingStates = list[dict[str, Any]]  # states of the training module and its optimizers


@dataclass(frozen=True)
class StepCounts:
    stem: int
    joint: int

    @property
    def recipe(self) -> Recipe:
        phases = (
            Phase("stem", self.stem, 48, 0, losses=PICTURE_LOSSES),
            Phase("joint", self.joint, PICTURES, 4, stem_factor=0.3),
        )
        return Recipe(
            ModelConfig("nano"),
            DataConfig(1.0, MIXTURE),
            schedule=Schedule(50, 0.3, phase=phases),
            losses=WEIGHTS,
            run=RunConfig(7),
        )


class AblationRun:
    """A training run with some losses off, from random weights or from the states of another run."""

    def __init__(
        self, name: str, disabled: Losses, recipe: Recipe, initial_states: TrainingStates | None = None
    ) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(7)
        self.name, self.disabled, self.recipe, words = name, disabled, recipe, vocabulary()
        self.feed = BatchStream(recipe, words, TASKS)
        self.learner = TrainingModule(UnifiedModel(recipe.model.shape, words), words, TASKS)
        self.optimizers = unified_optimizers(self.learner, recipe.optimizer)
        for part, state in zip(self.parts, initial_states or (), strict=bool(initial_states)):
            part.load_state_dict(state)

    @property
    def parts(self) -> Sequence[TrainingModule | torch.optim.Optimizer]:
        return self.learner, *self.optimizers

    def train(self, first: int, last: int) -> None:
        for step in range(first, last):
            phase = self.recipe.phase_at(step)
            on = tuple(name for name in phase.losses or LOSSES if name not in self.disabled)
            self.train_step(step, loss_weights(self.recipe, replace(phase, losses=on)), phase)
            if step % 50 == 0:
                print(f"{self.name}: step {step} of {self.recipe.steps}", file=sys.stderr, flush=True)

    def train_step(self, step: int, weights: Mapping[str, float], phase: Phase) -> None:
        losses, _ = self.learner(self.feed.batch(step), has_examples=phase.items > 0)
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        torch.stack([weights[name] * each for name, each in losses.items()]).sum().backward()
        torch.nn.utils.clip_grad_norm_(self.learner.parameters(), 5.0)
        for optimizer in self.optimizers:
            factor = self.recipe.schedule.factor(step, self.recipe.steps)
            set_learning_rates(optimizer, factor, {"stem": phase.stem_factor})
            optimizer.step()

    @torch.no_grad()
    def metrics(self) -> dict[str, float]:
        learner, feed = self.learner.eval(), self.feed
        steps = range(HELD_OUT, HELD_OUT + 4)
        rounds = [measure_probes(learner.model, feed.vocabulary, learner.tag_loss, step) for step in steps]
        means = {name: sum(each[name] for each in rounds) / len(rounds) for name in rounds[0]}
        losses = [learner(feed.batch(step))[0] for step in steps]
        for name in ("text", "boxes", "truth"):
            means[name] = sum(float(each[name]) for each in losses) / len(losses)
        return {name: round(value, 3) for name, value in means.items()}


def disabled_in_stem(disabled: Losses) -> Losses:
    """The losses that are off in the phase of pictures alone; arms with the same ones share that phase."""
    return tuple(name for name in disabled if name in PICTURE_LOSSES)


def train_stem(disabled: Losses, steps: StepCounts) -> TrainingStates | None:
    """States after the phase of pictures alone; None if all its losses are off."""
    if disabled == PICTURE_LOSSES:
        return None
    trial = AblationRun(f"stem without {disabled}", disabled, steps.recipe)
    trial.train(0, steps.stem)
    return [part.state_dict() for part in trial.parts]


def train_arm(name: str, steps: StepCounts, initial_states: TrainingStates | None) -> dict[str, float]:
    """Trains with these losses off and returns the measures."""
    trial = AblationRun(name, ARMS[name], steps.recipe, initial_states)
    trial.train(steps.stem, steps.recipe.steps)
    return trial.metrics()


def main() -> None:
    first, joint, processes = (int(argument) for argument in (*sys.argv[1:], *("400", "600", "2")[len(sys.argv) - 1 :]))
    steps = StepCounts(first, joint)
    shared = list(dict.fromkeys(map(disabled_in_stem, ARMS.values())))
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        stems = dict(zip(shared, pool.map(train_stem, shared, [steps] * len(shared)), strict=True))
        begun = [stems[disabled_in_stem(off)] for off in ARMS.values()]
        results = list(pool.map(train_arm, ARMS, [steps] * len(ARMS), begun))
    arms = dict(zip(ARMS, results, strict=True))
    report("training_losses", {"stem steps": first, "joint steps": joint, "pairs": joint * PICTURES * 4, "arms": arms})


if __name__ == "__main__":
    main()
