"""What the loop hands over after a step: log, progress, curves and warnings read the same value."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Probes:
    """Whether words and pictures have met, measured on the batch at hand; None where it was not measured.

    `noun_spread` is the standard deviation of a noun's logit over the pictures, the mean of all nouns. `rank` is how
    often the box of the thing that is named is likelier than that of another one in the picture; its chance is
    `rank_chance`. The two areas under the ROC curve are of yes over no.
    """

    noun_spread: float | None = None
    rank: float | None = None
    rank_chance: float = 0.5
    matches_auc: float | None = None
    exists_auc: float | None = None

    @property
    def scalars(self) -> dict[str, float]:
        return {name: value for name, value in vars(self).items() if value is not None and name != "rank_chance"}


@dataclass(frozen=True)
class StepMetrics:
    """After `step` steps. `losses` are means by the loss's name, unweighted, `tasks` by task; `loss` is what was
    minimised. `gradient` is its norm before clipping, `lr` that of Muon. `samples` are the pairs of this step over all
    processes, `seconds` its wall time. `experts` are the shares of the busiest and the idlest one, where 1 is even.
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
    probes: Probes = field(default_factory=Probes)
    experts: Mapping[str, float] = field(default_factory=dict[str, float])

    @property
    def scalars(self) -> dict[str, float]:
        """All that training by the same recipe gives again, by the name it has in the log. Time is not among it."""
        return {
            "loss": self.loss,
            **{f"losses/{name}": value for name, value in self.losses.items()},
            **{f"tasks/{name}": value for name, value in self.tasks.items()},
            **{f"signs/{name}": value for name, value in self.probes.scalars.items()},
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
