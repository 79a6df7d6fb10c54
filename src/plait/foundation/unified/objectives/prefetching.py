"""Prefetches batches in worker processes; otherwise the GPU waits for Python.

On a GPU a step takes as long as Python takes to make its batch. The content of a step depends on its number alone, so
it is the same with and without workers. The training process renders images and computes their codes on its device, so
that little data is transferred from the workers.
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
from plait.foundation.unified.objectives.batch_stream import BatchStream
from plait.foundation.unified.objectives.batches import Batch
from plait.foundation.unified.objectives.painting_batches import PaintingBatch, PaintingExample
from plait.foundation.unified.worlds.scene import Scene

PREFETCH_FACTOR = 2  # batches that each process prefetches


@dataclass(frozen=True)
class PackedBits:
    """Booleans packed eight to a byte: nearly all of a batch is boolean, 48 MB for base."""

    data: NDArray[np.uint8]
    shape: tuple[int, ...]


PackedArray = PackedBits | NDArray[np.generic]


@dataclass(frozen=True)
class PreparedStep:
    """A step without its images."""

    step: int
    batch: tuple[PackedArray, ...]
    scenes: tuple[Scene, ...]
    painting_examples: tuple[PaintingExample, ...]


class StepDataset(Dataset[PreparedStep]):
    """Samples of each step, without images.

    The stream is built in the worker, since its vocabulary cannot be pickled.
    """

    def __init__(self, stream: BatchStream) -> None:
        self.stream_arguments = stream.recipe, stream.tasks, stream.rank, stream.world_size

    @cached_property
    def stream(self) -> BatchStream:
        recipe, tasks, rank, ranks = self.stream_arguments
        return BatchStream(recipe, vocabulary(), tasks, rank, ranks, draw=empty_pictures)

    def __getitem__(self, step: int) -> PreparedStep:
        samples = self.stream.samples_at(step)
        scenes = tuple(each.scene for each in samples if each.scene)
        return PreparedStep(
            step, pack_batch(self.stream.collate(samples)), scenes, tuple(self.stream.painting_examples_at(step))
        )


class RemainingSteps:
    """Numbers of the remaining steps; `skip_to` removes some."""

    def __init__(self, first_step: int, end: int) -> None:
        self.next, self.end = first_step, end

    def __iter__(self) -> Iterator[int]:
        while self.next < self.end:
            self.next += 1
            yield self.next - 1

    def skip_to(self, step: int) -> None:
        self.next = max(self.next, step)


def batch_stream(first_step: int, stream: BatchStream, workers: int) -> "BatchStream | PrefetchingStream":
    """A prefetching stream; the stream itself without workers, or if it has the user's own rows.

    Rejected rows are counted in one process.
    """
    return PrefetchingStream(stream, workers, first_step) if workers and not stream.user_sources else stream


class PrefetchingStream:
    """Batches of a stream from a step on, prefetched by `workers` processes."""

    def __init__(self, stream: BatchStream, workers: int, first_step: int) -> None:
        self.stream = stream
        self.sampler = RemainingSteps(first_step, stream.recipe.steps)
        self.pending: PreparedStep | None = None
        self.prepared_steps: Iterator[PreparedStep] = iter(
            DataLoader(
                StepDataset(stream),
                batch_size=None,
                sampler=self.sampler,
                num_workers=workers,
                prefetch_factor=PREFETCH_FACTOR,
                collate_fn=identity,  # pyright: ignore[reportArgumentType]: of one, without a batch
                worker_init_fn=init_worker,
                multiprocessing_context="spawn",
                generator=torch.Generator(),  # else worker seeds advance the run's generator
            )
        )

    def next_step(self, step: int) -> int:
        """Number of the next batch: `step`, or a later one if steps were skipped."""
        self.pending = self.pending or next(self.prepared_steps)
        assert self.pending.step >= step
        return self.pending.step

    def skip_to(self, step: int) -> None:
        """Skips the steps before this one, except those already prefetched."""
        self.sampler.skip_to(step)

    def batches_at(self, step: int) -> tuple[Batch, PaintingBatch | None]:
        """Batches of a step, as from BatchStream. Steps must be requested in order."""
        prepared, self.pending = self.pending or next(self.prepared_steps), None
        assert prepared.step == step
        pictures = self.stream.draw(prepared.scenes, self.stream.recipe.model.shape.side)
        return replace(unpack_batch(prepared.batch), pictures=pictures), self.stream.collate_paintings(
            prepared.painting_examples
        )


def init_worker(worker_id: int) -> None:
    """Ignores Ctrl-C, which is for the training process: it finishes its step first. Each worker uses one core."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)


def identity(prepared_step: PreparedStep) -> PreparedStep:
    return prepared_step


def empty_pictures(scenes: Sequence[Scene], side: int) -> Tensor:
    return torch.zeros(len(scenes), 0, 0, 3, dtype=torch.uint8)


def pack_batch(batch: Batch) -> tuple[PackedArray, ...]:
    arrays = [getattr(batch, field.name).numpy() for field in fields(batch)]
    return tuple(PackedBits(np.packbits(each), each.shape) if each.dtype == bool else each for each in arrays)


def unpack_batch(arrays: Sequence[PackedArray]) -> Batch:
    return Batch(*(torch.from_numpy(unpack_bits(each) if isinstance(each, PackedBits) else each) for each in arrays))


def unpack_bits(bits: PackedBits) -> NDArray[np.bool_]:
    return np.unpackbits(bits.data, count=math.prod(bits.shape)).reshape(bits.shape).view(bool)
