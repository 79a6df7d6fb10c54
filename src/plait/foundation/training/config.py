"""What every training is configured by, whatever it trains: optimizers, learning rates, phases, the run itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

STRICT = {"extra": "forbid", "strict": True, "allow_inf_nan": False}
NonNegativeFloat = Annotated[float, Ge(0)]
UnitInterval = Annotated[float, Ge(0), Le(1)]
LearningRate = Annotated[float, Gt(0), Le(10)]
PositiveInt = Annotated[int, Ge(1)]
StepInterval = Annotated[int, Ge(0)]  # steps; 0 is never
NonNegativeInt = Annotated[int, Ge(0)]  # 0 is none


@dataclass(frozen=True)
class OptimizerConfig:
    """Muon (Jordan et al. 2024) for matrices and convolutions, AdamW for the table, norms and scalars.

    `stem_factor` scales the rates of the stem, `clip` bounds the norm of the gradient, `ema` is the decay of the
    averaged weights, which are the ones evaluated and shipped.
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
    """The rate rises over `warmup` steps, stays, and falls in a line over the last share `decay` of all steps down to
    the share `floor` of itself.
    """

    warmup: StepInterval = 100
    decay: UnitInterval = 0.5
    floor: UnitInterval = 0.05
    __pydantic_config__ = STRICT

    def factor(self, step: int, steps: int, time_share: float = 0.0) -> float:
        """Factor of the learning rates in a step, counted from 0. `time_share` is the share of a time limit that has
        passed; the rates fall by the steps or by the time, whichever is further.
        """
        rising = min(1.0, (step + 1) / self.warmup) if self.warmup else 1.0
        falling = min(1.0, (steps - step) / (self.decay * steps), (1 - time_share) / self.decay) if self.decay else 1.0
        return rising * max(self.floor, falling)


@dataclass(frozen=True)
class RunConfig:
    """How the run goes; of these only FINGERPRINT_RUN_KEYS change the result.

    `processes` share each step's pictures. `threads` are those of one process, `loader_workers` the worker processes
    beside each that make its batches ahead, where all of its sources are worlds. `*_every` count steps, 0 is never;
    what is evaluated are the probes. `compile` compiles what has fixed shapes (pictures, paintings), which takes a
    minute or two at each start. `out` is relative to the working folder. `train = "adapters"` freezes all other
    weights. `shard` splits weights and optimizer state among the processes, for models that one card does not hold.
    `seconds` limits the wall-clock time of a session, 0 for no limit: the rates fall with the time, so that the run
    ends with its decay complete.
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
    """A stretch of steps that are alike. `samples` is the number of samples in a step, over all processes.

    `group_factors` scale the learning rate of parameter groups by name, `loss_weights` are those of losses by name, 1
    where there is none. Probes are measured where `has_probes`. Where the run
    has a time limit, a phase ends at `time_share` of it at the latest, even if it has steps left.
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
    """What the Trainer reads. `name` stands before the line of progress."""

    name: str
    phases: tuple[TrainingPhase, ...]
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    schedule: LearningRateSchedule = field(default_factory=LearningRateSchedule)
    run: RunConfig = field(default_factory=RunConfig)

    @property
    def steps(self) -> int:
        return sum(phase.steps for phase in self.phases)

    def phase_at(self, step: int) -> TrainingPhase:
        """The phase of a step, counted from 0; past the end the last one."""
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
        """Samples of all steps from this one on."""
        count = 0
        for phase in self.phases:
            count += max(0, phase.steps - step) * phase.samples
            step = max(0, step - phase.steps)
        return count
