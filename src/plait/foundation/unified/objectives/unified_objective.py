"""Unified model as an objective of the Trainer: reading, writing and generating images, with auxiliary losses."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from pydantic import JsonValue
from torch import Tensor, nn
from torch.optim import Optimizer

from plait.core.task.source import relative_path
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.data.cursor import Cursor, resume_index
from plait.foundation.training.checkpoint import RunFingerprint
from plait.foundation.training.config import OptimizerConfig, TrainerConfig, TrainingPhase
from plait.foundation.training.distributed import rank_and_world_size
from plait.foundation.training.objective import Objective
from plait.foundation.training.optimizers import new_optimizers
from plait.foundation.unified.image_tokenizer.shipped import image_tokenizer
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.objectives.alarms import alarm_rules
from plait.foundation.unified.objectives.batch_stream import BatchStream
from plait.foundation.unified.objectives.batches import Batch, draw_on_cpu
from plait.foundation.unified.objectives.compilation import compile_static_shapes
from plait.foundation.unified.objectives.load_balancing import BALANCE, BALANCE_WEIGHT
from plait.foundation.unified.objectives.losses import LOSSES, Losses
from plait.foundation.unified.objectives.painting_batches import PaintingBatch
from plait.foundation.unified.objectives.prefetching import PrefetchingStream, batch_stream
from plait.foundation.unified.objectives.probes import measure_probes
from plait.foundation.unified.objectives.training_module import (
    ADAMW_WEIGHTS,
    TrainingModule,
    freeze_all_but_adapters,
)
from plait.foundation.unified.objectives.user_rows import bad_row_messages, user_sources
from plait.foundation.unified.recipe import Phase, Recipe
from plait.foundation.unified.worlds.compositor import Compositor
from plait.foundation.unified.worlds.task_items import TASKS


@dataclass(frozen=True)
class UnifiedBatch:
    """Batches of a step.

    `paintings` is None in a phase without image generation. Without `has_examples` only images are learned from.
    """

    batch: Batch
    paintings: PaintingBatch | None
    has_examples: bool


class UnifiedObjective(Objective[UnifiedBatch, TrainingModule]):
    """Objective of the unified model.

    Create it after `prepare_torch`: its random weights follow from the seed set there.
    """

    def __init__(
        self,
        recipe: Recipe,
        recipe_folder: Path,
        device: torch.device,
        initial_model: Callable[[], UnifiedModel] | None = None,
    ) -> None:
        """`recipe_folder` is the base of paths in the recipe; `initial_model` loads the initial weights."""
        self.recipe, self.device, self.initial_model = recipe, device, initial_model
        self.vocabulary = vocabulary()
        self.user_sources = user_sources(recipe.data.source, recipe_folder, self.vocabulary, recipe.model.shape.side)
        draw = Compositor.from_atlas(device, recipe.data.wide).render if device.type == "cuda" else draw_on_cpu
        encode = image_tokenizer().to(device).encode
        rank, world_size = rank_and_world_size()
        self.stream = BatchStream(recipe, self.vocabulary, TASKS, rank, world_size, self.user_sources, draw, encode)
        model = UnifiedModel(recipe.model.shape, self.vocabulary)
        super().__init__(TrainingModule(model, self.vocabulary, TASKS, recipe.data.wide).to(device))
        self.trainable_counts = freeze_all_but_adapters(self.module) if recipe.run.train else None
        if recipe.run.compile:
            compile_static_shapes(self.module.model)
        self.alarm_rules = alarm_rules()
        # In a phase with images only, the decoder has no gradient; without image generation, nor has the vector of an
        # unknown code.
        self.has_unused_parameters = any(not phase.items or not phase.paintings for phase in recipe.schedule.phase)

    @property
    def fingerprint(self) -> RunFingerprint:
        shape: dict[str, JsonValue] = json.loads(json.dumps(self.recipe.model.shape.to_dict))
        return RunFingerprint(shape, self.vocabulary.digest, self.recipe.fingerprint_values)

    def optimizers(self) -> list[Optimizer]:
        return unified_optimizers(self.module, self.recipe.optimizer)

    def start(self, step: int) -> None:
        self.batches = batch_stream(step, self.stream, self.recipe.run.loader_workers)

    def next_step(self, step: int) -> int:
        if isinstance(self.batches, PrefetchingStream):
            return self.batches.next_step(step)
        return super().next_step(step)

    def skip_to(self, step: int) -> None:
        if isinstance(self.batches, PrefetchingStream):
            self.batches.skip_to(step)
        super().skip_to(step)

    def batch(self, step: int) -> UnifiedBatch:
        return UnifiedBatch(*self.batches.batches_at(step), self.recipe.phase_at(step).items > 0)

    def loss(self, batch: UnifiedBatch) -> Losses:
        paintings = batch.paintings and batch.paintings.to(self.device)
        losses, self.breakdown = self.parallel(batch.batch.to(self.device), paintings, has_examples=batch.has_examples)
        return losses

    def probes(self, step: int) -> dict[str, float]:
        return measure_probes(self.module.model, self.vocabulary, self.module.tag_loss, step)

    def initial_weights(self) -> Mapping[str, Tensor]:
        """Weights of the initial model; adapters that it does not have stay as initialised."""
        state_dict = self.initial_model().state_dict() if self.initial_model else {}
        return {f"model.{name}": each for name, each in state_dict.items()}

    def data_position(self, step: int) -> JsonValue:
        mixture = self.stream.mixture(self.recipe.phase_at(step))
        return Cursor.from_mixture(self.stream.pictures_before(step), mixture).json_value

    def check_data_position(self, position: JsonValue, step: int) -> None:
        resume_index(position, self.stream.mixture(self.recipe.phase_at(step)))

    def start_messages(self) -> Sequence[str]:
        rows = [f"{relative_path(part.source.name)}: {part.source.length:,} rows" for part in self.user_sources]
        counts = self.trainable_counts
        trainable = ["{:,} of {:,} weights of the model learn".format(*counts)] if counts else []
        return [*rows, *bad_row_messages(self.user_sources), *trainable]

    def pop_warnings(self) -> Sequence[str]:
        skipped = [f"left out: {row}" for row in reversed(self.stream.skipped_rows)]
        self.stream.skipped_rows.clear()
        return skipped

    def layers(self) -> Sequence[nn.Module]:
        return sharded_layers(self.module.model)


def sharded_layers(model: UnifiedModel) -> list[nn.Module]:
    """Modules to shard one by one: all layers, and what is outside them.

    Outside are the projections to keys and values of the decoder's memory.
    """
    memory = (part for layer in model.decoder.typed_layers for part in (layer.cross.key, layer.cross.value))
    return [*model.encoder.typed_layers, *memory, *model.decoder.typed_layers]


def unified_optimizers(module: TrainingModule, config: OptimizerConfig) -> list[Optimizer]:
    """Optimizers of the model. The stem is a parameter group with its own learning-rate factor."""
    return new_optimizers(
        module.named_parameters(),
        config,
        lambda name: name.endswith(ADAMW_WEIGHTS),
        lambda name: "stem" if name.startswith("model.stem.") else "",
    )


def trainer_config(recipe: Recipe) -> TrainerConfig:
    """Part of a recipe that the Trainer reads."""
    phases = tuple(
        TrainingPhase(
            phase.name,
            phase.steps,
            phase.samples,
            phase.lr_factor,
            {"stem": recipe.optimizer.stem_factor * phase.stem_factor},
            loss_weights(recipe, phase),
            has_probes=phase.items > 0,
            time_share=phase.time_share,
        )
        for phase in recipe.schedule.phase
    )
    return TrainerConfig(recipe.model.size, phases, recipe.optimizer, recipe.schedule, recipe.run)


def loss_weights(recipe: Recipe, phase: Phase) -> dict[str, float]:
    """Weight of each loss in a phase: by default 1, and 0 if the phase disables it.

    The load-balancing loss is always on.
    """
    on = phase.losses or LOSSES
    weights = {name: recipe.losses.get(name, 1.0) if name in on else 0.0 for name in LOSSES}
    return {**weights, BALANCE: recipe.losses.get(BALANCE, BALANCE_WEIGHT)}
