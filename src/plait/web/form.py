"""Converts a task's form to JSON inputs and back, and maps problems to form fields."""

from collections.abc import Mapping, Sequence

from plait.core.errors import InputError, Problem
from plait.core.suggestions import nearest_name
from plait.core.task.declaration import Declaration
from plait.core.task.options import OPTIONS
from plait.core.values.forms import FormFields, Texts
from plait.core.values.inputs import input_error, problems_of
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.value_type import ValueType

KEPT = "_kept"
# Before the names of the fields of options: an input may have the name of an option of other tasks.
OPTION_PREFIX = "_option."


def form_to_json(declaration: Declaration, fields: FormFields) -> dict[str, Json]:
    """The inputs of a form in JSON form; a blank input has its default. Raises InputError with all problems."""
    check_field_names(declaration, fields)
    json_inputs: dict[str, Json] = {}
    problems: list[Problem] = []
    for parameter in declaration.parameters:
        if not parameter.required and parameter.name not in fields.get_list(KEPT) and fields.is_blank(parameter.name):
            continue
        try:
            json_inputs[parameter.name] = parameter.value_type.read_form(fields, parameter.name)
        except InvalidValue as error:
            problems += problems_of(parameter.name, error)
    if problems:
        raise InputError(f"{declaration.name} cannot accept these inputs", problems=tuple(problems))
    return json_inputs


def check_field_names(declaration: Declaration, fields: FormFields) -> None:
    """Raises InputError for a field that belongs to no input. Names with a leading underscore are the form's own."""
    names = [parameter.name for parameter in declaration.parameters]
    for field, texts in fields.data.items():
        name = field.partition(".")[0]
        if name not in names and not name.startswith("_"):
            message = f"is not an input of {declaration.name}"
            raise input_error(declaration, name, message, texts[-1], nearest_name(name, names))


def json_to_form(declaration: Declaration, json_inputs: Mapping[str, Json]) -> FormFields:
    """The form fields for these inputs."""
    texts: Texts = {}
    for parameter in declaration.parameters:
        if parameter.name in json_inputs:
            parameter_texts = parameter.value_type.to_fields(json_inputs[parameter.name], parameter.name)
            texts |= parameter_texts
            if not parameter.required and FormFields(parameter_texts).is_blank(parameter.name):
                texts.setdefault(KEPT, []).append(parameter.name)
    return FormFields(texts)


def problems_by_field(
    declaration: Declaration, fields: FormFields, problems: Sequence[Problem]
) -> dict[str, list[str]]:
    """Maps field names to the messages of their problems."""
    messages: dict[str, list[str]] = {}
    for problem in problems:
        messages.setdefault(field_name(declaration, fields, problem.path), []).append(problem.message)
    return messages


def field_name(declaration: Declaration, fields: FormFields, path: str) -> str:
    """The field at a problem's path, or the nearest one around it; "" if the path is of no input or option.

    A path counts the items of a list, while a form numbers its rows, which include blank rows and gaps.
    """
    first, *rest = path.split(".")
    parameter = declaration.parameter(first)
    if parameter is None:
        return f"{OPTION_PREFIX}{first}" if first in OPTIONS else ""
    return descend(parameter.value_type, fields, first, tuple(rest))


def descend(value_type: ValueType, fields: FormFields, name: str, path: Sequence[str]) -> str:
    inner = dict(value_type.children)
    if "" in inner:  # an optional value has the same name as the value inside it
        return descend(inner[""], fields, name, path)
    if not path:
        return name
    step, *rest = path
    if "[]" in inner:
        rows = fields.item_rows(name)
        if not step.isdecimal() or int(step) >= len(rows):
            return name
        return descend(inner["[]"], fields, rows[int(step)], rest)
    return descend(inner[step], fields, f"{name}.{step}", rest) if step in inner else name
