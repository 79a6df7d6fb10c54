"""Kahneman-Tversky optimisation (Ethayarajh et al. 2024, arXiv 2402.01306), from answers marked right or wrong.

No pairs are needed: a right answer is to gain more, and a wrong one less, than other answers to the prompt do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import torch
from jaxtyping import Float
from torch import Tensor

from plait.foundation.text.adapt_request import KtoConfig
from plait.foundation.text.model import TextDecoder
from plait.foundation.text.preference_objective import PairBatch, PreferenceObjective
from plait.foundation.text.preference_row import MarkedRow
from plait.foundation.text.token_row import TokenRow
from plait.foundation.training.objective import LossBreakdown


@dataclass(frozen=True)
class KtoRow:
    """An answer, and that of another row to the same prompt, from which the KL divergence is estimated."""

    own: TokenRow
    other: TokenRow
    is_right: bool

    @property
    def token_ids(self) -> tuple[int, ...]:
        return self.own.token_ids + self.other.answer

    @property
    def answers(self) -> tuple[TokenRow, TokenRow]:
        return self.own, self.other


def with_other_answers(rows: Sequence[MarkedRow], seed: int) -> tuple[KtoRow, ...]:
    """Each row with the answer of the row that follows it in a random order.

    The paper takes the next row of the batch. Here it stays the same for the whole run, so that its reference does too.
    """
    order = Random(f"others {seed}").sample(range(len(rows)), len(rows))
    following = dict(zip(order, order[1:] + order[:1], strict=True))
    others = (rows[following[number]].row for number in range(len(rows)))
    return tuple(
        KtoRow(each.row, TokenRow(each.row.prompt, other.answer, other.learned), each.is_right)
        for each, other in zip(rows, others, strict=True)
    )


class KtoObjective(PreferenceObjective[KtoRow]):
    """Loss: `preference`, the mean of w (1 - sigmoid(beta (r - z))) for right answers and w (1 - sigmoid(beta (z - r)))
    for wrong ones (equation 8): r is the log-ratio of an answer, z that of the other answers of the batch, at least 0.

    The weights w make right and wrong rows weigh alike.
    """

    def __init__(
        self, model: TextDecoder, rows: Sequence[MarkedRow], config: KtoConfig, base_sha256: str, folder: Path
    ) -> None:
        super().__init__(model, with_other_answers(rows, config.seed), config, base_sha256, folder)
        right = sum(row.is_right for row in rows)
        self.mark_weights = mark_weights(right, len(rows) - right)

    def pair_loss(self, batch: PairBatch[KtoRow], log_ratios: Float[Tensor, "n 2"]) -> dict[str, Tensor]:
        own, other = log_ratios.unbind(1)
        divergence = other.detach().mean().clamp(min=0)
        signs = own.new_tensor([1.0 if row.is_right else -1.0 for row in batch.rows])
        weights = own.new_tensor([self.mark_weights[row.is_right] for row in batch.rows])
        gains = signs * (own - divergence)
        self.breakdown = LossBreakdown({"divergence": divergence, "as_marked": (gains.detach() > 0).float().mean()})
        return {"preference": (weights * (1 - torch.sigmoid(self.config.beta * gains))).mean()}


def mark_weights(right: int, wrong: int) -> tuple[float, float]:
    """The weights of a wrong and of a right row: that of the rarer kind is above 1."""
    if not right or not wrong:
        return 1.0, 1.0
    return max(1.0, right / wrong), max(1.0, wrong / right)
