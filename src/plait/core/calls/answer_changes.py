"""Changes of an answer: values by dotted path, `{"issued": "2026-05-06", "lines.0.price": "3.00"}`.

A value is in JSON form, or a Python value of the field's type. The path "" is the whole answer, and so is "answer" if
the answer has no field of that name. Without a tag, the fields of a union are those of the option that was answered.
"""

from collections.abc import Mapping, Sequence
from typing import cast

from plait.core.errors import InputError
from plait.core.suggestions import did_you_mean
from plait.core.task.declaration import Declaration
from plait.core.values.call_context import CallContext, call_context
from plait.core.values.inputs import problems_of
from plait.core.values.json_text import dumps, parse_json
from plait.core.values.json_value import Fault, InvalidValue, Json, raise_faults
from plait.core.values.pydantic_validation import validate
from plait.core.values.quoting import to_printable
from plait.core.values.value_type import ValueType

WHOLE_ANSWER = "answer"
UNION = "union"


def apply_changes(value_type: ValueType, json_value: Json, changes: Mapping[str, object], context: CallContext) -> Json:
    """The JSON form of an answer with the changes, not validated yet. Raises InvalidValue with every faulty path."""
    faults: list[Fault] = []
    for path, value in changes.items():
        try:
            steps = path.split(".") if path else []
            json_value = replace_at(value_type, json_value, steps, value, context)
        except UnknownField as error:
            if path != WHOLE_ANSWER:
                faults += error.faults
                continue
            json_value = to_json(value_type, value, context)
        except InvalidValue as error:
            faults += error.faults
    raise_faults(faults, json_value)
    return json_value


def changed_answer(
    declaration: Declaration, inputs: Mapping[str, object], json_value: Json, changes: Mapping[str, object]
) -> tuple[object, Json]:
    """The answer with the changes, and its JSON form. Raises InputError that names each field at fault."""
    context = call_context(declaration, inputs)
    try:
        changed = apply_changes(declaration.answer, json_value, changes, context)
        value = validate(declaration.answer_annotation, declaration.answer.decode(changed, context), changed)
        return value, declaration.answer.encode(value, context.json_context)
    except InvalidValue as error:
        raise InputError(
            f"{declaration.name} cannot accept this correction",
            problems=problems_of("", error),
            hint="nothing was stored: correct the value and try again",
        ) from None


class UnknownField(InvalidValue):
    """A path that does not exist in an answer."""


def replace_at(
    value_type: ValueType, json_value: Json, steps: Sequence[str], value: object, context: CallContext
) -> Json:
    """The JSON form with the value at the path. Raises UnknownField, InvalidValue."""
    if not steps:
        return to_json(value_type, value, context)
    value_type = inner_type(value_type, json_value)
    is_union = value_type.name == UNION
    if is_union and steps[0] not in dict(value_type.children) and isinstance(json_value, dict):
        steps = [*json_value, *steps]
    name, field_type = field_at(value_type, json_value, steps[0], value)
    try:
        changed = replace_at(field_type, item_at(json_value, name), steps[1:], value, context)
    except InvalidValue as error:
        raise type(error)(str(error), value, faults=error.faults_at(name)) from None
    if isinstance(json_value, list):
        return [changed if number == int(name) else item for number, item in enumerate(json_value)]
    # The new option of a union replaces the one that was answered.
    return {**(json_value if isinstance(json_value, dict) and not is_union else {}), name: changed}


def inner_type(value_type: ValueType, json_value: Json) -> ValueType:
    """The type without optional values and others that have the same JSON form as the value inside them."""
    step, inner, _ = next(value_type.iter_json(json_value), ("-", value_type, None))
    inner = inner if step == "" else value_type.optional_type
    return value_type if inner is None else inner_type(inner, json_value)


def field_at(value_type: ValueType, json_value: Json, step: str, value: object) -> tuple[str, ValueType]:
    """The name and type of a field, by name or alias, or of an item that exists. Raises UnknownField."""
    probe: Json = json_value if isinstance(json_value, list) else {step: None}
    fields = [(name, inner) for name, inner, _ in value_type.iter_json(probe)]
    if not isinstance(json_value, list) and fields:
        return fields[0]
    for name, inner in fields:
        if name == step:
            return name, inner
    message = unknown_field_message(value_type, json_value, step)
    raise UnknownField(message, value, faults=(Fault((to_printable(step),), message, value),))


def type_at(value_type: ValueType, path: str) -> ValueType | None:
    """The type of the value at a dotted path of any answer; None if the path cannot exist."""
    if not path or (path == WHOLE_ANSWER and descend(value_type, [path]) is None):
        return value_type
    return descend(value_type, path.split("."))


def descend(value_type: ValueType, steps: Sequence[str]) -> ValueType | None:
    if not steps:
        return value_type
    value_type = inner_type(value_type, None)
    children = dict(value_type.children)
    named = [inner for _, inner, _ in value_type.iter_json({steps[0]: None})]
    child = named[0] if named else children.get(steps[0]) or (children.get("[]") if steps[0].isdecimal() else None)
    if child is not None:
        return descend(child, steps[1:])
    options = value_type.children if value_type.name == UNION else ()
    return next(filter(None, (descend(option, steps) for _, option in options)), None)


def item_at(json_value: Json, name: str) -> Json:
    if isinstance(json_value, list):
        return json_value[int(name)]
    return json_value.get(name) if isinstance(json_value, dict) else None


def unknown_field_message(value_type: ValueType, json_value: Json, step: str) -> str:
    if isinstance(json_value, list):
        return f"is not an item of the answer, which has {len(json_value)} here; pass the whole list to add one"
    if isinstance(json_value, dict) and step in json_value:
        return "is computed from other fields; correct those"
    known = [name for name, _ in value_type.children if name.isidentifier()]
    if not known:
        return "is not in the answer, which has no fields"
    return f"is not a field; {did_you_mean(step, known, 'there are ' + ', '.join(known))}"


def to_json(value_type: ValueType, value: object, context: CallContext) -> Json:
    """The JSON form of a new value: itself, or that of a Python value. Raises InvalidValue."""
    if is_json(value):
        try:
            return parse_json(dumps(value))
        except (ValueError, RecursionError):
            raise InvalidValue("cannot be written as JSON", value) from None
    try:
        return value_type.encode(value, context)
    except InvalidValue:
        raise
    except Exception:  # a value of another class
        raise InvalidValue(f"should be {value_type.describe()}", value) from None


def is_json(value: object) -> bool:
    """Whether a value is in JSON form, and not one of a Python class."""
    if isinstance(value, list):
        return all(map(is_json, cast("list[object]", value)))
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_json(each) for key, each in cast("dict[object, object]", value).items())
    return value is None or type(value) in (bool, int, float, str)
