"""Inference settings of a model on a machine: set under [models.NAME], tuned by `plait optimize`."""

from dataclasses import dataclass, replace
from typing import Literal, get_args

Precision = Literal["fp32", "bf16", "int8"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)


@dataclass(frozen=True)
class InferencePlan:
    """Inference settings.

    `arithmetic` applies to products with weights; all else is fp32. `compiled` compiles the part that generates images,
    which makes loading slower.
    """

    threads: int = 1
    arithmetic: Precision = "fp32"
    compiled: bool = False

    def __str__(self) -> str:
        threads = f"{self.threads} thread{'s' * (self.threads > 1)}"
        return f"{self.arithmetic}, {threads}{', compiled' * self.compiled}"

    def toml(self) -> str:
        """The lines of a table in plait.toml."""
        return f'threads = {self.threads}\narithmetic = "{self.arithmetic}"\n' + "compiled = true\n" * self.compiled


DEFAULT_PLAN = InferencePlan()


def neighbouring_plans(plan: InferencePlan, cores: int) -> dict[str, list[InferencePlan]]:
    """Plans that differ from this one in a single setting, by the name of that setting."""
    counts = sorted({1, cores, *(2**power for power in range(cores.bit_length()) if 2**power <= cores)})
    return {
        "threads": [replace(plan, threads=each) for each in counts if each != plan.threads],
        "arithmetic": [replace(plan, arithmetic=each) for each in PRECISIONS if each != plan.arithmetic],
        "compiled": [replace(plan, compiled=not plan.compiled)],
    }
