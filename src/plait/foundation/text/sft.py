"""Supervised fine-tuning of adapters: the model learns the right answers of token rows.

Only tokens that the grammar leaves open carry loss, so only their hidden states go through the output matrix: eight of
342 tokens in a row of `home_command`.
"""

import hashlib
from collections.abc import Sequence

import torch
from pydantic import JsonValue
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer

from plait.core.errors import CheckpointError
from plait.foundation.text.adapt_request import SftConfig
from plait.foundation.text.batch_plan import config_plan
from plait.foundation.text.lora import adapter_weights
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
from plait.foundation.training.objective import Objective
from plait.foundation.training.optimizers import new_optimizers

MAX_WARMUP = 20  # steps


class AdapterParameters(nn.Module):
    """The trainable parameters of a model's adapters. Checkpoints hold these alone, not the frozen model."""

    def __init__(self, model: TextDecoder) -> None:
        super().__init__()
        for name, weight in adapter_weights(model).items():
            assert isinstance(weight, nn.Parameter)
            self.register_parameter(name.replace(".", "_"), weight)


class SftObjective(Objective[TokenBatch, AdapterParameters]):
    """Loss: `answer`, the weighted mean of the cross-entropies of the learned tokens of a batch, in nats.

    The batches of all steps follow from rows and configuration. `base_sha256` is that of the model's file.
    """

    def __init__(self, model: TextDecoder, rows: Sequence[TokenRow], config: SftConfig, base_sha256: str) -> None:
        super().__init__(AdapterParameters(model))
        self.model, self.rows, self.config, self.base_sha256 = model, rows, config, base_sha256
        self.plan = config_plan([row.token_ids for row in rows], config)
        self.rows_sha256 = hashlib.sha256(repr(tuple(rows)).encode()).hexdigest()
        self.first_adapted = config.lora.first_layer(len(model.layers))

    @property
    def fingerprint(self) -> RunFingerprint:
        lora = {name: list(each) if isinstance(each, tuple) else each for name, each in vars(self.config.lora).items()}
        recipe = {**vars(self.config), "lora": lora, "rows": self.rows_sha256}
        return RunFingerprint({"base": self.base_sha256}, str(self.model.config.num_tokens), recipe)

    def optimizers(self) -> list[Optimizer]:
        return new_optimizers(self.module.named_parameters(), optimizer_config(self.config), lambda name: True)

    def batch(self, step: int) -> TokenBatch:
        rows = [self.rows[number] for number in self.plan[step]]
        return pack_rows(rows, sharing=self.config.share_prefixes)

    def loss(self, batch: TokenBatch) -> dict[str, Tensor]:
        return {"answer": batch.mean_loss(self.target_log_probs(batch))}

    def target_log_probs(self, batch: TokenBatch) -> Tensor:
        """Log-probability of each learned token, given everything before it."""
        x = self.model.token_embd(batch.token_ids)
        with torch.no_grad():  # below the lowest adapter nothing is learned
            x = self.model.run_layers(x, batch.documents, slice(0, self.first_adapted))
        x = self.model.run_layers(x, batch.documents, slice(self.first_adapted, None))
        logits = self.model.logits(self.model.output_norm(x[batch.predicting]))
        return -F.cross_entropy(logits, batch.targets, reduction="none")

    def check_data_position(self, position: JsonValue, step: int) -> None:
        if position != {"step": step}:
            raise CheckpointError(f"the checkpoint of step {step} is at another place in the data", hint="--fresh")


def optimizer_config(config: SftConfig) -> OptimizerConfig:
    """AdamW alone, and no average: an adapter learns for some hundred steps only."""
    return OptimizerConfig(adamw_lr=config.learning_rate, adamw_betas=(0.9, 0.99), ema=0.0)


def trainer_config(name: str, objective: SftObjective, run: RunConfig) -> TrainerConfig:
    """One phase over all batches."""
    phase = TrainingPhase("sft", len(objective.plan))
    warmup = min(MAX_WARMUP, max(1, len(objective.plan) // 10))
    schedule = LearningRateSchedule(warmup=warmup, decay=0.9, floor=0.0)
    return TrainerConfig(name, (phase,), optimizer_config(objective.config), schedule, run)
