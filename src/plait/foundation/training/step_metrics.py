"""Metrics of one step, shared by log, progress, curves and warnings."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class StepMetrics:
    """Metrics after `step` steps.

    `losses` are unweighted means by name, `tasks` by task; `loss` is the minimised sum. `gradient_norm` is taken before
    clipping; `lr` is Muon's. `samples` are those of the step over all processes, `seconds` its wall time. `probes` are
    the metrics of the objective, if measured. `experts` is the load of the busiest and the idlest expert; 1 is even.
    """

    step: int
    phase: str
    loss: float
    losses: Mapping[str, float]
    tasks: Mapping[str, float]
    gradient_norm: float
    lr: float
    samples: int
    seconds: float
    probes: Mapping[str, float] = field(default_factory=dict[str, float])
    experts: Mapping[str, float] = field(default_factory=dict[str, float])

    @property
    def scalars(self) -> dict[str, float]:
        """All values that the same recipe reproduces, by their names in the log. Time is not included."""
        return {
            "loss": self.loss,
            **{f"losses/{name}": value for name, value in self.losses.items()},
            **{f"tasks/{name}": value for name, value in self.tasks.items()},
            **{f"signs/{name}": value for name, value in self.probes.items()},
            **{f"experts/{name}": value for name, value in self.experts.items()},
            "optimizer/gradient": self.gradient_norm,
            "optimizer/lr": self.lr,
        }

    @property
    def json_line(self) -> str:
        """The step as a line of losses.jsonl. Values that are not finite become null: JSON has no number for them."""
        entry: dict[str, Any] = {"step": self.step, "phase": self.phase, "samples": self.samples}
        for name, value in self.scalars.items():
            entry[name] = value if math.isfinite(value) else None
        return json.dumps(entry, allow_nan=False)
