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

from plait.core.task.source import relative_path
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.data.cursor import Cursor, resume_index
from plait.foundation.training.checkpoint import Checkpoint, RunFingerprint, TrainingState, load
from plait.foundation.training.checkpoints import Checkpoints
from plait.foundation.training.commit import commit
from plait.foundation.training.curves import draw_curves
from plait.foundation.training.distributed import (
    barrier,
    broadcast_path,
    parallel_module,
    rank_and_world_size,
    should_stop,
)
from plait.foundation.training.energy import EnergyMeter
from plait.foundation.training.interrupt import Interrupt
from plait.foundation.training.monitor import Monitor
from plait.foundation.training.optimizer_state import optimizer_tensors, restore_optimizers
from plait.foundation.training.prefetching import batch_stream
from plait.foundation.training.progress import TrainingProgress
from plait.foundation.training.random_state import RngState
from plait.foundation.training.run_log import TrainingLog
from plait.foundation.training.sharding import full_tensor, shard_state_dict, summon_full_params
from plait.foundation.training.step_metrics import Probes, StepMetrics
from plait.foundation.unified.image_tokenizer.shipped import image_tokenizer
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.objectives.batch_stream import BatchStream
from plait.foundation.unified.objectives.batches import draw_on_cpu
from plait.foundation.unified.objectives.compilation import compile_static_shapes
from plait.foundation.unified.objectives.load_balancing import BALANCE, BALANCE_WEIGHT
from plait.foundation.unified.objectives.losses import LOSSES, Losses
from plait.foundation.unified.objectives.probes import measure_probes
from plait.foundation.unified.objectives.training_module import (
    EMA,
    LossBreakdown,
    TrainingModule,
    freeze_all_but_adapters,
    optimizers,
    set_learning_rates,
)
from plait.foundation.unified.objectives.user_rows import bad_row_messages, user_sources
from plait.foundation.unified.recipe import Phase, Recipe
from plait.foundation.unified.recipe_file import RecipeFile
from plait.foundation.unified.weights.model_lookup import load_initial_model
from plait.foundation.unified.worlds.compositor import Compositor
from plait.foundation.unified.worlds.task_items import TASKS

CPU = torch.device("cpu")


def train(file: RecipeFile, folder: Path, *, fresh: bool, until: int | None) -> int:
    """Trains by a recipe into a folder, from its newest checkpoint on; the exit code, 130 after Ctrl-C."""
    file.check_names(TASKS, (*LOSSES, BALANCE))
    run = Trainer(file.recipe, folder, file.folder)
    run.start(fresh)
    with Interrupt() as interrupt:
        while run.step < min(until or run.recipe.steps, run.recipe.steps):
            run.train_step()
            if should_stop(interrupt.stop_requested, run.device):
                run.finish(f"stopped after step {run.step}; the same command goes on")
                return 130
    run.finish(f"trained to step {run.step} of {run.recipe.steps}")
    return 0


