"""Batches of each step of a run.

A batch is a function of the recipe, the step and the process alone, so a run resumes from a step number.
"""

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from torch import Tensor

from plait.core.errors import InputError
from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.data.mixture import Mixture, RejectionCounter, WeightedSource
from plait.foundation.unified.objectives.batches import Batch, DrawScenes, Sample, collate, draw_on_cpu
from plait.foundation.unified.objectives.encoded_examples import tokenize_item
from plait.foundation.unified.objectives.painting_batches import (
    EncodePictures,
    PaintingBatch,
    PaintingExample,
    collate_paintings,
    painting_example,
)
from plait.foundation.unified.recipe import Phase, Recipe
from plait.foundation.unified.worlds.sampling import sample_scene
from plait.foundation.unified.worlds.task_items import IMAGE_TASKS, TEXT_TASKS, make_item, make_items
from plait.foundation.unified.worlds.wording import LANGUAGES


@dataclass(frozen=True)
class WorldSource:
    """The pictogram world as an endless source of images, each with some items about it."""

    seed: int
    items_per_picture: int
    mixture: Mapping[str, float]
    vocabulary: Vocabulary
    wide: bool = False
    name = "worlds"
    length = None

    @property
    def digest(self) -> str:
        """Hex digest of its settings; what it makes from these depends also on the version of Plait."""
        description = f"{self.seed} {self.items_per_picture} {sorted(self.mixture.items())}{' wide' * self.wide}"
        return hashlib.sha256(description.encode()).hexdigest()

    def sample(self, index: int) -> Sample:
        rng = random.Random(f"{self.seed} {index}")
        scene = sample_scene(rng, wide=self.wide)
        items = make_items(scene, self.items_per_picture, self.mixture, rng) if self.items_per_picture else ()
        return Sample(None, tuple(tokenize_item(each, self.vocabulary) for each in items), scene)


def missing_tokenizer(pictures: Tensor) -> Tensor:
    raise AssertionError("paintings are learned from with a tokenizer alone")


@dataclass(frozen=True)
class BatchStream:
    """Batches of one process, number `rank` of `world_size`."""

    recipe: Recipe
    vocabulary: Vocabulary
    tasks: tuple[str, ...]
    rank: int = 0
    world_size: int = 1
    user_sources: tuple[WeightedSource[Sample], ...] = ()
    draw: DrawScenes = draw_on_cpu
    encode: EncodePictures = missing_tokenizer
    skipped_rows: list[str] = field(default_factory=list[str])
    refusal_counts: RejectionCounter = field(default_factory=RejectionCounter)  # of the user's own rows

    def batches_at(self, step: int) -> tuple[Batch, PaintingBatch | None]:
        """Batch of this process in a step, counted from 0, and its batch of images to generate, if any."""
        return self.batch(step), self.painting_batch(step)

    def batch(self, step: int) -> Batch:
        return self.collate(self.samples_at(step))

    def collate(self, samples: Sequence[Sample]) -> Batch:
        return collate(samples, self.vocabulary, self.recipe.model.shape.grid, self.tasks, self.draw)

    def samples_at(self, step: int) -> list[Sample]:
        phase = self.recipe.phase_at(step)
        mixture = self.mixture(phase)
        first = self.pictures_before(step)
        indices = range(first + self.rank, first + phase.pictures, self.world_size)
        return [self.sample(mixture, index, phase) for index in indices]

    def painting_batch(self, step: int) -> PaintingBatch | None:
        """Batch of images to generate; None in a phase without them."""
        return self.collate_paintings(self.painting_examples_at(step))

    def collate_paintings(self, examples: Sequence[PaintingExample]) -> PaintingBatch | None:
        return (
            collate_paintings(examples, self.vocabulary, self.recipe.model.shape, self.draw, self.encode)
            if examples
            else None
        )

    def painting_examples_at(self, step: int) -> list[PaintingExample]:
        phase = self.recipe.phase_at(step)
        first = self.paintings_before(step)
        indices = range(first + self.rank, first + phase.paintings, self.world_size)
        return [self.painting_example(index, phase) for index in indices]

    def painting_example(self, index: int, phase: Phase) -> PaintingExample:
        mixture = phase.mixture or self.recipe.data.mixture
        rng = random.Random(f"painting {self.recipe.run.seed} {index}")
        (task,) = rng.choices(IMAGE_TASKS, [mixture.get(each, 0.0) for each in IMAGE_TASKS])
        scene = sample_scene(rng, wide=self.recipe.data.wide)
        item = make_item(task, scene, LANGUAGES[rng.random() < 0.5], rng)
        assert item is not None, "every scene can be painted"
        return painting_example(item, self.recipe.model.shape, self.vocabulary, rng)

    def sample(self, mixture: Mixture[Sample], index: int, phase: Phase) -> Sample:
        """The sample at an index. A rejected sample is reported and replaced by the world's at that index.

        Raises InputError if too many are rejected.
        """
        self.refusal_counts.num_samples += (
            mixture.sources[mixture.position(index).source_index].source.length is not None
        )
        try:
            return mixture.sample(index)
        except InputError as error:
            self.skipped_rows.append(error.message)
            self.refusal_counts.record(error)
            return self.world_source(phase).sample(index)

    def mixture(self, phase: Phase) -> Mixture[Sample]:
        """Mixture of a phase. In a phase without items only the world is used: its images alone have known contents."""
        data = self.recipe.data
        world = (WeightedSource(self.world_source(phase), data.worlds),) if data.worlds or not self.user_sources else ()
        return Mixture((*world, *(self.user_sources if phase.items else ())), self.recipe.run.seed)

    def world_source(self, phase: Phase) -> WorldSource:
        shares = phase.mixture or self.recipe.data.mixture
        mixture = {task: share for task, share in shares.items() if task in TEXT_TASKS}
        return WorldSource(self.recipe.run.seed, phase.items, mixture, self.vocabulary, self.recipe.data.wide)

    def pictures_before(self, step: int) -> int:
        """Number of images in all earlier steps, over all processes."""
        return self.total_before(step, lambda phase: phase.pictures)

    def paintings_before(self, step: int) -> int:
        return self.total_before(step, lambda phase: phase.paintings)

    def total_before(self, step: int, per_step: Callable[[Phase], int]) -> int:
        """Sum over all earlier steps.

        After the end of the recipe the last phase continues: held-out samples come from there.
        """
        total = 0
        for phase in self.recipe.schedule.phase:
            total += min(step, phase.steps) * per_step(phase)
            step = max(0, step - phase.steps)
        return total + step * per_step(self.recipe.schedule.phase[-1])
