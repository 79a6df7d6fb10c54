"""Training loop: batch, loss, optimizer step, and checkpoints at intervals.

A step depends only on the configuration, the weights and the step number, so an interrupted run resumes to the weights
of an uninterrupted one: byte-equal on a CPU with the same number of threads.
"""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from plait.core.errors import TrainingError
from plait.foundation.training.checkpoint import Checkpoint, TrainingState, load
from plait.foundation.training.checkpoints import Checkpoints
from plait.foundation.training.commit import commit
from plait.foundation.training.config import RunConfig, TrainerConfig, TrainingPhase
from plait.foundation.training.curves import curve_lines
from plait.foundation.training.distributed import (
    barrier,
    broadcast_path,
    gather,
    rank_and_world_size,
    should_stop,
)
from plait.foundation.training.ema import EMA
from plait.foundation.training.energy import EnergyMeter
from plait.foundation.training.interrupt import Interrupt
from plait.foundation.training.monitor import Monitor
from plait.foundation.training.objective import Objective
from plait.foundation.training.optimizer_state import optimizer_tensors, restore_optimizers
from plait.foundation.training.optimizers import set_learning_rates
from plait.foundation.training.progress import TrainingProgress
from plait.foundation.training.random_state import RngState
from plait.foundation.training.run_log import TrainingLog
from plait.foundation.training.sharding import full_tensor, shard_state_dict, summon_full_params
from plait.foundation.training.step_metrics import StepMetrics
from plait.foundation.training.timetable import Timetable

CPU = torch.device("cpu")


def prepare_torch(run: RunConfig) -> torch.device:
    """Sets threads, determinism and seed of this process; returns the device to train on.

    Call it before the model is made, since the random weights follow from the seed.
    """
    torch.set_num_threads(run.threads)
    # A run with a time limit is not reproducible, so faster kernels are allowed.
    torch.use_deterministic_algorithms(not run.seconds, warn_only=torch.cuda.is_available())
    # Filling would reveal reads of uninitialised memory, but costs 6% of a step.
    torch.utils.deterministic.fill_uninitialized_memory = False  # pyright: ignore[reportAttributeAccessIssue]
    torch.manual_seed(run.seed)
    return torch.device("cuda", torch.cuda.current_device()) if torch.cuda.is_available() else CPU


