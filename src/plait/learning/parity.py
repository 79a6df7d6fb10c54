"""Parity: whether a served adapter computes what its trainer computed.

The most reported fault of fine-tuning is a model that is good in the trainer and bad once served: another template, an
adapter with the wrong strength, rows of queries and keys in the wrong order. So both compute the log-probabilities of
the same answers, token by token, before an adapter answers anybody.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from plait.foundation.cards.gguf.header import GgufHeader
from plait.foundation.text.token_row import TokenRow
from plait.foundation.training.likely_tokens import MIN_POSITIONS, LikelyToken

LEAST_LOG_PROB = -20.0  # nats; the log-probability of a token that the server does not list
EXACT_FORMATS = ("F32", "F16", "BF16")

ServedLogProbs = Callable[[Sequence[int]], Awaitable[Mapping[int, float]]]


@dataclass(frozen=True)
class ParityLimits:
    """The largest median and 99th percentile of |Δ log p|, in nats."""

    median: float
    percentile: float


QUANTIZED = ParityLimits(0.05, 0.3)
HALF_PRECISION = ParityLimits(0.005, 0.02)  # what llama.cpp's cache in 16 bits costs


@dataclass(frozen=True)
class ServingParity:
    """The differences of log-probabilities between server and trainer, over the `positions` of `rows` answers.

    `different_rows` have other token ids on the server.
    """

    rows: int
    positions: int
    median: float
    percentile: float
    largest: float
    different_rows: int
    limits: ParityLimits
    min_positions: int = MIN_POSITIONS

    @property
    def fault(self) -> str:
        """What is wrong; "" if both agree."""
        if self.different_rows:
            return f"{self.different_rows} of {self.rows} rows have other token ids on the server"
        if self.positions < self.min_positions:
            return f"{self.positions} positions were compared, and {self.min_positions} are the least"
        if self.median > self.limits.median:
            return f"median |Δ log p| {self.median:.4f} nat, and {self.limits.median:g} is the limit"
        if self.percentile > self.limits.percentile:
            return (
                f"99th percentile of |Δ log p| {self.percentile:.4f} nat, and {self.limits.percentile:g} is the limit"
            )
        return ""

    def __str__(self) -> str:
        return (
            f"|Δ log p| median {self.median:.4f} (limit {self.limits.median:g}), 99th percentile {self.percentile:.4f} "
            f"(limit {self.limits.percentile:g}) at {self.positions} positions of {self.rows} rows, "
            f"{'token ids equal' if not self.different_rows else f'{self.different_rows} rows with other token ids'}"
        )


def parity_limits(base: GgufHeader) -> ParityLimits:
    """The limits of a base model: wider if any of its matrices is quantized."""
    formats = {each.tensor_type.name for each in base.tensors.values()}
    return HALF_PRECISION if formats <= set(EXACT_FORMATS) else QUANTIZED


async def measure_parity(
    trained: Sequence[TokenRow],
    served: Sequence[TokenRow],
    likely: Sequence[LikelyToken],
    served_log_probs: ServedLogProbs,
    limits: ParityLimits,
    min_positions: int = MIN_POSITIONS,
) -> ServingParity:
    """Compares the trainer's `likely` tokens of its rows with the server's log-probabilities of the same tokens.

    `served` are the rows of the same examples as the server makes them now; it computes with its own token ids.
    """
    compared = list(islice(likely, max(min_positions, 0)))
    differences: list[float] = []
    for each in compared:
        row = served[each.row]
        end = max(len(row.prompt) + each.position, 1)
        log_probs = await served_log_probs(row.token_ids[:end])
        differences.append(abs(each.log_prob - log_probs.get(each.token_id, LEAST_LOG_PROB)))
    numbers = sorted({each.row for each in compared})
    different = sum(trained[number].token_ids != served[number].token_ids for number in numbers)
    return parity_of(len(numbers), differences, different, limits, min_positions)


def parity_of(
    rows: int, differences: Sequence[float], different_rows: int, limits: ParityLimits, min_positions: int
) -> ServingParity:
    """The parity of log-probabilities that differ so much, at one position each."""
    ordered = sorted(differences)
    median, percentile, largest = (quantile(ordered, share) for share in (0.5, 0.99, 1.0))
    return ServingParity(rows, len(ordered), median, percentile, largest, different_rows, limits, min_positions)


def quantile(ordered: Sequence[float], share: float) -> float:
    """The quantile of sorted numbers; 0 without any."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
