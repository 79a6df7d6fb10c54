"""What each auxiliary loss is worth: nano, trained alike for a short while with each of them off in turn, and with all.

    python -m benchmarks.training_losses [STEM_STEPS] [JOINT_STEPS] [PROCESSES]

All arms see the same pictures in the same order; arms whose losses over pictures are the same share that phase, and the
one without any has none. What is compared is measured on held-out scenes with the weights as they are: how often the
named thing's box is likelier than another's, how well yes is told from no, and the cross-entropies of what is written.
One seed: an arm differs from another by chance, too.
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
from plait.foundation.training.trainer import weights_of
from plait.foundation.unified.model.unified_model import Unified
from plait.foundation.unified.objectives.batch_stream import Feed
from plait.foundation.unified.objectives.losses import LOSSES
from plait.foundation.unified.objectives.probes import signs
from plait.foundation.unified.objectives.training_module import Learner, optimizers, set_rates
from plait.foundation.unified.recipe import Data, Model, Phase, Recipe, Run, Schedule
from plait.foundation.unified.worlds.task_items import TASKS

MIXTURE = {
    "locate": 0.24, "ask": 0.21, "detect": 0.14, "describe_region": 0.12, "matches": 0.15, "describe": 0.10,
    "restore_text": 0.04,
}  # fmt: skip
WEIGHTS = {"text": 1.5, **dict.fromkeys(("cells", "places", "pointer", "about", "presence"), 0.5)}
AUXILIARY = ("tags", "cells", "pointer", "about", "presence", "places")
POINTING = ("pointer", "about", "presence")
ARMS = {
    "all": (),
    **{f"without {name}": (name,) for name in AUXILIARY},
    "without pointer, about and presence": POINTING,
    "without any": AUXILIARY,
}
OF_PICTURES = ("tags", "cells")
PICTURES = 24
HELD_OUT = 10**6  # a step that no arm comes to
Losses = tuple[str, ...]
Trained = list[dict[str, Any]]  # states of the learner and its optimisers


@dataclass(frozen=True)
class Steps:
    stem: int
    joint: int

    @property
    def recipe(self) -> Recipe:
        phases = (
            Phase("stem", self.stem, 48, 0, losses=OF_PICTURES),
            Phase("joint", self.joint, PICTURES, 4, stem_factor=0.3),
        )
        return Recipe(
            Model("nano"), Data(1.0, MIXTURE), schedule=Schedule(50, 0.3, phase=phases), losses=WEIGHTS, run=Run(7)
        )


class Trial:
    """A learner with some losses off, from its beginning or as far as another has brought it."""

    def __init__(self, name: str, off: Losses, told: Recipe, begun: Trained | None = None) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(7)
        self.name, self.off, self.told, words = name, off, told, vocabulary()
        self.feed = Feed(told, words, TASKS)
        self.learner = Learner(Unified(told.model.shape, words), words, TASKS)
        self.optimizers = optimizers(self.learner, told.optimizer)
        for part, state in zip(self.parts, begun or (), strict=bool(begun)):
            part.load_state_dict(state)

    @property
    def parts(self) -> Sequence[Learner | torch.optim.Optimizer]:
        return self.learner, *self.optimizers

    def train(self, first: int, last: int) -> None:
        for step in range(first, last):
            phase = self.told.phase_at(step)
            on = tuple(name for name in phase.losses or LOSSES if name not in self.off)
            self.follow(step, weights_of(self.told, replace(phase, losses=on)), phase)
            if step % 50 == 0:
                print(f"{self.name}: step {step} of {self.told.steps}", file=sys.stderr, flush=True)

    def follow(self, step: int, weights: Mapping[str, float], phase: Phase) -> None:
        losses, _ = self.learner(self.feed.batch(step), asked=phase.items > 0)
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        torch.stack([weights[name] * each for name, each in losses.items()]).sum().backward()
        torch.nn.utils.clip_grad_norm_(self.learner.parameters(), 5.0)
        for optimizer in self.optimizers:
            set_rates(optimizer, self.told.schedule.factor(step, self.told.steps), phase.stem_factor)
            optimizer.step()

    @torch.no_grad()
    def measured(self) -> dict[str, float]:
        learner, feed = self.learner.eval(), self.feed
        steps = range(HELD_OUT, HELD_OUT + 4)
        rounds = [signs(learner.model, feed.vocabulary, learner.tags, step).measured for step in steps]
        found = {name: sum(each[name] for each in rounds) / len(rounds) for name in rounds[0]}
        written = [learner(feed.batch(step))[0] for step in steps]
        for name in ("text", "boxes", "truth"):
            found[name] = sum(float(each[name]) for each in written) / len(written)
        return {name: round(value, 3) for name, value in found.items()}


def of_pictures(off: Losses) -> Losses:
    """Those that are off in the phase of pictures alone: what arms that share it have in common."""
    return tuple(name for name in off if name in OF_PICTURES)


def stem(off: Losses, steps: Steps) -> Trained | None:
    """What pictures alone have taught; None where nothing of them is learned from."""
    if off == OF_PICTURES:
        return None
    trial = Trial(f"stem without {off}", off, steps.recipe)
    trial.train(0, steps.stem)
    return [part.state_dict() for part in trial.parts]


def arm(name: str, steps: Steps, begun: Trained | None) -> dict[str, float]:
    """What is measured after training with those losses off."""
    trial = Trial(name, ARMS[name], steps.recipe, begun)
    trial.train(steps.stem, steps.recipe.steps)
    return trial.measured()


def main() -> None:
    first, joint, processes = (int(told) for told in (*sys.argv[1:], *("400", "600", "2")[len(sys.argv) - 1 :]))
    steps = Steps(first, joint)
    shared = list(dict.fromkeys(map(of_pictures, ARMS.values())))
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        stems = dict(zip(shared, pool.map(stem, shared, [steps] * len(shared)), strict=True))
        begun = [stems[of_pictures(off)] for off in ARMS.values()]
        results = list(pool.map(arm, ARMS, [steps] * len(ARMS), begun))
    arms = dict(zip(ARMS, results, strict=True))
    report("training_losses", {"stem steps": first, "joint steps": joint, "pairs": joint * PICTURES * 4, "arms": arms})


if __name__ == "__main__":
    main()
