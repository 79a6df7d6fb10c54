"""An answer as people read it: references by name, as on its page. Programs get their index (--json, --detailed)."""

import json
from collections.abc import Mapping

from plait.core.task.declaration import Declaration
from plait.core.values.call_context import NO_CONTEXT
from plait.core.values.json_value import Json, value_at
from plait.core.values.value_type import ValueType, iter_types
from plait.web.display_names import display_names

Names = Mapping[tuple[str, ...], list[str]]  # of the objects that a reference may point at, by the path to their list


def readable_text(declaration: Declaration, inputs: Mapping[str, object], json_value: Json) -> str:
    """The text of an answer: a text or a reference bare, everything else as indented JSON."""
    readable = with_names(declaration.answer, json_value, names_in(declaration, inputs))
    return readable if is_bare(declaration) and isinstance(readable, str) else indented(readable)


def is_bare(declaration: Declaration) -> bool:
    """Whether an answer is a text or a reference, which is printed without quotes."""
    inner = declaration.answer.optional_type or declaration.answer
    return declaration.is_plain_text or inner.points_into is not None


def indented(json_value: Json) -> str:
    return json.dumps(json_value, ensure_ascii=False, indent=2)


def names_in(declaration: Declaration, inputs: Mapping[str, object]) -> Names:
    """The names of everything that a reference of the answer may point at."""
    paths = {path for _, each in iter_types(declaration.answer) if (path := each.points_into) is not None}
    return {path: display_names(candidates(declaration, inputs, path)) for path in paths}


def candidates(declaration: Declaration, inputs: Mapping[str, object], path: tuple[str, ...]) -> list[Json]:
    parameter = declaration.parameter(path[0])
    assert parameter is not None
    found = value_at(parameter.value_type.encode(inputs[path[0]], NO_CONTEXT), path[1:])
    return found if isinstance(found, list) else []


def with_names(value_type: ValueType, json_value: Json, names: Names) -> Json:
    """The JSON form with names for the indices of references. A partial answer has names already."""
    if (path := value_type.points_into) is not None:
        return names[path][json_value] if isinstance(json_value, int) else json_value
    inner = {step: with_names(child, each, names) for step, child, each in value_type.iter_json(json_value)}
    if "" in inner and "{}" not in dict(value_type.children):  # a key of an object may be empty, too
        return inner[""]
    if isinstance(json_value, list):
        return [inner.get(str(number), each) for number, each in enumerate(json_value)]
    return (
        {key: inner.get(key, each) for key, each in json_value.items()} if isinstance(json_value, dict) else json_value
    )
