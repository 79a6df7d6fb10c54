"""Inputs of a call, parsed and validated once: from Python, from JSON, from the texts of flags and forms."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from plait.core.errors import InputError, Problem
from plait.core.suggestions import nearest_name
from plait.core.task.declaration import Declaration, Parameter
from plait.core.values.call_context import CallContext, call_context
from plait.core.values.forms import FormFields
from plait.core.values.json_text import dumps, loads, parse_json, unencodable_values
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.picture_files import embed_files
from plait.core.values.pydantic_validation import validate
from plait.core.values.quoting import quote, to_printable
from plait.core.values.value_type import ValueType

T = TypeVar("T")
WORKING_FOLDER = Path()


def inputs_from_call(
    declaration: Declaration, args: tuple[object, ...], kwargs: Mapping[str, object]
) -> dict[str, object]:
    """The validated inputs of a Python call. Objects are kept by identity."""
    names = [parameter.name for parameter in declaration.parameters]
    if len(args) > len(names):
        raise InputError(f"{declaration.name} takes {len(names)} inputs, but {len(args)} were passed")
    values = {**dict(zip(names, args, strict=False)), **kwargs}
    duplicates = [name for name in names[: len(args)] if name in kwargs]
    if duplicates:
        raise input_error(declaration, duplicates[0], "was passed twice", kwargs[duplicates[0]])
    check_names(declaration, values)
    inputs = collect_inputs(
        declaration,
        declaration.parameters,
        lambda parameter: validate_input(parameter, values.get(parameter.name, parameter.default)),
    )
    return check_boxes(declaration, inputs)


def inputs_from_json(declaration: Declaration, json_value: Json) -> dict[str, object]:
    """The inputs from a JSON object."""
    if not isinstance(json_value, dict):
        value_text = quote(json_value) or "null"
        raise InputError(
            f"{declaration.name} takes an object with its inputs, not {value_text}", hint=usage(declaration)
        )
    check_names(declaration, json_value)
    return check_boxes(
        declaration,
        collect_inputs(declaration, declaration.parameters, lambda parameter: input_from_json(parameter, json_value)),
    )


def check_boxes(declaration: Declaration, inputs: dict[str, object]) -> dict[str, object]:
    """The inputs after a check that their boxes lie on their images. Raises InputError."""
    box_parameters = [parameter for parameter in declaration.parameters if parameter.has_boxes]
    if box_parameters:
        context = call_context(declaration, inputs)
        collect_inputs(
            declaration, box_parameters, lambda parameter: parameter.value_type.encode(inputs[parameter.name], context)
        )
    return inputs


def input_from_json(parameter: Parameter, json_value: Mapping[str, Json]) -> object:
    is_given = parameter.name in json_value
    return validate_input(
        parameter,
        parameter.value_type.decode(json_value[parameter.name], CallContext()) if is_given else parameter.default,
    )


def validate_input(parameter: Parameter, value: object) -> object:
    """The value, validated by the parameter's annotation. Raises InvalidValue."""
    try:
        valid = validate(parameter.annotation, value)
    except InvalidValue:
        check_json_form(parameter, value)
        raise
    if isinstance(valid, str) and not valid.strip() and not parameter.accepts_blank:
        raise InvalidValue("should not be blank", value)
    # Python has numbers and texts without a JSON form (NaN, lone surrogates): refused here as over HTTP.
    if faults := tuple(unencodable_values(parameter.value_type.encode(valid, CallContext()))):
        raise InvalidValue(faults[0].message, value, faults=faults)
    return valid


def check_json_form(parameter: Parameter, value: object) -> None:
    """Raises the value type's own error if JSON could hold the refused value: one message for Python, shell, HTTP."""
    try:
        json_value = parse_json(dumps(value))
    except (TypeError, ValueError, RecursionError):
        return
    parameter.value_type.decode(json_value, CallContext())


