"""The loop: show, compare, step; and leave a checkpoint now and then.

What a step does follows from the recipe, the weights and the step's number alone, so that a run that was killed
anywhere ends in the weights that it would have had: to the byte on a CPU with the same number of threads.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import torch
from pydantic import JsonValue
from torch import Tensor

from plait.core.task.source import from_here
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.data.cursor import Cursor, resumed
from plait.foundation.training.checkpoint import Checkpoint, Made, State, load
from plait.foundation.training.checkpoints import Checkpoints
from plait.foundation.training.commit import commit
from plait.foundation.training.curves import draw_curves
from plait.foundation.training.distributed import agreed, place, shared, told_by_first, wait
from plait.foundation.training.energy import Meter
from plait.foundation.training.interrupt import Interrupt
from plait.foundation.training.monitor import Watch
from plait.foundation.training.optimizer_state import optimizer_tensors, restore_optimizers
from plait.foundation.training.prefetching import from_step
from plait.foundation.training.progress import Progress
from plait.foundation.training.random_state import Randomness
from plait.foundation.training.run_log import Log
from plait.foundation.training.sharding import gathered, parts_of, whole
from plait.foundation.training.step_metrics import Reading, Signs
from plait.foundation.unified.image_tokenizer.shipped import image_tokenizer
from plait.foundation.unified.model.unified_model import Unified
from plait.foundation.unified.objectives.batch_stream import Feed
from plait.foundation.unified.objectives.batches import on_this_side
from plait.foundation.unified.objectives.compilation import compile_fixed
from plait.foundation.unified.objectives.load_balancing import BALANCE, WEIGHT
from plait.foundation.unified.objectives.losses import LOSSES, Losses
from plait.foundation.unified.objectives.probes import signs
from plait.foundation.unified.objectives.training_module import (
    Average,
    Learner,
    Shown,
    optimizers,
    set_rates,
    teach_adapters_alone,
)
from plait.foundation.unified.objectives.user_rows import bad_rows, own_parts
from plait.foundation.unified.recipe import Phase, Recipe
from plait.foundation.unified.recipe_file import RecipeFile
from plait.foundation.unified.weights.model_lookup import alike
from plait.foundation.unified.worlds.compositor import Compositor
from plait.foundation.unified.worlds.task_items import TASKS

CPU = torch.device("cpu")


def train(file: RecipeFile, folder: Path, *, fresh: bool, until: int | None) -> int:
    """Trains by a recipe into a folder, from its newest checkpoint on; the exit code, 130 after Ctrl-C."""
    file.check_names(TASKS, (*LOSSES, BALANCE))
    run = Run(file.recipe, folder, file.path.parent)
    run.begin(fresh)
    with Interrupt() as interrupt:
        while run.step < min(until or run.recipe.steps, run.recipe.steps):
            run.take_step()
            if agreed(interrupt.asked, run.device):
                run.end(f"stopped after step {run.step}; the same command goes on")
                return 130
    run.end(f"trained to step {run.step} of {run.recipe.steps}")
    return 0


class Run:
    """One process of a run. The first one, rank 0, also writes and speaks."""

    def __init__(self, recipe: Recipe, folder: Path, beside: Path) -> None:
        """`beside` is the folder that paths in the recipe are meant from."""
        self.recipe, self.folder = recipe, folder
        torch.set_num_threads(recipe.run.threads)
        torch.use_deterministic_algorithms(True, warn_only=torch.cuda.is_available())
        # Filled, memory that is read before it is written would show; that costs 6% of a step.
        torch.utils.deterministic.fill_uninitialized_memory = False  # pyright: ignore[reportAttributeAccessIssue]
        torch.manual_seed(recipe.run.seed)
        self.device = torch.device("cuda", torch.cuda.current_device()) if torch.cuda.is_available() else CPU
        self.words = vocabulary()
        self.rank, self.ranks = place()
        self.own = own_parts(recipe.data.source, beside, self.words, recipe.model.shape.side)
        draw = Compositor.on(self.device, recipe.data.wide).drawn if self.device.type == "cuda" else on_this_side
        encode = image_tokenizer().to(self.device).encode
        self.feed = Feed(recipe, self.words, TASKS, self.rank, self.ranks, self.own, draw, encode)
        model = Unified(recipe.model.shape, self.words)
        self.learner = Learner(model, self.words, TASKS, recipe.data.wide).to(self.device)
        self.learns = teach_adapters_alone(self.learner) if recipe.run.train else None
        if recipe.run.compile:
            compile_fixed(self.learner.model)
        self.shared = shared(self.learner, recipe) if self.ranks > 1 else self.learner
        self.optimizers = optimizers(self.learner, recipe.optimizer)
        self.average = Average(self.learner, recipe.optimizer.ema)
        self.checkpoints = Checkpoints(folder, recipe.run.keep)
        self.step, self.seconds = 0, 0.0

    # Beginning and ending

    def begin(self, fresh: bool) -> None:
        """From the newest whole checkpoint, or anew. Raises CheckpointError where that is not one of this recipe's."""
        if self.rank == 0:
            self.checkpoints.remove_leftovers()
            if fresh:
                self.checkpoints.clear()
        wait()
        newest, faults = self.checkpoints.newest() if self.rank == 0 else (None, ())
        newest = told_by_first(newest)
        watt_hours = self.restore(load(newest, self.made)) if newest else 0.0
        if not newest and self.recipe.model.weights:
            self.take_weights(alike(self.recipe.model))
        self.source = from_step(self.step, self.feed, self.recipe.run.feeders)
        self.meter = Meter(self.ranks, self.device.type == "cuda", watt_hours)
        if self.rank == 0:
            self.speak_up([str(fault) for fault in faults], newest)

    def take_weights(self, known: Unified) -> None:
        """Sets the weights as another model has them; adapters that it has none of stay at their beginning."""
        own = self.learner.model
        own.load_state_dict({**own.state_dict(), **parts_of(known.state_dict(), own)})
        self.average = Average(self.learner, self.recipe.optimizer.ema)

    def restore(self, checkpoint: Checkpoint) -> float:
        """Sets everything as the checkpoint has it; the watt hours spent until then."""
        state = checkpoint.state
        self.learner.load_state_dict(parts_of(checkpoint.model, self.learner))
        average = {name: each.to(self.device) for name, each in checkpoint.ema.items()}
        self.average.weights = parts_of(average, self.learner)
        restore_optimizers(self.optimizers, self.learner.named_parameters(), checkpoint.optimizer)
        resumed(state.cursor[0], self.feed.mixture(self.recipe.phase_at(state.step)))
        self.step, self.seconds = state.step, state.seconds
        return state.watt_hours

    def speak_up(self, faults: list[str], newest: Path | None) -> None:
        phases = self.recipe.schedule.phase
        left = sum(phase.steps * phase.samples for phase in phases)
        self.progress = Progress(self.recipe.model.size, self.recipe.steps, left - self.samples_before(self.step))
        self.log, self.watch, self.newest = Log(self.folder, self.step), Watch(), newest
        begun = [f"going on from {newest}"] if newest else []
        begun += ["{:,} of {:,} weights of the model learn".format(*self.learns)] if self.learns else []
        taken = [f"{from_here(part.source.name)}: {part.source.length:,} rows" for part in self.own]
        for line in (*faults, *taken, *bad_rows(self.own), *begun):
            self.progress.say(line)

    def end(self, words: str) -> None:
        self.save()
        if self.rank == 0:
            self.log.close()
            self.progress.close()
            hours = f"{self.seconds / 3_600:.2f} h, {self.meter.read():.1f} Wh ({self.meter.how})"
            self.progress.say(f"{words}, after {hours}\n{self.newest}\n{draw_curves(self.folder)}")

    # A step

    def take_step(self) -> None:
        began = time.perf_counter()
        phase = self.recipe.phase_at(self.step)
        batch, paintings = self.source.at(self.step)
        with torch.autocast("cuda", torch.bfloat16) if self.device.type == "cuda" else nullcontext():
            losses, shown = self.shared(
                batch.to(self.device), paintings and paintings.to(self.device), asked=phase.items > 0
            )
        weights = weights_of(self.recipe, phase)
        loss = sum((weights[name] * each for name, each in losses.items()), torch.zeros((), device=self.device))
        gradient, rate = self.follow(loss, phase)
        self.step += 1
        self.seconds += time.perf_counter() - began
        self.tell(phase, loss, losses, shown, gradient, rate, time.perf_counter() - began)
        if self.step % (self.recipe.run.checkpoint_every or self.recipe.steps) == 0:
            self.save()

    def follow(self, loss: Tensor, phase: Phase) -> tuple[Tensor, float]:
        """One step down the gradient; its norm, and the rate's factor."""
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        loss.backward()
        gradient = whole(torch.nn.utils.clip_grad_norm_(self.learner.parameters(), self.recipe.optimizer.clip))
        factor = phase.lr_factor * self.recipe.schedule.factor(self.step, self.recipe.steps)
        for optimizer in self.optimizers:
            set_rates(optimizer, factor, self.recipe.optimizer.stem_factor * phase.stem_factor)
            optimizer.step()
        self.average.follow(self.learner, self.step)
        return gradient, factor

    def tell(
        self, phase: Phase, loss: Tensor, losses: Losses, shown: Shown, gradient: Tensor, rate: float, seconds: float
    ) -> None:
        while self.feed.refused:
            print(f"\nleft out: {self.feed.refused.pop()}", file=sys.stderr)
        measured = self.signs_if_due(phase)
        if self.rank:
            return
        reading = Reading(
            self.step,
            phase.name,
            loss.item(),
            {name: each.item() for name, each in losses.items()},
            {name: each.item() for name, each in shown.tasks.items()},
            gradient.item(),
            rate * self.recipe.optimizer.muon_lr,
            phase.samples,
            seconds,
            measured,
            {name: each.item() for name, each in shown.experts.items()},
        )
        self.progress.take(reading, self.meter.read())
        for alarm in self.watch.take(reading, self.newest):
            self.progress.say(str(alarm))
            self.log.say(str(alarm), self.step)
        if self.step % self.recipe.run.log_every == 0 or self.step in (1, self.recipe.steps) or reading.signs.measured:
            self.log.take(reading, watt_hours=self.meter.watt_hours)

    def signs_if_due(self, phase: Phase) -> Signs:
        """By rank 0; where weights are shared out, by all, each of which has to give its part."""
        due = phase.items and self.step % (self.recipe.run.evaluate_every or self.step + 1) == 0
        if not due or (self.rank and not self.recipe.run.shard):
            return Signs()
        with self.average.standing_in(self.learner), gathered(self.learner):
            return signs(self.learner.model, self.words, self.learner.tags, self.step)

    # Checkpoints

    def save(self) -> None:
        parts = list(self.tensors()) if self.rank == 0 or self.recipe.run.shard else []
        if self.rank == 0:
            self.log.flush()
            self.newest = self.checkpoints.save(Checkpoint(self.state, *parts))
        wait()

    @property
    def state(self) -> State:
        cursor = Cursor.at(self.feed.drawn_before(self.step), self.feed.mixture(self.recipe.phase_at(self.step)))
        return State(
            self.step, self.made, (cursor.wire,), (Randomness.now(),), self.seconds, self.meter.read(), commit()
        )

    @property
    def made(self) -> Made:
        shape: dict[str, JsonValue] = json.loads(json.dumps(self.recipe.model.shape.told))
        return Made(shape, self.words.digest, self.recipe.decisive)

    def tensors(self) -> Iterator[dict[str, Tensor]]:
        """Whole, wherever they lie: a run goes on with its weights shared out or not."""
        yield {name: whole(each) for name, each in self.learner.state_dict().items()}
        yield {name: whole(each) for name, each in self.average.weights.items()}
        yield optimizer_tensors(self.optimizers, self.learner.named_parameters())

    def samples_before(self, step: int) -> int:
        return sum(phase.samples for phase in map(self.recipe.phase_at, range(step)))


def weights_of(recipe: Recipe, phase: Phase) -> dict[str, float]:
    """The weight of each loss in a phase: 1 where the recipe gives none, 0 where the phase has it off. That of the
    experts' balance, which teaches nothing of its own, is on in each.
    """
    on = phase.losses or LOSSES
    weights = {name: recipe.losses.get(name, 1.0) if name in on else 0.0 for name in LOSSES}
    return {**weights, BALANCE: recipe.losses.get(BALANCE, WEIGHT)}
