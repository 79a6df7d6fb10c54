"""JSON objects of fixed names, read strictly once at the border: nothing unknown, nothing converted, nothing ignored.

What another server would honour and Plait does not is declared all the same, with the values that change nothing:

    n: Annotated[Literal[1] | None, UnsupportedField("ask again with another seed")] = None
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from plait.core.errors import InputError, Problem
from plait.core.suggestions import nearest_name
from plait.core.values.json_text import unencodable_values
from plait.core.values.json_value import Json
from plait.core.values.quoting import quote, to_printable

MAX_PROBLEMS = 20  # problems; a list of a million wrong items has a million


class StrictModel(BaseModel):
    """An object whose fields alone may be written."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


S = TypeVar("S", bound=StrictModel)


@dataclass(frozen=True)
class UnsupportedField:
    """Marks a field that only takes what changes nothing; all else is refused by its name."""

    hint: str = "leave it out"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(self.validate, handler(source))

    def validate(self, value: object, handler: core_schema.ValidatorFunctionWrapHandler) -> object:
        try:
            return handler(value)
        except ValidationError:
            raise validator_error("is not honoured", self.hint) from None


def validator_error(message: str, hint: str) -> PydanticCustomError:
    """What a validator raises to refuse a value in its own words."""
    return PydanticCustomError("refused", cast(Any, "{words}"), {"words": message, "way_out": hint})


def parse_strict(model: type[S], json_value: Json, subject: str) -> S:
    """The object that the JSON holds. Raises InputError that names each field it refuses."""
    if not isinstance(json_value, dict):
        problem = Problem(subject, "should be an object", quote(json_value))
        raise request_error(subject, (problem,), f"it takes {', '.join(model.model_fields)}")
    if faults := tuple(unencodable_values(json_value))[:MAX_PROBLEMS]:
        problems_ = tuple(
            Problem(".".join(map(to_printable, each.path)), each.message, quote(each.json_value)) for each in faults
        )
        raise request_error(subject, problems_, "send text in UTF-8")
    try:
        return model.model_validate(json_value)
    except ValidationError as error:
        faults = error.errors(include_url=False)[:MAX_PROBLEMS]
        problems = tuple(
            Problem(to_printable(error_path(each)), error_message(each), quote(each["input"])) for each in faults
        )
        hints = [hint_text for each in faults if (hint_text := error_hint(model, each))]
        raise request_error(subject, problems, hints[0] if hints else "") from None


def request_error(subject: str, problems: tuple[Problem, ...], hint: str) -> InputError:
    """The message names the first fault: it is all that some clients show."""
    first = problems[0]
    return InputError(f"{subject} cannot be taken: {first.path} {first.message}", problems=problems, hint=hint)


def error_path(error: Any) -> str:
    """Pydantic's place of a fault, dotted, without the `<tags>` that tell the members of a union apart."""
    *steps, last = error["loc"]
    # Only a name that nobody knows can look like a tag and be none.
    if error["type"] == "extra_forbidden" or not str(last).startswith("<"):
        return ".".join((*(str(step) for step in steps if not str(step).startswith("<")), str(last)))
    return error_path({**error, "loc": steps})


def error_message(error: Any) -> str:
    match error["type"]:
        case "extra_forbidden":
            return "is not known"
        case "missing":
            return "is missing"
        case _:
            return error["msg"]


def error_hint(model: type[StrictModel], error: Any) -> str:
    if error["type"] != "extra_forbidden":
        return error.get("ctx", {}).get("way_out", "")
    *above, name = error["loc"]
    known = list(model.model_fields) if not above else list(nested_names(model))
    guess = nearest_name(str(name), known)
    return f"did you mean {guess}?" if guess else "leave it out"


def nested_names(model: type[StrictModel]) -> Iterator[str]:
    """The names of all objects that may stand inside."""
    for definition in model.model_json_schema().get("$defs", {}).values():
        yield from definition.get("properties", {})
