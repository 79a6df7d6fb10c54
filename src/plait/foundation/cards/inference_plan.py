"""How a model is run on a machine: what a person may choose under [models.NAME], and `plait optimize` tries."""

from dataclasses import dataclass, replace

from plait.core.config import ARITHMETIC, Arithmetic


@dataclass(frozen=True)
class Plan:
    """`arithmetic` is of products with weights, all else is fp32; `compiled` whether what paints is compiled, which
    takes its time when the model is loaded.
    """

    threads: int = 1
    arithmetic: Arithmetic = "fp32"
    compiled: bool = False

    def __str__(self) -> str:
        threads = f"{self.threads} thread{'s' * (self.threads > 1)}"
        return f"{self.arithmetic}, {threads}{', compiled' * self.compiled}"


ONE_THREAD = Plan()


def neighbours(plan: Plan, cores: int) -> dict[str, list[Plan]]:
    """By the name of a dial: what differs from the plan in that one alone."""
    counts = sorted({1, cores, *(2**power for power in range(cores.bit_length()) if 2**power <= cores)})
    return {
        "threads": [replace(plan, threads=each) for each in counts if each != plan.threads],
        "arithmetic": [replace(plan, arithmetic=each) for each in ARITHMETIC if each != plan.arithmetic],
        "compiled": [replace(plan, compiled=not plan.compiled)],
    }
