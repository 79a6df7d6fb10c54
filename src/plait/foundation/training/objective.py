"""Objective: the interface between the Trainer and a model with its data.

The unified model, the image tokenizer and the judge each have an objective. It defines batches and losses; the
Trainer does the rest: optimizers, averages, checkpoints, processes, logs.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from pydantic import JsonValue
from torch import Tensor, nn
from torch.optim import Optimizer

from plait.foundation.training.checkpoint import RunFingerprint, Tensors
from plait.foundation.training.distributed import parallel_module
from plait.foundation.training.monitor import ThresholdRule

BatchT = TypeVar("BatchT")
ModuleT = TypeVar("ModuleT", bound=nn.Module)


class LossBreakdown(NamedTuple):
    """Values for the log only: losses by task, and the load of the busiest and the idlest expert (1 is even)."""

    tasks: Mapping[str, Tensor] = {}
    experts: Mapping[str, Tensor] = {}


class Objective(ABC, Generic[BatchT, ModuleT]):
    """What to train: module, batches and losses.

    `module` has all weights, by their names in checkpoints. `distribute` replaces `parallel` by a wrapper that averages
    gradients over processes or shards weights, so `loss` must call `parallel`.

    A batch depends only on the number of its step, so an interrupted run ends with the same weights.
    """

    module: ModuleT
    parallel: nn.Module
    breakdown: LossBreakdown = LossBreakdown()  # of the last loss
    alarm_rules: Sequence[ThresholdRule] = ()  # in addition to those of every training
    first_step: int = 0
    has_unused_parameters: bool = False  # whether a step may leave weights without a gradient

    def __init__(self, module: ModuleT) -> None:
        self.module = self.parallel = module

    def distribute(self, *, shards: bool) -> None:
        """Takes part in a run of several processes: averages gradients, or shards weights if `shards`."""
        self.parallel = parallel_module(self.module, self.layers(), shards=shards, unused=self.has_unused_parameters)

    @property
    @abstractmethod
    def fingerprint(self) -> RunFingerprint:
        """Values that a checkpoint must share with the run."""

    @abstractmethod
    def optimizers(self) -> list[Optimizer]: ...

    @abstractmethod
    def batch(self, step: int) -> BatchT:
        """This process's part of the batch of a step, counted from 0. Steps are requested in ascending order."""

    @abstractmethod
    def loss(self, batch: BatchT) -> dict[str, Tensor]:
        """Losses by name, unweighted."""

    def probes(self, step: int) -> dict[str, float]:
        """Metrics of learning progress by name; `step` seeds the samples they are measured on."""
        return {}

    def start(self, step: int) -> None:
        """Called once before the first batch of a session, that of `step`."""

    def next_step(self, step: int) -> int:
        """Next step to train: `step`, or a later one if steps were skipped."""
        return max(step, self.first_step)

    def skip_to(self, step: int) -> None:
        """Skips the steps before this one, except those whose batches are already prefetched."""
        self.first_step = step

    def initial_weights(self) -> Tensors:
        """Initial weights of `module`; empty for random ones."""
        return {}

    def data_position(self, step: int) -> JsonValue:
        """Position in the data, for a checkpoint."""
        return {"step": step}

    def check_data_position(self, position: JsonValue, step: int) -> None:
        """Raises CheckpointError if the data differs from that of the checkpoint."""

    def start_messages(self) -> Sequence[str]:
        """Lines to print before the first step."""
        return ()

    def pop_warnings(self) -> Sequence[str]:
        """Lines to print after a step; each is returned once."""
        return ()

    def layers(self) -> Sequence[nn.Module]:
        """Modules whose sharded weights are gathered one at a time."""
        return ()
