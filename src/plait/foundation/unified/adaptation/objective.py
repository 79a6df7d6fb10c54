"""Training of the adapters of a unified model by the losses that the model itself was trained with.

The auxiliary heads of those losses do not ship, so only the losses without a head are learned from: the ids of the
answer, and where the model looks while it reads a phrase (`pointer`) and writes about a box (`about`).
"""

import random
from collections.abc import Mapping
from typing import Generic, TypeVar

import torch
from pydantic import JsonValue
from torch import Tensor
from torch.optim import Optimizer

from plait.core.errors import CheckpointError, InputError
from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.data.mixture import Mixture, WeightedSource
from plait.foundation.data.source import SampleSource
from plait.foundation.data.sources.row_checks import open_rows
from plait.foundation.training.checkpoint import RunFingerprint
from plait.foundation.training.config import LearningRateSchedule, OptimizerConfig, TrainerConfig, TrainingPhase
from plait.foundation.training.lora import AdapterParameters
from plait.foundation.training.objective import Objective
from plait.foundation.training.optimizers import new_optimizers
from plait.foundation.unified.adaptation.drawings import Drawing, DrawingRows, drawing_batch
from plait.foundation.unified.adaptation.request import PictureAdaptConfig, PictureAdaptRequest
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.objectives.batches import Batch, Sample, collate
from plait.foundation.unified.objectives.encoded_examples import task_declaration
from plait.foundation.unified.objectives.load_balancing import BALANCE
from plait.foundation.unified.objectives.losses import LOSSES
from plait.foundation.unified.objectives.painting_batches import PaintingBatch
from plait.foundation.unified.objectives.training_module import TrainingModule
from plait.foundation.unified.objectives.user_rows import UserRows

# As in user_data.toml.
LOSS_WEIGHTS = {"text": 1.5, "boxes": 1.0, "truth": 1.0, "pointer": 0.5, "about": 0.5, "codes": 1.0}
MAX_WARMUP = 20  # steps


BatchT = TypeVar("BatchT", Batch, PaintingBatch)
SampleT = TypeVar("SampleT")


class PictureAdaptObjective(Objective[BatchT, AdapterParameters], Generic[SampleT, BatchT]):
    """Adapters of a model learn the rows of a request. The rows of a step follow from its number and the seed."""

    def __init__(
        self, model: UnifiedModel, request: PictureAdaptRequest, device: torch.device, rows: SampleSource[SampleT]
    ) -> None:
        """`model` has adapters."""
        super().__init__(AdapterParameters(model))
        self.request, self.config, self.device, self.rows = request, request.config, device, rows
        self.mixture = Mixture((WeightedSource(rows),), self.config.seed)
        self.training = TrainingModule(model, vocabulary(), (request.trained_task,)).to(device)
        self.training.heads.requires_grad_(False)

    @property
    def fingerprint(self) -> RunFingerprint:
        values = {name: each for name, each in vars(self.config).items() if name != "method"}
        recipe: dict[str, JsonValue] = {**values, "rows": self.rows.digest}
        return RunFingerprint({"base": self.request.base_sha256}, vocabulary().digest, recipe)

    @property
    def steps(self) -> int:
        return self.config.steps(self.rows.length or 0)

    def optimizers(self) -> list[Optimizer]:
        return new_optimizers(self.module.named_parameters(), optimizer_config(self.config), lambda name: True)

    def samples_at(self, step: int) -> list[SampleT]:
        first = step * self.config.batch_rows
        return [self.mixture.sample(index) for index in range(first, first + self.config.batch_rows)]

    def check_data_position(self, position: JsonValue, step: int) -> None:
        if position != {"step": step}:
            raise CheckpointError(f"the checkpoint of step {step} is at another place in the data", hint="--fresh")


class AnswerAdaptObjective(PictureAdaptObjective[Sample, Batch]):
    """Answers of words, boxes and truth values."""

    def batch(self, step: int) -> Batch:
        return collate(self.samples_at(step), vocabulary(), self.training.model.size.grid, self.training.tasks)

    def loss(self, batch: Batch) -> dict[str, Tensor]:
        losses, self.breakdown = self.training(batch.to(self.device))
        return losses


class DrawingAdaptObjective(PictureAdaptObjective[Drawing, PaintingBatch]):
    """Answers that are pictures: their codes, of which some are known."""

    def batch(self, step: int) -> PaintingBatch:
        rng = random.Random(f"drawings {self.config.seed} {step}")
        return drawing_batch(self.samples_at(step), self.training.model.size, rng)

    def loss(self, batch: PaintingBatch) -> dict[str, Tensor]:
        return self.training.painting_losses(batch.to(self.device))


def new_objective(
    model: UnifiedModel, request: PictureAdaptRequest, device: torch.device
) -> AnswerAdaptObjective | DrawingAdaptObjective:
    """What the task of the request trains. Raises InputError for rows that cannot be learned."""
    declaration = task_declaration(request.trained_task)
    if declaration.answer.media:
        return DrawingAdaptObjective(model, request, device, DrawingRows(request.rows, declaration, model.size))
    return AnswerAdaptObjective(model, request, device, readable_rows(request, model.size.side))


def readable_rows(request: PictureAdaptRequest, side: int) -> UserRows:
    """The rows of a request. Raises InputError if any cannot be learned."""
    rows = open_rows(request.rows, task_declaration(request.trained_task))
    if rows.bad_rows:
        raise InputError(str(rows.bad_rows[0]), hint="correct it, or remove the row")
    return UserRows(rows, Alphabet(vocabulary()), side)


def optimizer_config(config: PictureAdaptConfig) -> OptimizerConfig:
    """AdamW alone, and no average: an adapter learns for some hundred steps only."""
    return OptimizerConfig(adamw_lr=config.learning_rate, adamw_betas=(0.9, 0.99), ema=0.0)


def loss_weights() -> Mapping[str, float]:
    """The weight of each loss; 0 for those that need a head, or that are about frozen routers."""
    return {name: LOSS_WEIGHTS.get(name, 0.0) for name in (*LOSSES, BALANCE)}


def trainer_config(request: PictureAdaptRequest, steps: int) -> TrainerConfig:
    """One phase over all steps."""
    phase = TrainingPhase(request.config.method, steps, request.config.batch_rows, loss_weights=loss_weights())
    schedule = LearningRateSchedule(warmup=min(MAX_WARMUP, max(1, steps // 10)), decay=0.9, floor=0.0)
    return TrainerConfig(request.name, (phase,), optimizer_config(request.config), schedule, request.run)
