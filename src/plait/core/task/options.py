"""What a call may choose besides its inputs: `task.using(model, seed=..., ...)`, query parameters, flags."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from plait.core.errors import InputError, Problem
from plait.core.suggestions import did_you_mean
from plait.core.values.quoting import quote


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
        for name in MAXIMA:
            check_number(name, getattr(self, name))
        if self.order not in (None, *ORDERS):
            raise option_error("order", f"should be one of {', '.join(ORDERS)}", self.order)


OPTION_NAMES = tuple(field.name for field in fields(Options))
IMAGE_OPTIONS = frozenset({"steps", "guidance", "order"})  # of no use where no picture is painted
NUMBER_TYPES = {"seed": int, "temperature": float, "timeout": float, "shots": int, "steps": int, "guidance": float}
ORDERS = ("parallel", "raster")
# One below the largest seed of 32 bits: a second attempt counts one on.
MAXIMA = {"seed": 2**32 - 2, "temperature": 5, "timeout": 86_400, "shots": 64, "steps": 64, "guidance": 20}
MINIMA = {"timeout": 0.1, "steps": 1}  # nothing is answered in no time


def parse_options(texts: Mapping[str, str]) -> Options:
    """Options from texts, as query parameters and flags carry them. Raises InputError for what is none."""
    for name in texts:
        if name not in OPTION_NAMES:
            hint = did_you_mean(name, OPTION_NAMES, f"there are {', '.join(OPTION_NAMES)}")
            raise option_error(name, "is not known", texts[name], hint)
    chosen: dict[str, Any] = {
        name: parse_number(name, text) if name in NUMBER_TYPES else text for name, text in texts.items()
    }
    return Options(**chosen)


def check_number(name: str, value: object) -> None:
    """Raises InputError for an option that is none of its numbers; None is the usual one."""
    if value is None:
        return
    number_types = int if NUMBER_TYPES[name] is int else int | float
    if isinstance(value, bool) or not isinstance(value, number_types):
        raise option_error(name, f"should be a {'whole ' if number_types is int else ''}number", value)
    minimum = MINIMA.get(name, 0)
    if not minimum <= value <= MAXIMA[name]:
        raise option_error(name, f"should be between {minimum} and {MAXIMA[name]}", value)


def parse_number(name: str, text: str) -> int | float:
    try:
        return NUMBER_TYPES[name](text)
    except ValueError:
        qualifier = "whole " if NUMBER_TYPES[name] is int else ""
        raise option_error(name, f"should be a {qualifier}number", text) from None


def option_error(name: str, message: str, value: object, hint: str = "") -> InputError:
    return InputError(f"option {name} {message}", problems=(Problem(name, message, quote(value)),), hint=hint)