def collect_inputs(
    declaration: Declaration, parameters: Iterable[Parameter], parse: Callable[[Parameter], T]
) -> dict[str, T]:
    """The parsed value of each parameter, by name. Raises InputError with all faults at once."""
    inputs: dict[str, T] = {}
    problems: list[Problem] = []
    for parameter in parameters:
        try:
            inputs[parameter.name] = parse(parameter)
        except InvalidValue as error:
            problems += problems_of(parameter.name, error)
    if problems:
        raise InputError(f"{declaration.name} cannot accept these inputs", problems=tuple(problems))
    return inputs


def json_from_text(value_type: ValueType, text: str, subject: str, folder: Path = WORKING_FOLDER) -> Json:
    """The JSON form of a flag's text: parsed as JSON for records, lists and unions, otherwise the text itself.

    Image paths are relative to `folder`.
    """
    if inner := value_type.optional_type:
        return json_from_text(inner, text, subject, folder) if text.strip() not in ("", "null") else None
    if value_type.written_as_json:
        return embed_files(value_type, loads(text, subject), folder)
    if value_type.media:
        return embed_files(value_type, text, folder)
    return value_type.read_form(FormFields({"value": [text]}), "value")


def json_from_texts(
    declaration: Declaration, texts: Mapping[str, str], folder: Path = WORKING_FOLDER
) -> dict[str, Json]:
    """The JSON forms of one text per input (flags, columns of a table)."""
    check_names(declaration, texts)
    parameters = (parameter for parameter in declaration.parameters if parameter.name in texts)
    return collect_inputs(
        declaration,
        parameters,
        lambda parameter: json_from_text(parameter.value_type, texts[parameter.name], parameter.name, folder),
    )


def embed_row_files(declaration: Declaration, json_value: Json, folder: Path) -> Json:
    """A row from the user's own disk, with image paths replaced by the images. Raises InputError."""
    if not isinstance(json_value, dict):
        return json_value
    parameters = [
        parameter for parameter in declaration.parameters if parameter.has_images and parameter.name in json_value
    ]
    return {
        **json_value,
        **collect_inputs(
            declaration,
            parameters,
            lambda parameter: embed_files(parameter.value_type, json_value[parameter.name], folder),
        ),
    }


def check_names(declaration: Declaration, values: Mapping[str, Any]) -> None:
    """Raises InputError for unknown inputs, with the nearest name, and for missing ones."""
    names = [parameter.name for parameter in declaration.parameters]
    unknown = [
        Problem(to_printable(name), f"is not an input of {declaration.name}", quote(value))
        for name, value in values.items()
        if name not in names
    ]
    missing = [
        Problem(parameter.name, "is missing", "")
        for parameter in declaration.parameters
        if parameter.required and parameter.name not in values
    ]
    if unknown or missing:
        guess = nearest_name(unknown[0].path, names) if unknown else None
        raise InputError(
            f"{declaration.name} cannot accept these inputs",
            problems=(*unknown, *missing),
            hint=f"did you mean {guess}?" if guess else usage(declaration),
        )


def input_error(
    declaration: Declaration, name: str, message: str, value: object, guess: str | None = None
) -> InputError:
    value_text = "" if value is inspect.Parameter.empty else quote(value)
    return InputError(
        f"{declaration.name} cannot accept these inputs",
        problems=(Problem(to_printable(name), message, value_text),),
        hint=f"did you mean {guess}?" if guess else usage(declaration),
    )


def usage(declaration: Declaration) -> str:
    return f"{declaration.name} takes {', '.join(parameter.name for parameter in declaration.parameters) or 'nothing'}"


def to_input_error(message: str, name: str, error: InvalidValue) -> InputError:
    return InputError(message, problems=problems_of(name, error))


def problems_of(name: str, error: InvalidValue) -> tuple[Problem, ...]:
    """The faults of an input as problems; with the name "" the paths have no prefix."""
    return tuple(
        Problem(".".join((name, *fault.path)).lstrip("."), fault.message, quote(fault.json_value))
        for fault in error.faults
    )
