"""What a page or a request chooses of an adaptation. `plait adapt` has the same options, and more."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from pydantic import ConfigDict

from plait.foundation.text.adapt_request import MethodConfig, method_config

GATE_ROWS = 120  # an answer takes 1 to 2 seconds of a core
Method = Literal["sft", "dpo", "kto", "grpo"]
METHODS: tuple[Method, ...] = get_args(Method)


@dataclass(frozen=True)
class AdaptRequestOptions:
    """The options of a request. No model, and None for `epochs` and `learning_rate`, is what `plait adapt` does without
    the option.
    """

    model: str = ""
    method: Method = "sft"
    gate_rows: int = GATE_ROWS
    promote: bool = True
    epochs: int | None = None
    learning_rate: float | None = None
    from_base: bool = False

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)

    @property
    def fault(self) -> str:
        """Which number is out of bounds; "" if none is."""
        if self.gate_rows < 1:
            return f"gate_rows is {self.gate_rows}, and 1 is the least"
        if self.epochs is not None and not 1 <= self.epochs <= 100:
            return f"epochs is {self.epochs}: 1 to 100 are possible"
        if self.learning_rate is not None and not 1e-6 <= self.learning_rate <= 1:
            return f"learning_rate is {self.learning_rate}: 0.000001 to 1 are possible"
        return ""

    @property
    def flags(self) -> list[str]:
        """The options of the command."""
        chosen = {"--epochs": self.epochs, "--learning-rate": self.learning_rate}
        more = [text for name, value in chosen.items() if value is not None for text in (name, str(value))]
        chosen_flags = {"--no-promote": not self.promote, "--from-base": self.from_base}
        more += [flag for flag, is_chosen in chosen_flags.items() if is_chosen]
        return [f"--model={self.model}", "--method", self.method, "--gate-rows", str(self.gate_rows), *more]


def request_options(
    files: Sequence[Path], model: str, config: MethodConfig, gate_rows: int, *, promote: bool, from_base: bool = False
) -> AdaptRequestOptions | None:
    """The request that starts the same adaptation of all examples; None if no request can."""
    method: Method | None = next((each for each in METHODS if each == config.method), None)
    if files or method is None:
        return None
    if config != method_config(method, epochs=config.epochs, learning_rate=config.learning_rate):
        return None
    epochs = config.epochs or None
    return AdaptRequestOptions(model, method, gate_rows, promote, epochs, config.learning_rate, from_base)
