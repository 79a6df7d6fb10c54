"""A task's form as a whole: what it says, and which of its fields a problem is about."""

from collections.abc import Mapping, Sequence

from plait.core.errors import InputError, Problem
from plait.core.suggestions import nearest_name
from plait.core.task.declaration import Declaration
from plait.core.values import forms
from plait.core.values.forms import FormFields, Texts
from plait.core.values.inputs import input_error, problems_of
from plait.core.values.value_type import InvalidValue, Json, ValueType
from plait.types.list.control import filled_rows

KEPT = "_kept"


def form_to_json(declaration: Declaration, fields: FormFields) -> dict[str, Json]:
    """The inputs that a form says, in wire form; a blank slot has its default. Raises InputError with all faults."""
    check_field_names(declaration, fields)
    wire: dict[str, Json] = {}
    problems: list[Problem] = []
    for slot in declaration.parameters:
        if not slot.required and slot.name not in fields.get_list(KEPT) and fields.is_blank(slot.name):
            continue
        try:
            wire[slot.name] = forms.read(slot.value_type, fields, slot.name)
        except InvalidValue as error:
            problems += problems_of(slot.name, error)
    if problems:
        raise InputError(f"{declaration.name} cannot take this", problems=tuple(problems))
    return wire


def check_field_names(declaration: Declaration, fields: FormFields) -> None:
    """Raises InputError for a field of no slot. What starts with an underscore is the form's own."""
    slots = [slot.name for slot in declaration.parameters]
    for name, texts in fields.data.items():
        slot = name.partition(".")[0]
        if slot not in slots and not slot.startswith("_"):
            raise input_error(declaration, slot, "is not a slot", texts[-1], nearest_name(slot, slots))


def json_to_form(declaration: Declaration, json_inputs: Mapping[str, Json]) -> FormFields:
    """The form that says these inputs."""
    texts: Texts = {}
    for slot in declaration.parameters:
        if slot.name in json_inputs:
            said = forms.to_fields(slot.value_type, json_inputs[slot.name], slot.name)
            texts |= said
            if not slot.required and FormFields(said).is_blank(slot.name):
                texts.setdefault(KEPT, []).append(slot.name)
    return FormFields(texts)


def problems_by_field(
    declaration: Declaration, fields: FormFields, problems: Sequence[Problem]
) -> dict[str, list[str]]:
    """What is wrong, by the name of the field it concerns."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        found.setdefault(field_name(declaration, fields, problem.path), []).append(problem.message)
    return found


def field_name(declaration: Declaration, fields: FormFields, path: str) -> str:
    """The field that a problem's path leads to, or the nearest one around it; empty where no slot is meant.

    A path counts the items of a list, a form numbers its rows: blank rows and gaps lie between.
    """
    first, *rest = path.split(".")
    slot = declaration.parameter(first)
    if slot is None:
        return ""
    return descend(slot.value_type, fields, first, tuple(rest))


def descend(value_type: ValueType, fields: FormFields, name: str, path: Sequence[str]) -> str:
    inner = dict(value_type.children)
    if "" in inner:  # an optional value has the name of what it may be
        return descend(inner[""], fields, name, path)
    if not path:
        return name
    step, *rest = path
    if "[]" in inner:
        rows = filled_rows(fields, name)
        if not step.isdecimal() or int(step) >= len(rows):
            return name
        return descend(inner["[]"], fields, rows[int(step)], rest)
    return descend(inner[step], fields, f"{name}.{step}", rest) if step in inner else name