class Trainer:
    """Trainer of one process of a run. Rank 0 also writes checkpoints and logs."""

    def __init__(
        self, objective: Objective[Any, Any], config: TrainerConfig, folder: Path, device: torch.device
    ) -> None:
        """Creates a trainer. `folder` is for checkpoints and logs; `objective` has its weights on the device."""
        self.objective, self.config, self.folder, self.device = objective, config, folder, device
        self.rank, self.world_size = rank_and_world_size()
        if self.world_size > 1:
            objective.distribute(shards=config.run.shard)
        self.module = objective.module
        self.optimizers = objective.optimizers()
        self.ema = EMA(self.module, config.optimizer.ema)
        self.checkpoints = Checkpoints(folder, config.run.keep)
        self.timetable = Timetable(config)
        self.step, self.seconds = 0, 0.0

    def run(self, *, fresh: bool = False, until: int | None = None) -> int:
        """Trains from the newest checkpoint, at most to step `until`; returns the exit code, 130 after Ctrl-C."""
        self.start(fresh)
        with Interrupt() as interrupt, self.closed_after_errors():
            while self.step < min(until or self.config.steps, self.config.steps) and not self.timetable.is_over:
                self.train_step()
                if should_stop(interrupt.stop_requested, self.device):
                    self.finish(f"stopped after step {self.step}; the same command resumes")
                    return 130
        self.finish(f"trained to step {self.step} of {self.config.steps}")
        return 0

    # Start and end

    def start(self, fresh: bool) -> None:
        """Starts from the newest intact checkpoint, or from scratch. Raises CheckpointError if the recipe differs."""
        if self.rank == 0:
            self.checkpoints.remove_leftovers()
            if fresh:
                self.checkpoints.clear()
        barrier()
        newest, errors = self.checkpoints.newest() if self.rank == 0 else (None, ())
        newest = broadcast_path(newest)
        watt_hours = self.restore(load(newest, self.objective.fingerprint)) if newest else 0.0
        if not newest and (weights := self.objective.initial_weights()):
            self.load_weights(weights)
        self.objective.start(self.step)
        self.meter = EnergyMeter(self.world_size, self.device.type == "cuda", watt_hours)
        if self.rank == 0:
            self.start_logging([str(error) for error in errors], newest)

    def load_weights(self, weights: Mapping[str, Tensor]) -> None:
        """Sets the weights with these names; all others stay."""
        self.module.load_state_dict({**self.module.state_dict(), **shard_state_dict(weights, self.module)})
        self.ema = EMA(self.module, self.config.optimizer.ema)

    def restore(self, checkpoint: Checkpoint) -> float:
        """Restores the state of a checkpoint; returns the watt hours spent until then."""
        state = checkpoint.state
        self.module.load_state_dict(shard_state_dict(checkpoint.model, self.module))
        average = {name: each.to(self.device) for name, each in checkpoint.ema.items()}
        self.ema.weights = shard_state_dict(average, self.module)
        restore_optimizers(self.optimizers, self.module.named_parameters(), checkpoint.optimizer)
        self.objective.check_data_position(state.cursor[0], state.step)
        if self.rank < len(state.randomness):
            state.randomness[self.rank].restore()
        self.step, self.seconds = state.step, state.seconds
        return state.watt_hours

    def start_logging(self, warnings: list[str], newest: Path | None) -> None:
        config = self.config
        self.progress = TrainingProgress(
            config.name, config.steps, config.samples_after(self.step), deadline=self.timetable.deadline
        )
        self.log, self.newest_checkpoint = TrainingLog(self.folder, self.step), newest
        self.monitor = Monitor(self.objective.alarm_rules)
        resumed = [f"resuming from {newest}"] if newest else []
        for line in (*warnings, *resumed, *self.objective.start_messages()):
            self.progress.print_message(line)

    def finish(self, message: str) -> None:
        self.save()
        if self.rank == 0:
            self.log.close()
            self.progress.close()
            hours = f"{self.seconds / 3_600:.2f} h, {self.meter.read():.1f} Wh ({self.meter.description})"
            lines = [f"{message}, after {hours}", str(self.newest_checkpoint), *curve_lines(self.folder)]
            self.progress.print_message("\n".join(lines))

    @contextmanager
    def closed_after_errors(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            if self.rank == 0:
                with suppress(TrainingError):  # a full disk must not hide the error
                    self.log.close()
            raise

    # Steps

    def train_step(self) -> None:
        started = time.perf_counter()
        if next_phase := self.timetable.next_phase(self.step):
            self.objective.skip_to(next_phase)
        self.step = self.objective.next_step(self.step)
        phase = self.config.phase_at(self.step)
        batch = self.objective.batch(self.step)
        with torch.autocast("cuda", torch.bfloat16) if self.device.type == "cuda" else nullcontext():
            losses = self.objective.loss(batch)
        loss = weighted_sum(losses, phase.loss_weights, self.device)
        gradient_norm, lr_factor = self.optimizer_step(loss, phase)
        self.step += 1
        self.seconds += time.perf_counter() - started
        self.log_step(phase, loss, losses, gradient_norm, lr_factor, time.perf_counter() - started)
        if self.step % (self.config.run.checkpoint_every or self.config.steps) == 0:
            self.save()

    def optimizer_step(self, loss: Tensor, phase: TrainingPhase) -> tuple[Tensor, float]:
        """Optimizer step; returns the gradient norm and the factor of the learning rates."""
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        loss.backward()
        gradient_norm = full_tensor(
            torch.nn.utils.clip_grad_norm_(self.module.parameters(), self.config.optimizer.clip)
        )
        lr_factor = phase.lr_factor * self.timetable.lr_factor(self.step)
        for optimizer in self.optimizers:
            set_learning_rates(optimizer, lr_factor, phase.group_factors)
            optimizer.step()
        self.ema.update(self.module, self.step)
        return gradient_norm, lr_factor

    def log_step(
        self,
        phase: TrainingPhase,
        loss: Tensor,
        losses: Mapping[str, Tensor],
        gradient_norm: Tensor,
        lr_factor: float,
        seconds: float,
    ) -> None:
        for line in self.objective.pop_warnings():
            print(f"\n{line}", file=sys.stderr)
        probes = self.probes_if_due(phase)
        if self.rank:
            return
        breakdown = self.objective.breakdown
        metrics = StepMetrics(
            self.step,
            phase.name,
            loss.item(),
            {name: each.item() for name, each in losses.items()},
            {name: each.item() for name, each in breakdown.tasks.items()},
            gradient_norm.item(),
            lr_factor * self.config.optimizer.muon_lr,
            phase.samples,
            seconds,
            probes,
            {name: each.item() for name, each in breakdown.experts.items()},
        )
        self.progress.update(metrics, self.meter.read())
        for alarm in self.monitor.check(metrics, self.newest_checkpoint):
            self.progress.print_message(str(alarm))
            self.log.write_warning(str(alarm), self.step)
        if self.step % self.config.run.log_every == 0 or self.step in (1, self.config.steps) or metrics.probes:
            self.log.write_step(metrics, watt_hours=self.meter.watt_hours)

    def probes_if_due(self, phase: TrainingPhase) -> dict[str, float]:
        """Probes on rank 0; with sharded weights every process takes part."""
        due = phase.has_probes and self.step % (self.config.run.evaluate_every or self.step + 1) == 0
        if not due or (self.rank and not self.config.run.shard):
            return {}
        with self.ema.average_parameters(self.module), summon_full_params(self.module):
            return self.objective.probes(self.step)

    # Checkpoints

    def save(self) -> None:
        parts = list(self.tensors()) if self.rank == 0 or self.config.run.shard else []
        randomness = gather(RngState.capture())
        if self.rank == 0:
            self.log.flush()
            self.newest_checkpoint = self.checkpoints.save(Checkpoint(self.state(randomness), *parts))
        barrier()

    def state(self, randomness: tuple[RngState, ...]) -> TrainingState:
        return TrainingState(
            self.step,
            self.objective.fingerprint,
            (self.objective.data_position(self.step),),
            randomness,
            self.seconds,
            self.meter.read(),
            commit(),
        )

    def tensors(self) -> Iterator[dict[str, Tensor]]:
        """Model, average and optimizer state, unsharded: a run can resume with or without sharding."""
        yield {name: full_tensor(each) for name, each in self.module.state_dict().items()}
        yield {name: full_tensor(each) for name, each in self.ema.weights.items()}
        yield optimizer_tensors(self.optimizers, self.module.named_parameters())


def weighted_sum(losses: Mapping[str, Tensor], weights: Mapping[str, float], device: torch.device) -> Tensor:
    """Loss to minimise: the weighted sum; the default weight is 1."""
    return sum((weights.get(name, 1.0) * each for name, each in losses.items()), torch.zeros((), device=device))
