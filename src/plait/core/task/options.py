"""What a call may choose besides its slots: `task.using(model, seed=..., ...)`, query parameters, flags."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from plait.core.errors import InputError, Problem
from plait.core.suggestions import did_you_mean
from plait.core.values.quoting import shown


@dataclass(frozen=True)
class Options:
    """None is "the usual": the first model that can, a fresh seed, the engine's temperature, a fitting number of shots.

    `timeout` is the whole call's, in seconds; `shots` how many examples go into the prompt; `wording` the name of one
    of the task's wordings, such as "zh". The last three are how a picture is painted: in how many `steps`, with how
    much `guidance` by what was asked, in which `order`, one of ORDERS.
    """

    model: str | None = None
    seed: int | None = None
    temperature: float | None = None
    timeout: float | None = None
    shots: int | None = None
    wording: str | None = None
    steps: int | None = None
    guidance: float | None = None
    order: str | None = None

    def __post_init__(self) -> None:
        for name in MOST:
            check_number(name, getattr(self, name))
        if self.order not in (None, *ORDERS):
            raise refused("order", f"should be one of {', '.join(ORDERS)}", self.order)


NAMES = tuple(field.name for field in fields(Options))
PAINTING = frozenset({"steps", "guidance", "order"})  # of no use where no picture is painted
NUMBERS = {"seed": int, "temperature": float, "timeout": float, "shots": int, "steps": int, "guidance": float}
ORDERS = ("parallel", "raster")
# One below the largest seed of 32 bits: a second attempt counts one on.
MOST = {"seed": 2**32 - 2, "temperature": 5, "timeout": 86_400, "shots": 64, "steps": 64, "guidance": 20}
LEAST = {"timeout": 0.1, "steps": 1}  # nothing is answered in no time


def options_in(given: Mapping[str, str]) -> Options:
    """Options from texts, as query parameters and flags carry them. Raises InputError for what is none."""
    for name in given:
        if name not in NAMES:
            way_out = did_you_mean(name, NAMES, f"there are {', '.join(NAMES)}")
            raise refused(name, "is not known", given[name], way_out)
    chosen: dict[str, Any] = {name: number(name, text) if name in NUMBERS else text for name, text in given.items()}
    return Options(**chosen)


def check_number(name: str, value: object) -> None:
    """Raises InputError for an option that is none of its numbers; None is the usual one."""
    if value is None:
        return
    fitting = int if NUMBERS[name] is int else int | float
    if isinstance(value, bool) or not isinstance(value, fitting):
        raise refused(name, f"should be a {'whole ' if fitting is int else ''}number", value)
    least = LEAST.get(name, 0)
    if not least <= value <= MOST[name]:
        raise refused(name, f"should be between {least} and {MOST[name]}", value)


def number(name: str, text: str) -> int | float:
    try:
        return NUMBERS[name](text)
    except ValueError:
        whole = "whole " if NUMBERS[name] is int else ""
        raise refused(name, f"should be a {whole}number", text) from None


def refused(name: str, message: str, value: object, way_out: str = "") -> InputError:
    return InputError(f"option {name} {message}", problems=(Problem(name, message, shown(value)),), way_out=way_out)
