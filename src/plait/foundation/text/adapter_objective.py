"""Training of adapters: batches of a run, log-probabilities of learned tokens, and fine-tuning on right answers.

Only tokens that the grammar leaves open carry loss, so only their hidden states go through the output matrix: eight of
342 tokens in a row of `home_command`.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import torch
from jaxtyping import Float, Int
from pydantic import JsonValue
from torch import Tensor
from torch.nn import functional as F
from torch.optim import Optimizer

from plait.core.errors import CheckpointError
from plait.foundation.text.adapt_request import AdaptConfig, MethodConfig
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
from plait.foundation.training.lora import AdapterParameters
from plait.foundation.training.objective import Objective
from plait.foundation.training.optimizers import new_optimizers

MAX_WARMUP = 20  # steps


class PlannedRow(Protocol):
    """A row of training data with all tokens that it takes to compute."""

    @property
    def token_ids(self) -> tuple[int, ...]: ...


RowT = TypeVar("RowT", bound=PlannedRow)
BatchT = TypeVar("BatchT")


class AdapterObjective(Objective[BatchT, AdapterParameters], Generic[RowT, BatchT]):
    """Trains the adapters of a model. The batches of all steps follow from rows and configuration.

    `base_sha256` is that of the model's file; `module` has other parameters beside those of the adapters.
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
        self.first_adapted = config.lora.first_layer(len(model.layers))

    @property
    def fingerprint(self) -> RunFingerprint:
        config = self.adapt_config
        lora = {name: list(each) if isinstance(each, tuple) else each for name, each in vars(config.lora).items()}
        # The rows of another method are others, so its name is not needed.
        values = {name: each for name, each in vars(config).items() if name != "method"}
        recipe = {**values, "lora": lora, "rows": self.rows_sha256}
        return RunFingerprint({"base": self.base_sha256}, str(self.model.config.num_tokens), recipe)

    def optimizers(self) -> list[Optimizer]:
        return new_optimizers(self.module.named_parameters(), optimizer_config(self.adapt_config), lambda name: True)

    def rows_of_step(self, step: int) -> list[RowT]:
        return [self.rows[number] for number in self.plan[step]]

    def target_log_probs(self, batch: TokenBatch) -> Float[Tensor, " k"]:
        """Log-probability of each learned token, given everything before it."""
        logits = self.model.logits(self.hidden_states(batch, batch.predicting))
        return -F.cross_entropy(logits, batch.targets, reduction="none")

    def hidden_states(self, batch: TokenBatch, wanted: Int[Tensor, " k"]) -> Float[Tensor, "k d"]:
        """The states of the tokens at the wanted places, after the last norm."""
        x = self.model.token_embd(batch.token_ids)
        with torch.no_grad():  # below the lowest adapter nothing is learned
            x = self.model.run_layers(x, batch.documents, slice(0, self.first_adapted))
        x = self.model.run_layers(x, batch.documents, slice(self.first_adapted, None))
        return self.model.output_norm(x[wanted])

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
        return pack_rows(self.rows_of_step(step), sharing=self.adapt_config.share_prefixes)

    def loss(self, batch: TokenBatch) -> dict[str, Tensor]:
        return {"answer": batch.mean_loss(self.target_log_probs(batch))}


def optimizer_config(config: AdaptConfig) -> OptimizerConfig:
    """AdamW alone, and no average: an adapter learns for some hundred steps only."""
    return OptimizerConfig(adamw_lr=config.learning_rate, adamw_betas=(0.9, 0.99), ema=0.0)


def trainer_config(name: str, objective: "AdapterObjective[RowT, BatchT]", run: RunConfig) -> TrainerConfig:
    """One phase over all batches."""
    phase = TrainingPhase(objective.adapt_config.method, len(objective.plan))
    warmup = min(MAX_WARMUP, max(1, len(objective.plan) // 10))
    schedule = LearningRateSchedule(warmup=warmup, decay=0.9, floor=0.0)
    return TrainerConfig(name, (phase,), optimizer_config(objective.adapt_config), schedule, run)
