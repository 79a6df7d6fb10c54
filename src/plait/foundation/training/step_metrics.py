"""The figures of one step; log, progress, curves and warnings read the same value."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class StepMetrics:
    """After `step` steps. `losses` are means by the loss's name, unweighted, `tasks` by task; `loss` is what was
    minimised. `gradient_norm` is that before clipping, `lr` is Muon's. `samples` are those of the step over all
    processes, `seconds` its wall time. `probes` are the figures of the objective, where they were measured. `experts`
    are the shares of the busiest and the idlest one, where 1 is even.
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
        """All figures that the same recipe gives again, by their names in the log. Time is not among them."""
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
        """As one line of losses.jsonl. What is no finite number is null: JSON has no word for it."""
        entry: dict[str, Any] = {"step": self.step, "phase": self.phase, "samples": self.samples}
        for name, value in self.scalars.items():
            entry[name] = value if math.isfinite(value) else None
        return json.dumps(entry, allow_nan=False)
