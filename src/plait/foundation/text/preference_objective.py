"""Learning from two answers to each prompt, measured against what the model without adapters thinks of them."""

import hashlib
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from plait.foundation.text.adapt_request import DpoConfig, KtoConfig
from plait.foundation.text.adapter_objective import AdapterObjective, PlannedRow
from plait.foundation.text.batch_plan import batch_plan
from plait.foundation.text.model import TextDecoder
from plait.foundation.text.packing import TokenBatch
from plait.foundation.text.preference_row import PreferenceRow
from plait.foundation.text.reference_file import reference_log_probs
from plait.foundation.text.token_row import TokenRow
from plait.foundation.training.lora import reference_adapters
from plait.foundation.training.objective import LossBreakdown

REFERENCE_FILE = "reference.jsonl"


class PairRow(PlannedRow, Protocol):
    """A row with two answers to one prompt."""

    @property
    def answers(self) -> tuple[TokenRow, TokenRow]: ...


PairT = TypeVar("PairT", bound=PairRow)


@dataclass(frozen=True)
class PairBatch(Generic[PairT]):
    """Rows, their answers packed, the first of all rows before the second ones, and the reference of each answer."""

    rows: Sequence[PairT]
    tokens: TokenBatch
    reference: Float[Tensor, "n 2"]


class PreferenceObjective(AdapterObjective[PairT, PairBatch[PairT]]):
    """Losses of log-ratios: log π(y|x) - log π_ref(y|x) of each answer y, in nats; π_ref has no adapters.

    `folder` keeps the reference, which `start` computes.
    """

    def __init__(
        self, model: TextDecoder, rows: Sequence[PairT], config: DpoConfig | KtoConfig, base_sha256: str, folder: Path
    ) -> None:
        super().__init__(model, rows, config, base_sha256)
        self.config, self.folder = config, folder
        self.reference = torch.zeros(len(rows), 2)

    def start(self, step: int) -> None:
        config = self.config
        ids = [row.token_ids for row in self.rows]
        batches = batch_plan(ids, config.batch_tokens, 1, config.seed, sharing=config.share_prefixes)
        # Another batch has other rounding errors, so what determines the batches belongs to the identity.
        parts = (self.base_sha256, self.rows_sha256, batches)
        identity = hashlib.sha256(repr(parts).encode()).hexdigest()
        self.reference = reference_log_probs(self.folder / REFERENCE_FILE, identity, batches, self.log_probs_of_base)

    @torch.no_grad()
    def log_probs_of_base(self, numbers: Sequence[int]) -> Float[Tensor, "n 2"]:
        """What the model without adapters gives to the answers of these rows."""
        with reference_adapters(self.model):
            return self.log_probs(self.pack([self.rows[number] for number in numbers]))

    def batch(self, step: int) -> PairBatch[PairT]:
        rows = self.rows_of_step(step)
        tokens = replace(self.pack(rows), share=self.share(step, lambda row: 1.0))
        return PairBatch(rows, tokens, self.reference[self.numbers_of_step(step)].to(self.device))

    def pack(self, rows: Sequence[PairT]) -> TokenBatch:
        return self.token_batch([row.answers[index] for index in (0, 1) for row in rows])

    def log_probs(self, batch: TokenBatch) -> Float[Tensor, "n 2"]:
        """Log-probability of what is learned of each answer."""
        return batch.row_sums(self.target_log_probs(batch)).view(2, -1).T

    def loss(self, batch: PairBatch[PairT]) -> dict[str, Tensor]:
        return self.pair_loss(batch, self.log_probs(batch.tokens) - batch.reference)

    @abstractmethod
    def pair_loss(self, batch: PairBatch[PairT], log_ratios: Float[Tensor, "n 2"]) -> dict[str, Tensor]:
        """Losses by name, from the log-ratios of both answers."""


class DpoObjective(PreferenceObjective[PreferenceRow]):
    """Direct preference optimisation (Rafailov et al. 2023, arXiv 2305.18290): the chosen answer becomes likelier.

    Losses: `preference`, the mean of -log sigmoid(beta (r(chosen) - r(rejected))) for log-ratios r (equation 7), and
    `answer`, the weighted mean of the cross-entropies of the chosen answers (Pang et al. 2024, arXiv 2404.19733,
    equation 2): pairs that the model did not write itself teach it to write neither of the two otherwise.
    """

    def loss(self, batch: PairBatch[PreferenceRow]) -> dict[str, Tensor]:
        assert isinstance(self.config, DpoConfig)
        log_probs = self.log_probs(batch.tokens)
        losses = self.pair_loss(batch, log_probs - batch.reference)
        if self.config.answer_weight:
            counts = torch.tensor(batch.tokens.counts[: len(batch.rows)], device=log_probs.device).clamp(min=1)
            answer = -(log_probs[:, 0] / counts).mean()
            losses["answer"] = self.config.answer_weight * batch.tokens.share * answer
        return losses

    def pair_loss(self, batch: PairBatch[PreferenceRow], log_ratios: Float[Tensor, "n 2"]) -> dict[str, Tensor]:
        margins = margin(log_ratios)
        is_preferred = (margins > 0).float().mean()
        self.breakdown = LossBreakdown({"margin": margins.detach().mean(), "preferred": is_preferred})
        return {"preference": -batch.tokens.share * F.logsigmoid(self.config.beta * margins).mean()}


def margin(log_ratios: Float[Tensor, "n 2"]) -> Float[Tensor, " n"]:
    """By how much more the chosen answer has gained than the rejected one, in nats."""
    chosen, rejected = log_ratios.unbind(1)
    return chosen - rejected
