"""What each step of a run is shown: a function of the recipe, the step and the process alone, so that a run goes on
from a number.
"""

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from torch import Tensor

from plait.core.errors import InputError
from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.data.mixture import Mixture, Part, Refusals
from plait.foundation.unified.objectives.batches import Batch, Draw, Shown, batch, on_this_side
from plait.foundation.unified.objectives.encoded_examples import example
from plait.foundation.unified.objectives.painting_batches import Encode, Paintings, Wanted, paintings, wanted
from plait.foundation.unified.recipe import Phase, Recipe
from plait.foundation.unified.worlds.sampling import scene
from plait.foundation.unified.worlds.task_items import PAINTED, WRITTEN, item, items
from plait.foundation.unified.worlds.wording import LANGUAGES


@dataclass(frozen=True)
class World:
    """The pictogram world as a source of pictures without end, each with some items about it."""

    seed: int
    count: int
    mixture: Mapping[str, float]
    vocabulary: Vocabulary
    wide: bool = False
    name = "worlds"
    length = None

    @property
    def digest(self) -> str:
        """Of what it is made of; what it makes of that follows from the version of Plait."""
        told = f"{self.seed} {self.count} {sorted(self.mixture.items())}{' wide' * self.wide}"
        return hashlib.sha256(told.encode()).hexdigest()

    def sample(self, place: int) -> Shown:
        rng = random.Random(f"{self.seed} {place}")
        about = scene(rng, wide=self.wide)
        asked = items(about, self.count, self.mixture, rng) if self.count else ()
        return Shown(None, tuple(example(each, self.vocabulary) for each in asked), about)


def not_encoded(pictures: Tensor) -> Tensor:
    raise AssertionError("paintings are learned from with a tokenizer alone")


@dataclass(frozen=True)
class Feed:
    """The batches of one process, number `rank` of `ranks`."""

    recipe: Recipe
    vocabulary: Vocabulary
    tasks: tuple[str, ...]
    rank: int = 0
    ranks: int = 1
    own: tuple[Part[Shown], ...] = ()
    draw: Draw = on_this_side
    encode: Encode = not_encoded
    refused: list[str] = field(default_factory=list[str])
    refusals: Refusals = field(default_factory=Refusals)  # of the person's own rows

    def at(self, step: int) -> tuple[Batch, Paintings | None]:
        """What this process is shown in a step, counted from 0, and what it is to paint."""
        return self.batch(step), self.paintings(step)

    def batch(self, step: int) -> Batch:
        return self.batch_of(self.shown_at(step))

    def batch_of(self, shown: Sequence[Shown]) -> Batch:
        return batch(shown, self.vocabulary, self.recipe.model.shape.grid, self.tasks, self.draw)

    def shown_at(self, step: int) -> list[Shown]:
        phase = self.recipe.phase_at(step)
        mixture = self.mixture(phase)
        first = self.drawn_before(step)
        places = range(first + self.rank, first + phase.pictures, self.ranks)
        return [self.shown(mixture, place, phase) for place in places]

    def paintings(self, step: int) -> Paintings | None:
        """None where the phase has no paintings."""
        return self.paintings_of(self.wanted_at(step))

    def paintings_of(self, rows: Sequence[Wanted]) -> Paintings | None:
        return paintings(rows, self.vocabulary, self.recipe.model.shape, self.draw, self.encode) if rows else None

    def wanted_at(self, step: int) -> list[Wanted]:
        phase = self.recipe.phase_at(step)
        first = self.painted_before(step)
        places = range(first + self.rank, first + phase.paintings, self.ranks)
        return [self.painting(place, phase) for place in places]

    def painting(self, place: int, phase: Phase) -> Wanted:
        mixture = phase.mixture or self.recipe.data.mixture
        rng = random.Random(f"painting {self.recipe.run.seed} {place}")
        (task,) = rng.choices(PAINTED, [mixture.get(each, 0.0) for each in PAINTED])
        about = scene(rng, wide=self.recipe.data.wide)
        asked = item(task, about, LANGUAGES[rng.random() < 0.5], rng)
        assert asked is not None, "every scene can be painted"
        return wanted(asked, self.recipe.model.shape, self.vocabulary, rng)

    def shown(self, mixture: Mixture[Shown], place: int, phase: Phase) -> Shown:
        """A sample; where it turns out to be none, which is told, what the world has at that place instead. Raises
        InputError where these are too many.
        """
        self.refusals.drawn += mixture.parts[mixture.place(place).part].source.length is not None
        try:
            return mixture.sample(place)
        except InputError as error:
            self.refused.append(error.message)
            self.refusals.take(error)
            return self.world(phase).sample(place)

    def mixture(self, phase: Phase) -> Mixture[Shown]:
        """Pictures alone are the world's, since it alone knows what is in them."""
        told = self.recipe.data
        world = (Part(self.world(phase), told.worlds),) if told.worlds or not self.own else ()
        return Mixture((*world, *(self.own if phase.items else ())), self.recipe.run.seed)

    def world(self, phase: Phase) -> World:
        told = phase.mixture or self.recipe.data.mixture
        mixture = {task: share for task, share in told.items() if task in WRITTEN}
        return World(self.recipe.run.seed, phase.items, mixture, self.vocabulary, self.recipe.data.wide)

    def drawn_before(self, step: int) -> int:
        """How many pictures all earlier steps were shown, over all processes."""
        return self.before(step, lambda phase: phase.pictures)

    def painted_before(self, step: int) -> int:
        return self.before(step, lambda phase: phase.paintings)

    def before(self, step: int, of: Callable[[Phase], int]) -> int:
        """Past the end of the recipe its last phase goes on: what is held out is measured there."""
        total = 0
        for phase in self.recipe.schedule.phase:
            total += min(step, phase.steps) * of(phase)
            step = max(0, step - phase.steps)
        return total + step * of(self.recipe.schedule.phase[-1])
