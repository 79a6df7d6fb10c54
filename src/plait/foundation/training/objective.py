"""What a training teaches: the interface between the Trainer and a model with its data.

The unified model, the image tokenizer and the judge each have an objective. It decides on batches and losses; the
Trainer does the rest: optimizers, averages, checkpoints, processes, logs.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from pydantic import JsonValue
from torch import Tensor, nn
from torch.optim import Optimizer

from plait.foundation.training.checkpoint import RunFingerprint, Tensors
from plait.foundation.training.monitor import ThresholdRule

BatchT = TypeVar("BatchT")


class LossBreakdown(NamedTuple):
    """Figures for the log alone: the loss by task, the share of the busiest and the idlest expert (1 is even)."""

    tasks: Mapping[str, Tensor] = {}
    experts: Mapping[str, Tensor] = {}


class Objective(ABC, Generic[BatchT]):
    """`module` has all weights, by the names that checkpoints have. The Trainer replaces `parallel` by what averages
    gradients over processes or shards weights, so `loss` calls that one, as a module.

    A batch follows from the number of its step alone: a run that was killed ends in the same weights.
    """

    module: nn.Module
    parallel: nn.Module
    breakdown: LossBreakdown = LossBreakdown()  # of the last loss
    alarm_rules: Sequence[ThresholdRule] = ()  # beyond those of every training
    first_step: int = 0
    has_unused_parameters: bool = False  # whether a step may leave weights without a gradient

    def __init__(self, module: nn.Module) -> None:
        self.module = self.parallel = module

    @property
    @abstractmethod
    def fingerprint(self) -> RunFingerprint:
        """What a checkpoint must agree on."""

    @abstractmethod
    def optimizers(self) -> list[Optimizer]: ...

    @abstractmethod
    def batch(self, step: int) -> BatchT:
        """The part of this process of the batch of a step, counted from 0. Steps are asked for in their order."""

    @abstractmethod
    def loss(self, batch: BatchT) -> dict[str, Tensor]:
        """Losses by name, not yet weighted."""

    def probes(self, step: int) -> dict[str, float]:
        """Figures by name that tell whether it learns what it should; `step` seeds the samples they are measured on."""
        return {}

    def start(self, step: int) -> None:
        """Called once before the batch of `step`, the first one of this session."""

    def next_step(self, step: int) -> int:
        """The next step to train, `step` or one after it where steps were left out."""
        return max(step, self.first_step)

    def skip_to(self, step: int) -> None:
        """Leaves out the steps before this one, except those whose batches are made already."""
        self.first_step = step

    def initial_weights(self) -> Tensors:
        """Weights of `module` to begin from; empty for random ones."""
        return {}

    def data_position(self, step: int) -> JsonValue:
        """Where in the data a run stands, for its checkpoint."""
        return {"step": step}

    def check_data_position(self, position: JsonValue, step: int) -> None:
        """Raises CheckpointError where the data is not what the checkpoint was made with."""

    def start_messages(self) -> Sequence[str]:
        """Lines to print before the first step."""
        return ()

    def pop_warnings(self) -> Sequence[str]:
        """Lines to print after a step, each once."""
        return ()

    def layers(self) -> Sequence[nn.Module]:
        """The modules whose weights are gathered one by one where they are sharded."""
        return ()
