"""Options of a call, defined once for `task.using(...)`, query parameters, flags of `plait run` and OpenAPI.

`Options` holds type, limits and help text of each; `Task.using` repeats names and types for type checkers, and a test
compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from plait.core.errors import InputError, Problem
from plait.core.suggestions import did_you_mean
from plait.core.values.quoting import quote

MAX_SEED = 2**32 - 2  # one below the largest 32-bit seed: a second attempt uses the next seed
ORDERS = ("parallel", "raster")


@dataclass(frozen=True)
class OptionDefinition:
    """Type, limits and help text of an option.

    `published_minimum` is the minimum in the OpenAPI document, if larger than the enforced one.
    """

    value_type: type[int] | type[float] | type[str]
    help: str
    minimum: float = 0
    maximum: float | None = None
    published_minimum: float | None = None
    choices: tuple[str, ...] = ()
    for_images: bool = False  # only for tasks that answer with an image

    @property
    def type_name(self) -> str:
        return "text" if self.value_type is str else "whole number" if self.value_type is int else "number"

    @property
    def json_schema(self) -> dict[str, Any]:
        name = {int: "integer", float: "number", str: "string"}[self.value_type]
        schema: dict[str, Any] = {"type": name, "description": self.help}
        if self.maximum is not None:
            schema |= {"minimum": self.published_minimum or self.minimum, "maximum": self.maximum}
        return schema | ({"enum": list(self.choices)} if self.choices else {})

    def parse(self, name: str, text: str) -> int | float | str:
        try:
            return self.value_type(text)
        except ValueError:
            raise option_error(name, f"should be a {self.type_name}", text) from None

    def check(self, name: str, value: object) -> None:
        """Raises InputError for a value of the wrong type or outside the limits; None is the default."""
        if value is None:
            return
        if self.choices and value not in self.choices:
            raise option_error(name, f"should be one of {', '.join(self.choices)}", value)
        if self.maximum is None:
            return
        number_types = int if self.value_type is int else int | float
        if isinstance(value, bool) or not isinstance(value, number_types):
            raise option_error(name, f"should be a {self.type_name}", value)
        if not self.minimum <= value <= self.maximum:
            raise option_error(name, f"should be between {self.minimum} and {self.maximum}", value)


def option(value_type: type[int] | type[float] | type[str], help: str, **limits: Any) -> Any:
    return field(default=None, metadata={"definition": OptionDefinition(value_type, help, **limits)})


@dataclass(frozen=True)
class Options:
    """The options of a call.

    None is the default: the first capable model, a random seed, the engine's temperature, as many examples as fit.
    """

    model: str | None = option(str, "Which model answers.")
    seed: int | None = option(int, "A whole number: the same seed gives the same answer.", maximum=MAX_SEED)
    temperature: float | None = option(float, "0 gives the most likely answer, 1 a varied one.", maximum=5)
    # A timeout below one second is accepted; if it is too short, the server answers 504.
    timeout: float | None = option(
        float, "Seconds for the whole call.", minimum=0.1, maximum=86_400, published_minimum=1
    )
    shots: int | None = option(int, "How many examples go into the prompt.", maximum=64)
    wording: str | None = option(str, "Another wording of the task, such as zh.")
    steps: int | None = option(
        int, "Number of decoding steps of an image; the default is 8.", minimum=1, maximum=64, for_images=True
    )
    guidance: float | None = option(
        float, "Strength of classifier-free guidance for an image; 0 turns it off.", maximum=20, for_images=True
    )
    order: str | None = option(
        str, "Decode the image's codes in parallel, or in raster order.", choices=ORDERS, for_images=True
    )
    min_confidence: float | None = option(
        float, "The least confidence of an answer; below it, Unsure or the fallback.", maximum=1
    )
    risk: float | None = option(
        float, "The largest share of wrong answers, of all rows; it chooses the least confidence.", maximum=1
    )
    fallback: str | None = option(str, "The model that answers instead of an unsure one.")

    def __post_init__(self) -> None:
        for name in CHECKED_NAMES:
            OPTIONS[name].check(name, getattr(self, name))


OPTIONS: dict[str, OptionDefinition] = {each.name: each.metadata["definition"] for each in fields(Options)}
OPTION_NAMES = tuple(OPTIONS)
IMAGE_OPTIONS = frozenset(name for name, definition in OPTIONS.items() if definition.for_images)
CHECKED_NAMES = tuple(name for name, definition in OPTIONS.items() if definition.maximum or definition.choices)


def parse_options(texts: Mapping[str, str]) -> Options:
    """Options from texts (query parameters, flags). Raises InputError for an unknown name or invalid value."""
    for name in texts:
        if name not in OPTIONS:
            hint = did_you_mean(name, OPTIONS, f"there are {', '.join(OPTIONS)}")
            raise option_error(name, "is not known", texts[name], hint)
    chosen: dict[str, Any] = {name: OPTIONS[name].parse(name, text) for name, text in texts.items()}
    return Options(**chosen)


def option_error(name: str, message: str, value: object, hint: str = "") -> InputError:
    return InputError(f"option {name} {message}", problems=(Problem(name, message, quote(value)),), hint=hint)
