"""A reward model: how good an answer is, as a number, learned from pairs of answers (Bradley and Terry 1952).

The reward is a linear function of the last hidden state of prompt and answer, by the frozen model with adapters
(Ouyang et al. 2022, arXiv 2203.02155, equation 1). Its vector lies beside the adapter's file.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from plait.core.errors import CheckpointError
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.text.adapt_request import ADAPTER_FILE, RewardConfig
from plait.foundation.text.adapter_file import load_adapter, without_adapters
from plait.foundation.text.adapter_objective import AdapterObjective
from plait.foundation.text.model import TextDecoder
from plait.foundation.text.packing import TokenBatch, pack_rows
from plait.foundation.text.preference_row import PreferenceRow
from plait.foundation.text.reward_head import REWARD_FILE, RewardHead, read_reward_head, write_reward_head
from plait.foundation.text.token_row import TokenRow
from plait.foundation.training.lora import AdapterParameters
from plait.foundation.training.objective import LossBreakdown

BATCH_PAIRS = 8  # that are scored together


class RewardParameters(AdapterParameters):
    """Adapters and the vector of the reward, which begins at zero."""

    def __init__(self, model: TextDecoder) -> None:
        super().__init__(model)
        self.vector = nn.Parameter(torch.zeros_like(model.output_norm.weight))


class RewardObjective(AdapterObjective[PreferenceRow, TokenBatch]):
    """Loss: `preference`, the mean of -log sigmoid(r(chosen) - r(rejected)) for rewards r.

    `held_out` pairs are not learned; the head says how many of them the model orders as people do.
    """

    def __init__(
        self,
        model: TextDecoder,
        rows: Sequence[PreferenceRow],
        config: RewardConfig,
        base_sha256: str,
        held_out: Sequence[PreferenceRow] = (),
    ) -> None:
        self.parameters = RewardParameters(model)
        super().__init__(model, rows, config, base_sha256, self.parameters)
        self.held_out = held_out

    def batch(self, step: int) -> TokenBatch:
        rows = self.rows_of_step(step)
        return self.token_batch(pair_rows(rows))

    def loss(self, batch: TokenBatch) -> dict[str, Tensor]:
        chosen, rejected = self.rewards(batch).view(2, -1)
        is_right = (chosen > rejected).float().mean()
        self.breakdown = LossBreakdown({"margin": (chosen - rejected).detach().mean(), "preferred": is_right})
        return {"preference": -F.logsigmoid(chosen - rejected).mean()}

    def rewards(self, batch: TokenBatch) -> Float[Tensor, " n"]:
        """The reward of each row of a batch."""
        return self.hidden_states(batch, batch.last) @ self.parameters.vector

    def write_results(self, folder: Path) -> None:
        wins = list(self.wins(self.held_out))
        accuracy = sum(wins) / len(wins) if wins else None
        vector = tuple(self.parameters.vector.tolist())
        write_reward_head(RewardHead(self.base_sha256, vector, len(wins), accuracy), folder / REWARD_FILE)

    @torch.no_grad()
    def wins(self, pairs: Sequence[PreferenceRow]) -> Iterator[bool]:
        """Whether the chosen answer of each pair has the higher reward."""
        for start in range(0, len(pairs), BATCH_PAIRS):
            batch = self.token_batch(pair_rows(pairs[start : start + BATCH_PAIRS]))
            chosen, rejected = self.rewards(batch).view(2, -1)
            yield from (chosen > rejected).tolist()


def pair_rows(rows: Sequence[PreferenceRow]) -> list[TokenRow]:
    """The chosen answers of all rows, then the rejected ones."""
    return [*(row.chosen for row in rows), *(row.rejected for row in rows)]


@dataclass(frozen=True)
class RewardModel:
    """A trained reward model of a run's folder."""

    model: TextDecoder
    head: RewardHead

    @classmethod
    def load(cls, folder: Path, policy: TextDecoder, base_sha256: str) -> "RewardModel":
        """The reward model of a folder, which shares the frozen weights of the policy.

        Raises CheckpointError for a damaged one, and for one of another base: it reads other tokens.
        """
        head = read_reward_head(folder / REWARD_FILE)
        head.check_base(folder, base_sha256)
        model = without_adapters(policy)
        load_adapter(model, read_gguf_header(folder / ADAPTER_FILE))
        return cls(model.requires_grad_(False), head)

    def rewards(self, rows: Sequence[TokenRow]) -> list[float]:
        return answer_rewards(self.model, self.head, rows)


@torch.no_grad()
def answer_rewards(model: TextDecoder, head: RewardHead, rows: Sequence[TokenRow]) -> list[float]:
    """The rewards of answers by a model with the adapter of the reward. Raises CheckpointError for another width."""
    if len(head.vector) != model.config.width:
        raise CheckpointError(f"the reward has {len(head.vector)} features and the model {model.config.width}")
    vector = model.output_norm.weight.new_tensor(head.vector)
    batch = pack_rows(rows).to(vector.device)
    return (model(batch.token_ids, batch.documents, wanted=batch.last) @ vector).tolist()
