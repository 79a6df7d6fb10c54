"""Sources mixed by weight, in an order that is computed: sample k follows from the seed and k alone.

A run goes on from a number, ranks share the numbers between them, and nothing is kept. Within a block of BLOCK samples
each source has as many as its weight says, spread evenly with a jitter; a source with an end is gone through in a new
order each epoch, every row once. Of a weight no more than 1/BLOCK of the whole is lost to rounding.
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
MIN_SAMPLES = 50  # samples drawn, before the share of refused ones says anything
MAX_REJECTED_SHARE = 0.2


@dataclass(frozen=True)
class WeightedSource(Generic[T]):
    """Only the proportions of weights count."""

    source: SampleSource[T]
    weight: float = 1.0


@dataclass(frozen=True)
class MixturePosition:
    """Where a sample comes from: which part, the how manieth of that part it is, in which epoch, at which place."""

    source_index: int
    draw_index: int
    epoch: int
    row_index: int


@dataclass
class RejectionCounter:
    """How many of the samples that were drawn turned out to be none."""

    num_samples: int = 0
    num_rejected: int = 0

    def record(self, error: InputError) -> None:
        """One more. Raises InputError where these are too many."""
        self.num_rejected += 1
        if self.num_samples >= MIN_SAMPLES and self.num_rejected > MAX_REJECTED_SHARE * self.num_samples:
            raise InputError(
                f"{self.num_rejected:,} of {self.num_samples:,} samples could not be read, the last: {error.message}",
                hint="the data changed since it was checked: mend it, then resume",
            ) from None


@dataclass(frozen=True)
class Mixture(Generic[T]):
    """Raises InputError where there is nothing to draw from."""

    sources: tuple[WeightedSource[T], ...]
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.sources:
            raise InputError("there is nothing to learn from", hint="give worlds a weight, or name a [[data.source]]")
        for part in self.sources:
            if not part.weight > 0:
                raise InputError(f"{part.source.name} has the weight {part.weight}", hint="write one above 0")
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
            return MixturePosition(part, nth, 0, nth)
        epoch, at = divmod(nth, length)
        return MixturePosition(part, nth, epoch, permuted_index(at, length, self.seed, part, epoch))

    def sample(self, index: int) -> T:
        """Raises InputError where the sample turns out to be none."""
        position = self.position(index)
        return self.sources[position.source_index].source.sample(position.row_index)


def apportion(weights: Sequence[float], total: int) -> tuple[int, ...]:
    """Whole numbers in the proportion of the weights that sum to the total, each at least 1: largest remainders.

    Raises InputError where there are more weights than that.
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
    """For each place of a block its part, and the how manieth of this part within the block it is."""
    # In steps of 2**-64 of the block: sample `rank` of a part falls somewhere into its own of the part's equal shares.
    shuffled = [
        (((rank << 64) + hash64(seed, block, part, rank)) // count, part, rank)
        for part, count in enumerate(counts)
        for rank in range(count)
    ]
    return tuple((part, rank) for _, part, rank in sorted(shuffled))
