"""Batches made ahead, in processes beside the one that trains: a graphics card takes a step in the time that Python
takes to make its batch, and would wait for as long.

What a step shows follows from its number, so it is the same whoever makes it. Pictures are drawn, and their codes told,
by the process that trains, on its device; what comes from the others is small.
"""

import math
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.objectives.batch_stream import Feed
from plait.foundation.unified.objectives.batches import Batch
from plait.foundation.unified.objectives.painting_batches import Paintings, Wanted
from plait.foundation.unified.worlds.scene import Scene

EACH = 2  # batches that each process makes ahead


@dataclass(frozen=True)
class Bits:
    """Eight in a byte: nearly all of a batch is truth values, 48 MB of base's."""

    packed: NDArray[np.uint8]
    shape: tuple[int, ...]


Sent = Bits | NDArray[np.generic]


@dataclass(frozen=True)
class Made:
    """All of a step but its pictures."""

    step: int
    batch: tuple[Sent, ...]
    scenes: tuple[Scene, ...]
    wanted: tuple[Wanted, ...]


class Steps(Dataset[Made]):
    """What each step shows, undrawn. A feed, whose vocabulary does not travel, is made where it is used."""

    def __init__(self, feed: Feed) -> None:
        self.told = feed.recipe, feed.tasks, feed.rank, feed.ranks

    @cached_property
    def feed(self) -> Feed:
        recipe, tasks, rank, ranks = self.told
        return Feed(recipe, vocabulary(), tasks, rank, ranks, draw=no_pixels)

    def __getitem__(self, step: int) -> Made:
        shown = self.feed.shown_at(step)
        scenes = tuple(each.scene for each in shown if each.scene)
        return Made(step, sent(self.feed.batch_of(shown)), scenes, tuple(self.feed.wanted_at(step)))


def from_step(first: int, feed: Feed, processes: int) -> "Feed | Ahead":
    """The feed itself where no processes help it, or a person's own rows are in it: what is refused of these is
    counted in one process.
    """
    return Ahead(feed, processes, first) if processes and not feed.own else feed


class Ahead:
    """The batches of a feed, from a step on, as `processes` make them."""

    def __init__(self, feed: Feed, processes: int, first: int) -> None:
        self.feed = feed
        self.made: Iterator[Made] = iter(
            DataLoader(
                Steps(feed),
                batch_size=None,
                sampler=range(first, feed.recipe.steps),
                num_workers=processes,
                prefetch_factor=EACH,
                collate_fn=as_it_is,  # pyright: ignore[reportArgumentType]: of one, without a batch
                worker_init_fn=heedless,
                multiprocessing_context="spawn",
                generator=torch.Generator(),  # else seeds for the others are drawn from what decides the run
            )
        )

    def at(self, step: int) -> tuple[Batch, Paintings | None]:
        """As the feed has it; steps are asked for in their order."""
        made = next(self.made)
        assert made.step == step
        pictures = self.feed.draw(made.scenes, self.feed.recipe.model.shape.side)
        return replace(received(made.batch), pictures=pictures), self.feed.paintings_of(made.wanted)


def heedless(process: int) -> None:
    """Ctrl-C is for the process that trains, which ends its step first. Each takes one core."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)


def as_it_is(made: Made) -> Made:
    return made


def no_pixels(scenes: Sequence[Scene], side: int) -> Tensor:
    return torch.zeros(len(scenes), 0, 0, 3, dtype=torch.uint8)


def sent(batch: Batch) -> tuple[Sent, ...]:
    arrays = [getattr(batch, field.name).numpy() for field in fields(batch)]
    return tuple(Bits(np.packbits(each), each.shape) if each.dtype == bool else each for each in arrays)


def received(batch: Sequence[Sent]) -> Batch:
    return Batch(*(torch.from_numpy(unpacked(each) if isinstance(each, Bits) else each) for each in batch))


def unpacked(bits: Bits) -> NDArray[np.bool_]:
    return np.unpackbits(bits.packed, count=math.prod(bits.shape)).reshape(bits.shape).view(bool)