class Trainer:
    """One process of a run. The first one, rank 0, also writes and speaks."""

    def __init__(self, recipe: Recipe, folder: Path, recipe_folder: Path) -> None:
        """`recipe_folder` is the folder that paths in the recipe are meant from."""
        self.recipe, self.folder = recipe, folder
        torch.set_num_threads(recipe.run.threads)
        torch.use_deterministic_algorithms(True, warn_only=torch.cuda.is_available())
        # Filled, memory that is read before it is written would show; that costs 6% of a step.
        torch.utils.deterministic.fill_uninitialized_memory = False  # pyright: ignore[reportAttributeAccessIssue]
        torch.manual_seed(recipe.run.seed)
        self.device = torch.device("cuda", torch.cuda.current_device()) if torch.cuda.is_available() else CPU
        self.vocabulary = vocabulary()
        self.rank, self.world_size = rank_and_world_size()
        self.user_sources = user_sources(recipe.data.source, recipe_folder, self.vocabulary, recipe.model.shape.side)
        draw = (
            Compositor.from_atlas(self.device, recipe.data.wide).render if self.device.type == "cuda" else draw_on_cpu
        )
        encode = image_tokenizer().to(self.device).encode
        self.stream = BatchStream(
            recipe, self.vocabulary, TASKS, self.rank, self.world_size, self.user_sources, draw, encode
        )
        model = UnifiedModel(recipe.model.shape, self.vocabulary)
        self.module = TrainingModule(model, self.vocabulary, TASKS, recipe.data.wide).to(self.device)
        self.trainable_counts = freeze_all_but_adapters(self.module) if recipe.run.train else None
        if recipe.run.compile:
            compile_static_shapes(self.module.model)
        self.parallel_module = parallel_module(self.module, recipe) if self.world_size > 1 else self.module
        self.optimizers = optimizers(self.module, recipe.optimizer)
        self.ema = EMA(self.module, recipe.optimizer.ema)
        self.checkpoints = Checkpoints(folder, recipe.run.keep)
        self.step, self.seconds = 0, 0.0

    # Beginning and ending

    def start(self, fresh: bool) -> None:
        """From the newest whole checkpoint, or anew. Raises CheckpointError where that is not one of this recipe's."""
        if self.rank == 0:
            self.checkpoints.remove_leftovers()
            if fresh:
                self.checkpoints.clear()
        barrier()
        newest, faults = self.checkpoints.newest() if self.rank == 0 else (None, ())
        newest = broadcast_path(newest)
        watt_hours = self.restore(load(newest, self.fingerprint)) if newest else 0.0
        if not newest and self.recipe.model.weights:
            self.load_weights(load_initial_model(self.recipe.model))
        self.loader = batch_stream(self.step, self.stream, self.recipe.run.loader_workers)
        self.meter = EnergyMeter(self.world_size, self.device.type == "cuda", watt_hours)
        if self.rank == 0:
            self.start_logging([str(fault) for fault in faults], newest)

    def load_weights(self, pretrained: UnifiedModel) -> None:
        """Sets the weights as another model has them; adapters that it has none of stay at their beginning."""
        model = self.module.model
        model.load_state_dict({**model.state_dict(), **shard_state_dict(pretrained.state_dict(), model)})
        self.ema = EMA(self.module, self.recipe.optimizer.ema)

    def restore(self, checkpoint: Checkpoint) -> float:
        """Sets everything as the checkpoint has it; the watt hours spent until then."""
        state = checkpoint.state
        self.module.load_state_dict(shard_state_dict(checkpoint.model, self.module))
        average = {name: each.to(self.device) for name, each in checkpoint.ema.items()}
        self.ema.weights = shard_state_dict(average, self.module)
        restore_optimizers(self.optimizers, self.module.named_parameters(), checkpoint.optimizer)
        resume_index(state.cursor[0], self.stream.mixture(self.recipe.phase_at(state.step)))
        self.step, self.seconds = state.step, state.seconds
        return state.watt_hours

    def start_logging(self, warnings: list[str], newest: Path | None) -> None:
        phases = self.recipe.schedule.phase
        samples = sum(phase.steps * phase.samples for phase in phases)
        self.progress = TrainingProgress(
            self.recipe.model.size, self.recipe.steps, samples - self.samples_before(self.step)
        )
        self.log, self.monitor, self.newest_checkpoint = TrainingLog(self.folder, self.step), Monitor(), newest
        start_messages = [f"going on from {newest}"] if newest else []
        start_messages += (
            ["{:,} of {:,} weights of the model learn".format(*self.trainable_counts)] if self.trainable_counts else []
        )
        row_counts = [f"{relative_path(part.source.name)}: {part.source.length:,} rows" for part in self.user_sources]
        for line in (*warnings, *row_counts, *bad_row_messages(self.user_sources), *start_messages):
            self.progress.print_message(line)

    def finish(self, message: str) -> None:
        self.save()
        if self.rank == 0:
            self.log.close()
            self.progress.close()
            hours = f"{self.seconds / 3_600:.2f} h, {self.meter.read():.1f} Wh ({self.meter.description})"
            self.progress.print_message(
                f"{message}, after {hours}\n{self.newest_checkpoint}\n{draw_curves(self.folder)}"
            )

    # A step

    def train_step(self) -> None:
        started = time.perf_counter()
        phase = self.recipe.phase_at(self.step)
        batch, paintings = self.loader.batches_at(self.step)
        with torch.autocast("cuda", torch.bfloat16) if self.device.type == "cuda" else nullcontext():
            losses, breakdown = self.parallel_module(
                batch.to(self.device), paintings and paintings.to(self.device), has_examples=phase.items > 0
            )
        weights = loss_weights(self.recipe, phase)
        loss = sum((weights[name] * each for name, each in losses.items()), torch.zeros((), device=self.device))
        gradient_norm, lr_factor = self.optimizer_step(loss, phase)
        self.step += 1
        self.seconds += time.perf_counter() - started
        self.log_step(phase, loss, losses, breakdown, gradient_norm, lr_factor, time.perf_counter() - started)
        if self.step % (self.recipe.run.checkpoint_every or self.recipe.steps) == 0:
            self.save()

    def optimizer_step(self, loss: Tensor, phase: Phase) -> tuple[Tensor, float]:
        """One step down the gradient; its norm, and the rate's factor."""
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        loss.backward()
        gradient_norm = full_tensor(
            torch.nn.utils.clip_grad_norm_(self.module.parameters(), self.recipe.optimizer.clip)
        )
        lr_factor = phase.lr_factor * self.recipe.schedule.factor(self.step, self.recipe.steps)
        for optimizer in self.optimizers:
            set_learning_rates(optimizer, lr_factor, self.recipe.optimizer.stem_factor * phase.stem_factor)
            optimizer.step()
        self.ema.update(self.module, self.step)
        return gradient_norm, lr_factor

    def log_step(
        self,
        phase: Phase,
        loss: Tensor,
        losses: Losses,
        breakdown: LossBreakdown,
        gradient_norm: Tensor,
        lr_factor: float,
        seconds: float,
    ) -> None:
        while self.stream.skipped_rows:
            print(f"\nleft out: {self.stream.skipped_rows.pop()}", file=sys.stderr)
        probes = self.probes_if_due(phase)
        if self.rank:
            return
        metrics = StepMetrics(
            self.step,
            phase.name,
            loss.item(),
            {name: each.item() for name, each in losses.items()},
            {name: each.item() for name, each in breakdown.tasks.items()},
            gradient_norm.item(),
            lr_factor * self.recipe.optimizer.muon_lr,
            phase.samples,
            seconds,
            probes,
            {name: each.item() for name, each in breakdown.experts.items()},
        )
        self.progress.update(metrics, self.meter.read())
        for alarm in self.monitor.check(metrics, self.newest_checkpoint):
            self.progress.print_message(str(alarm))
            self.log.write_warning(str(alarm), self.step)
        if self.step % self.recipe.run.log_every == 0 or self.step in (1, self.recipe.steps) or metrics.probes.scalars:
            self.log.write_step(metrics, watt_hours=self.meter.watt_hours)

    def probes_if_due(self, phase: Phase) -> Probes:
        """By rank 0; where weights are shared out, by all, each of which has to give its part."""
        due = phase.items and self.step % (self.recipe.run.evaluate_every or self.step + 1) == 0
        if not due or (self.rank and not self.recipe.run.shard):
            return Probes()
        with self.ema.average_parameters(self.module), summon_full_params(self.module):
            return measure_probes(self.module.model, self.vocabulary, self.module.tag_loss, self.step)

    # Checkpoints

    def save(self) -> None:
        parts = list(self.tensors()) if self.rank == 0 or self.recipe.run.shard else []
        if self.rank == 0:
            self.log.flush()
            self.newest_checkpoint = self.checkpoints.save(Checkpoint(self.state, *parts))
        barrier()

    @property
    def state(self) -> TrainingState:
        cursor = Cursor.from_mixture(
            self.stream.pictures_before(self.step), self.stream.mixture(self.recipe.phase_at(self.step))
        )
        return TrainingState(
            self.step,
            self.fingerprint,
            (cursor.json_value,),
            (RngState.capture(),),
            self.seconds,
            self.meter.read(),
            commit(),
        )

    @property
    def fingerprint(self) -> RunFingerprint:
        shape: dict[str, JsonValue] = json.loads(json.dumps(self.recipe.model.shape.to_dict))
        return RunFingerprint(shape, self.vocabulary.digest, self.recipe.fingerprint_values)

    def tensors(self) -> Iterator[dict[str, Tensor]]:
        """Whole, wherever they lie: a run goes on with its weights shared out or not."""
        yield {name: full_tensor(each) for name, each in self.module.state_dict().items()}
        yield {name: full_tensor(each) for name, each in self.ema.weights.items()}
        yield optimizer_tensors(self.optimizers, self.module.named_parameters())

    def samples_before(self, step: int) -> int:
        return sum(phase.samples for phase in map(self.recipe.phase_at, range(step)))


def loss_weights(recipe: Recipe, phase: Phase) -> dict[str, float]:
    """The weight of each loss in a phase: 1 where the recipe gives none, 0 where the phase has it off. That of the
    experts' balance, which teaches nothing of its own, is on in each.
    """
    on = phase.losses or LOSSES
    weights = {name: recipe.losses.get(name, 1.0) if name in on else 0.0 for name in LOSSES}
    return {**weights, BALANCE: recipe.losses.get(BALANCE, BALANCE_WEIGHT)}
