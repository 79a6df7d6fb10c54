"""Training of adapters: batches of a run, log-probabilities of learned tokens, and fine-tuning on right answers.

Only tokens that the grammar leaves open carry loss, so only their hidden states go through the output matrix: eight of
342 tokens in a row of `home_command`.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import torch
from jaxtyping import Float, Int
from pydantic import JsonValue
from torch import Tensor
from torch.nn import functional as F
from torch.optim import Optimizer

from plait.core.errors import CheckpointError
from plait.foundation.text.adapt_request import AdaptConfig, MethodConfig, check_processes, effective_config
from plait.foundation.text.batch_plan import config_plan
from plait.foundation.text.model import TextDecoder
from plait.foundation.text.packing import TokenBatch, pack_rows
from plait.foundation.text.token_row import TokenRow
from plait.foundation.training.checkpoint import RunFingerprint
from plait.foundation.training.config import (
    LearningRateSchedule,
    OptimizerConfig,
    RunConfig,
    TrainerConfig,
    TrainingPhase,
)
from plait.foundation.training.distributed import rank_and_world_size
from plait.foundation.training.lora import AdapterParameters
from plait.foundation.training.objective import Objective
from plait.foundation.training.optimizers import new_optimizers
from plait.foundation.training.sharding import shard

MAX_WARMUP = 20  # steps


class PlannedRow(Protocol):
    """A row of training data with all tokens that it takes to compute."""

    @property
    def token_ids(self) -> tuple[int, ...]: ...


RowT = TypeVar("RowT", bound=PlannedRow)
BatchT = TypeVar("BatchT")


class AdapterObjective(Objective[BatchT, AdapterParameters], Generic[RowT, BatchT]):
    """Trains the adapters of a model. The batches of all steps follow from rows and configuration.

    `base_sha256` is that of the model's file; `module` has other parameters beside those of the adapters. Several
    processes share the rows of each step, and shard the frozen weights and the adapters.
    """

    def __init__(
        self,
        model: TextDecoder,
        rows: Sequence[RowT],
        config: MethodConfig,
        base_sha256: str,
        module: AdapterParameters | None = None,
    ) -> None:
        super().__init__(module or AdapterParameters(model))
        self.model, self.rows, self.base_sha256 = model, rows, base_sha256
        self.adapt_config = config
        self.plan = config_plan([row.token_ids for row in rows], config)
        self.rows_sha256 = hashlib.sha256(repr(tuple(rows)).encode()).hexdigest()
        self.first_adapted = config.effective_lora.first_layer(len(model.layers))

    @property
    def fingerprint(self) -> RunFingerprint:
        config = effective_config(self.adapt_config)
        lora = {name: list(each) if isinstance(each, tuple) else each for name, each in vars(config.lora).items()}
        # The rows of another method are others, so its name is not needed.
        values = {name: each for name, each in vars(config).items() if name != "method"}
        recipe = {**values, "lora": lora, "rows": self.rows_sha256}
        return RunFingerprint({"base": self.base_sha256}, str(self.model.config.num_tokens), recipe)

    def optimizers(self) -> list[Optimizer]:
        return new_optimizers(self.module.named_parameters(), optimizer_config(self.adapt_config), lambda name: True)

    def distribute(self, *, shards: bool) -> None:
        check_processes(self.adapt_config.method, rank_and_world_size()[1])
        shard(self.model, self.model.layers)
        self.module = AdapterParameters(self.model)  # what was a parameter is now a part of one

    @property
    def device(self) -> torch.device:
        return next(self.module.parameters()).device

    def token_batch(self, rows: Sequence[TokenRow]) -> TokenBatch:
        """The rows as one batch, where the weights are."""
        return pack_rows(rows, sharing=self.adapt_config.share_prefixes).to(self.device)

    def rows_of_step(self, step: int) -> list[RowT]:
        return [self.rows[number] for number in self.numbers_of_step(step)]

    def numbers_of_step(self, step: int) -> list[int]:
        """The numbers of the rows of this process. One without rows has the first, which then counts nothing."""
        rank, world_size = rank_and_world_size()
        return list(self.plan[step][rank::world_size]) or [self.plan[step][0]]

    def share(self, step: int, weight: Callable[[RowT], float]) -> float:
        """The factor of the mean over this process's rows, so that all processes together have the mean of the step.

        `weight` is that of a row in the mean.
        """
        rank, world_size = rank_and_world_size()
        weights = [weight(self.rows[number]) for number in self.plan[step]]
        return world_size * sum(weights[rank::world_size]) / sum(weights)

    def target_log_probs(self, batch: TokenBatch) -> Float[Tensor, " k"]:
        """Log-probability of each learned token, given everything before it."""
        logits = self.model.logits(self.hidden_states(batch, batch.predicting))
        return -F.cross_entropy(logits, batch.targets, reduction="none")

    def hidden_states(self, batch: TokenBatch, wanted: Int[Tensor, " k"]) -> Float[Tensor, "k d"]:
        """The states of the tokens at the wanted places, after the last norm."""
        return self.model(batch.token_ids, batch.documents, wanted=wanted, first_trained=self.first_adapted)

    def write_results(self, folder: Path) -> None:
        """Writes what a finished run has beside its adapter."""

    def check_data_position(self, position: JsonValue, step: int) -> None:
        if position != {"step": step}:
            raise CheckpointError(f"the checkpoint of step {step} is at another place in the data", hint="--fresh")


class SftObjective(AdapterObjective[TokenRow, TokenBatch]):
    """Supervised fine-tuning: the model learns the right answers of token rows.

    Loss: `answer`, the weighted mean of the cross-entropies of the learned tokens of a batch, in nats.
    """

    def batch(self, step: int) -> TokenBatch:
        share = self.share(step, lambda row: sum(row.target_weights))
        return replace(self.token_batch(self.rows_of_step(step)), share=share)

    def loss(self, batch: TokenBatch) -> dict[str, Tensor]:
        return {"answer": batch.share * batch.mean_loss(self.target_log_probs(batch))}


def optimizer_config(config: AdaptConfig) -> OptimizerConfig:
    """AdamW alone, and no average: an adapter learns for some hundred steps only."""
    return OptimizerConfig(adamw_lr=config.effective_learning_rate, adamw_betas=(0.9, 0.99), ema=0.0)


def trainer_config(name: str, objective: "AdapterObjective[RowT, BatchT]", run: RunConfig) -> TrainerConfig:
    """One phase over all batches."""
    phase = TrainingPhase(objective.adapt_config.method, len(objective.plan))
    warmup = min(MAX_WARMUP, max(1, len(objective.plan) // 10))
    schedule = LearningRateSchedule(warmup=warmup, decay=0.9, floor=0.0)
    return TrainerConfig(name, (phase,), optimizer_config(objective.adapt_config), schedule, run)
