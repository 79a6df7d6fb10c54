"""JSON objects of fixed names, read strictly once at the border: nothing unknown, nothing converted, nothing ignored.

What another server would honour and Plait does not is declared all the same, with the values that change nothing:

    n: Annotated[Literal[1] | None, NotHonoured("ask again with another seed")] = None
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from plait.core.errors import InputError, Problem
from plait.core.suggestions import nearest
from plait.core.values.json_text import unwritable
from plait.core.values.quoting import printable, shown
from plait.core.values.value_type import Json

TOLD = 20  # problems; a list of a million wrong items has a million


class Strict(BaseModel):
    """An object whose fields alone may be written."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


S = TypeVar("S", bound=Strict)


@dataclass(frozen=True)
class NotHonoured:
    """Marks a field that only takes what changes nothing; all else is refused by its name."""

    way_out: str = "leave it out"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(self.checked, handler(source))

    def checked(self, value: object, handler: core_schema.ValidatorFunctionWrapHandler) -> object:
        try:
            return handler(value)
        except ValidationError:
            raise refusal("is not honoured", self.way_out) from None


def refusal(message: str, way_out: str) -> PydanticCustomError:
    """What a validator raises to refuse a value in its own words."""
    return PydanticCustomError("refused", cast(Any, "{words}"), {"words": message, "way_out": way_out})


def read(model: type[S], wire: Json, what: str) -> S:
    """The object that the JSON holds. Raises InputError that names each field it refuses."""
    if not isinstance(wire, dict):
        problem = Problem(what, "should be an object", shown(wire))
        raise refused(what, (problem,), f"it takes {', '.join(model.model_fields)}")
    if faults := tuple(unwritable(wire))[:TOLD]:
        halves = tuple(Problem(".".join(map(printable, each.path)), each.message, shown(each.wire)) for each in faults)
        raise refused(what, halves, "send text in UTF-8")
    try:
        return model.model_validate(wire)
    except ValidationError as error:
        faults = error.errors(include_url=False)[:TOLD]
        problems = tuple(Problem(printable(path(each)), message(each), shown(each["input"])) for each in faults)
        ways = [found for each in faults if (found := way_out(model, each))]
        raise refused(what, problems, ways[0] if ways else "") from None


def refused(what: str, problems: tuple[Problem, ...], way_out: str) -> InputError:
    """The message names the first fault: it is all that some clients show."""
    first = problems[0]
    return InputError(f"{what} cannot be taken: {first.path} {first.message}", problems=problems, way_out=way_out)


def path(fault: Any) -> str:
    """Pydantic's place of a fault, dotted, without the `<tags>` that tell the members of a union apart."""
    *steps, last = fault["loc"]
    # Only a name that nobody knows can look like a tag and be none.
    if fault["type"] == "extra_forbidden" or not str(last).startswith("<"):
        return ".".join((*(str(step) for step in steps if not str(step).startswith("<")), str(last)))
    return path({**fault, "loc": steps})


def message(fault: Any) -> str:
    match fault["type"]:
        case "extra_forbidden":
            return "is not known"
        case "missing":
            return "is missing"
        case _:
            return fault["msg"]


def way_out(model: type[Strict], fault: Any) -> str:
    if fault["type"] != "extra_forbidden":
        return fault.get("ctx", {}).get("way_out", "")
    *above, name = fault["loc"]
    known = list(model.model_fields) if not above else list(names_within(model))
    guess = nearest(str(name), known)
    return f"did you mean {guess}?" if guess else "leave it out"


def names_within(model: type[Strict]) -> Iterator[str]:
    """The names of all objects that may stand inside."""
    for definition in model.model_json_schema().get("$defs", {}).values():
        yield from definition.get("properties", {})
