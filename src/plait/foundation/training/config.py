"""Configuration shared by all trainings: optimizers, learning rates, phases, the run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

STRICT = {"extra": "forbid", "strict": True, "allow_inf_nan": False}
NonNegativeFloat = Annotated[float, Ge(0)]
UnitInterval = Annotated[float, Ge(0), Le(1)]
LearningRate = Annotated[float, Gt(0), Le(10)]
PositiveInt = Annotated[int, Ge(1)]
StepInterval = Annotated[int, Ge(0)]  # steps; 0 disables
NonNegativeInt = Annotated[int, Ge(0)]  # 0 means none


@dataclass(frozen=True)
class OptimizerConfig:
    """Muon (Jordan et al. 2024) for matrices and convolutions, AdamW for embeddings, norms and scalars.

    `stem_factor` scales the learning rates of the stem, `clip` bounds the gradient norm. `ema` is the decay of the
    averaged weights, which are evaluated and shipped.
    """

    muon_lr: LearningRate = 0.02
    muon_momentum: UnitInterval = 0.95
    muon_weight_decay: UnitInterval = 0.0
    newton_schulz_steps: Annotated[int, Ge(1), Le(10)] = 3
    adamw_lr: LearningRate = 0.002
    adamw_betas: tuple[UnitInterval, UnitInterval] = (0.9, 0.95)
    adamw_weight_decay: UnitInterval = 0.0
    stem_factor: NonNegativeFloat = 1.0
    clip: Annotated[float, Gt(0)] = 1.0
    ema: UnitInterval = 0.999
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class LearningRateSchedule:
    """Learning-rate schedule: linear warmup, constant, linear decay.

    The rate rises over `warmup` steps, and falls over the last share `decay` of all steps to the share `floor` of its
    value.
    """

    warmup: StepInterval = 100
    decay: UnitInterval = 0.5
    floor: UnitInterval = 0.05
    __pydantic_config__ = STRICT

    def factor(self, step: int, steps: int, time_share: float = 0.0) -> float:
        """Factor of the learning rates in a step, counted from 0.

        `time_share` is the elapsed share of a time limit; decay follows steps or time, whichever is further.
        """
        rising = min(1.0, (step + 1) / self.warmup) if self.warmup else 1.0
        falling = min(1.0, (steps - step) / (self.decay * steps), (1 - time_share) / self.decay) if self.decay else 1.0
        return rising * max(self.floor, falling)


@dataclass(frozen=True)
class RunConfig:
    """Settings of a run; only those in FINGERPRINT_RUN_KEYS change the result.

    `processes` share the images of each step. `threads` are per process; `loader_workers` are worker processes per
    process that prefetch its batches, if all of its sources are worlds. `*_every` are intervals in steps, 0 disables;
    evaluation measures the probes. `compile` compiles the parts with fixed shapes (reading and generating images),
    which takes a minute or two at each start. `out` is relative to the working folder. `train = "adapters"` freezes all
    other weights. `shard` splits weights and optimizer state among the processes, for models that do not fit on one
    GPU. `seconds` limits the wall-clock time of a session, 0 for no limit; the learning rates decay with the time, so
    that the run ends with its decay complete.
    """

    seed: Annotated[int, Ge(0), Le(2**63 - 1)] = 0
    processes: PositiveInt = 1
    threads: PositiveInt = 1
    loader_workers: NonNegativeInt = 0
    log_every: PositiveInt = 10
    checkpoint_every: StepInterval = 200
    evaluate_every: StepInterval = 100
    keep: PositiveInt = 3
    compile: bool = False
    train: Literal["", "adapters"] = ""
    shard: bool = False
    seconds: StepInterval = 0
    out: str = ""
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class TrainingPhase:
    """A range of steps with the same settings. `samples` is the number of samples per step, over all processes.

    `group_factors` scale the learning rates of parameter groups, `loss_weights` the losses (1 by default), both by
    name. Probes are measured if `has_probes`. If the run has a time limit, a phase ends at `time_share` of it at the
    latest, even with steps left.
    """

    name: str
    steps: int
    samples: int = 1
    lr_factor: float = 1.0
    group_factors: Mapping[str, float] = field(default_factory=dict[str, float])
    loss_weights: Mapping[str, float] = field(default_factory=dict[str, float])
    has_probes: bool = False
    time_share: float | None = None


@dataclass(frozen=True)
class TrainerConfig:
    """Settings of the Trainer. `name` is the prefix of the progress line."""

    name: str
    phases: tuple[TrainingPhase, ...]
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    schedule: LearningRateSchedule = field(default_factory=LearningRateSchedule)
    run: RunConfig = field(default_factory=RunConfig)

    @property
    def steps(self) -> int:
        return sum(phase.steps for phase in self.phases)

    def phase_at(self, step: int) -> TrainingPhase:
        """Phase of a step, counted from 0; after the end, the last phase."""
        for phase in self.phases:
            if step < phase.steps:
                return phase
            step -= phase.steps
        return self.phases[-1]

    def end_of_phase(self, step: int) -> int:
        """First step after the phase of a step, counted from 0."""
        end = 0
        for phase in self.phases:
            end += phase.steps
            if step < end:
                break
        return end

    def samples_after(self, step: int) -> int:
        """Number of samples of all steps from this one on."""
        count = 0
        for phase in self.phases:
            count += max(0, phase.steps - step) * phase.samples
            step = max(0, step - phase.steps)
        return count
