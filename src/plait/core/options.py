"""What a call may choose besides its slots: `task.using(model, seed=..., ...)`, query parameters, flags."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from plait.core.errors import InputError, Problem
from plait.core.nearest import did_you_mean


@dataclass(frozen=True)
class Options:
    """None is "the usual": the first model that can, a fresh seed, the engine's temperature, a fitting number of shots.

    `timeout` is the whole call's, in seconds; `shots` how many examples go into the prompt; `wording` the name of one
    of the task's wordings, such as "zh".
    """

    model: str | None = None
    seed: int | None = None
    temperature: float | None = None
    timeout: float | None = None
    shots: int | None = None
    wording: str | None = None

    def __post_init__(self) -> None:
        for name, least, most in (
            ("seed", 0, 2**32 - 2),
            ("temperature", 0, 5),
            ("timeout", 0, 86_400),
            ("shots", 0, 64),
        ):
            value = getattr(self, name)
            if value is not None and not least <= value <= most:
                raise refused(name, f"should be between {least} and {most}", value)


NAMES = tuple(field.name for field in fields(Options))
NUMBERS = {"seed": int, "temperature": float, "timeout": float, "shots": int}


def options_in(given: Mapping[str, str]) -> Options:
    """Options from texts, as query parameters and flags carry them. Raises InputError for an unknown or unreadable one."""
    for name in given:
        if name not in NAMES:
            raise refused(
                name, did_you_mean(name, NAMES, f"is not an option; there are {', '.join(NAMES)}"), given[name]
            )
    return Options(**{name: number(name, text) if name in NUMBERS else text for name, text in given.items()})  # type: ignore[arg-type]


def number(name: str, text: str) -> int | float:
    try:
        return NUMBERS[name](text)
    except ValueError:
        raise refused(name, "should be a number", text) from None


def refused(name: str, message: str, value: object) -> InputError:
    return InputError(f"option {name} {message}", problems=(Problem(name, message, repr(value)),))
