"""Weighted mixture of sources in a computed order: sample k depends only on the seed and k.

A run resumes from a number, and ranks share the numbers; no state is kept. Within a block of BLOCK samples each source
has as many as its weight gives, spread evenly with jitter. A finite source is traversed in a new order each epoch,
every row once. Rounding changes the share of a source by at most 1/BLOCK of the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Generic, TypeVar

from plait.core.errors import InputError
from plait.foundation.data.permutation import hash64, permuted_index
from plait.foundation.data.source import SampleSource

T = TypeVar("T")
BLOCK = 1_024
MIN_SAMPLES = 50  # samples before the share of rejected ones is significant
MAX_REJECTED_SHARE = 0.2


@dataclass(frozen=True)
class WeightedSource(Generic[T]):
    """A source and its weight; only the proportions of weights count."""

    source: SampleSource[T]
    weight: float = 1.0


@dataclass(frozen=True)
class MixturePosition:
    """Origin of a sample: its source, and the index in the source."""

    source_index: int
    row_index: int


@dataclass
class RejectionCounter:
    """Counts rejected samples among those read."""

    num_samples: int = 0
    num_rejected: int = 0

    def record(self, error: InputError) -> None:
        """Counts one rejected sample. Raises InputError if there are too many."""
        self.num_rejected += 1
        if self.num_samples >= MIN_SAMPLES and self.num_rejected > MAX_REJECTED_SHARE * self.num_samples:
            raise InputError(
                f"{self.num_rejected:,} of {self.num_samples:,} samples could not be read, the last: {error.message}",
                hint="the data changed since it was checked: correct it, then resume",
            ) from None


@dataclass(frozen=True)
class Mixture(Generic[T]):
    """Weighted mixture of sources. Raises InputError if there are none."""

    sources: tuple[WeightedSource[T], ...]
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.sources:
            raise InputError("the recipe has no training data", hint="give worlds a weight, or name a [[data.source]]")
        for part in self.sources:
            if not part.weight > 0:
                raise InputError(f"{part.source.name} has the weight {part.weight}", hint="write a weight above 0")
            if part.source.length == 0:
                raise InputError(f"{part.source.name} has no rows")

    @cached_property
    def block_counts(self) -> tuple[int, ...]:
        return apportion([part.weight for part in self.sources], BLOCK)

    def position(self, index: int) -> MixturePosition:
        block, offset = divmod(index, BLOCK)
        part, rank = block_layout(self.block_counts, self.seed, block)[offset]
        nth = block * self.block_counts[part] + rank
        length = self.sources[part].source.length
        if length is None:
            return MixturePosition(part, nth)
        epoch, at = divmod(nth, length)
        return MixturePosition(part, permuted_index(at, length, self.seed, part, epoch))

    def sample(self, index: int) -> T:
        """The sample at an index. Raises InputError if it cannot be used."""
        position = self.position(index)
        return self.sources[position.source_index].source.sample(position.row_index)


def apportion(weights: Sequence[float], total: int) -> tuple[int, ...]:
    """Whole numbers proportional to the weights that sum to the total, each at least 1 (largest remainders).

    Raises InputError if there are more weights than the total.
    """
    if len(weights) > total:
        raise InputError(f"{len(weights):,} sources are more than the {total:,} that can be mixed")
    num_free = total - len(weights)
    exact = [weight / sum(weights) * total - 1 for weight in weights]
    total_weight = sum(max(0.0, each) for each in exact) or 1.0
    exact = [max(0.0, each) * num_free / total_weight for each in exact]
    counts = [int(each) for each in exact]
    by_remainder = sorted(range(len(weights)), key=lambda index: counts[index] - exact[index])
    for index in by_remainder[: num_free - sum(counts)]:
        counts[index] += 1
    return tuple(each + 1 for each in counts)


@lru_cache(maxsize=16)
def block_layout(counts: tuple[int, ...], seed: int, block: int) -> tuple[tuple[int, int], ...]:
    """For each place of a block: its source, and the rank of the sample among those of the source in the block."""
    # In units of 2**-64 of the block: sample `rank` of a source is placed at random within its own equal share.
    shuffled = [
        (((rank << 64) + hash64(seed, block, part, rank)) // count, part, rank)
        for part, count in enumerate(counts)
        for rank in range(count)
    ]
    return tuple((part, rank) for _, part, rank in sorted(shuffled))
