"""Strict JSON objects with fixed names: unknown fields are refused, nothing is converted or ignored.

Fields that other servers support and Plait does not are declared too, with the values that have no effect:

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

MAX_PROBLEMS = 20  # a list of a million wrong items has a million problems


class StrictModel(BaseModel):
    """An object whose fields alone may be written."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


S = TypeVar("S", bound=StrictModel)


@dataclass(frozen=True)
class UnsupportedField:
    """Marks a field that accepts only values without effect; any other value is refused with the field's name."""

    hint: str = "leave it out"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(self.validate, handler(source))

    def validate(self, value: object, handler: core_schema.ValidatorFunctionWrapHandler) -> object:
        try:
            return handler(value)
        except ValidationError:
            raise validator_error("is not supported", self.hint) from None


def validator_error(message: str, hint: str) -> PydanticCustomError:
    """The error that a validator raises to refuse a value with its own message."""
    return PydanticCustomError("refused", cast(Any, "{message}"), {"message": message, "hint": hint})


def type_tag(value: object) -> str | None:
    """The tag of a union member by the text of its `type`: `<text>`. None without one."""
    name = value.get("type") if isinstance(value, dict) else getattr(value, "type", None)  # pyright: ignore
    return f"<{name}>" if isinstance(name, str) else None


def parse_strict(model: type[S], json_value: Json, subject: str) -> S:
    """The object from a JSON value. Raises InputError that names each refused field."""
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
    """The error of a request. Its message names the first fault, since some clients show nothing else."""
    first = problems[0]
    return InputError(f"{subject}: {first.path} {first.message}", problems=problems, hint=hint)


def error_path(error: Any) -> str:
    """The dotted path of a pydantic error, without the `<tags>` of union members."""
    *steps, last = error["loc"]
    # Only an unknown name can look like a tag without being one.
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
        return error.get("ctx", {}).get("hint", "")
    *above, name = error["loc"]
    known = list(model.model_fields) if not above else list(nested_names(model))
    guess = nearest_name(str(name), known)
    return f"did you mean {guess}?" if guess else "leave it out"


def nested_names(model: type[StrictModel]) -> Iterator[str]:
    """The field names of all objects nested in the model."""
    for definition in model.model_json_schema().get("$defs", {}).values():
        yield from definition.get("properties", {})
