"""The values of a call, parsed once at the border: from Python, from wire form, from the texts of flags and forms."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from plait.core.errors import InputError, Problem
from plait.core.suggestions import nearest
from plait.core.task.declaration import Declaration, Slot
from plait.core.task.signature import beside_inputs
from plait.core.values import forms
from plait.core.values.forms import Fields
from plait.core.values.json_text import dumps, loads, parsed, unwritable
from plait.core.values.picture_files import with_files
from plait.core.values.quoting import printable, shown
from plait.core.values.value_type import Beside, Fault, Json, Kind, WireError

T = TypeVar("T")
HERE = Path()


@lru_cache(maxsize=512)
def adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)


def inputs_from_call(
    declaration: Declaration, args: tuple[object, ...], kwargs: Mapping[str, object]
) -> dict[str, object]:
    """The inputs of a Python call, validated; objects stay the very objects that were passed."""
    names = [slot.name for slot in declaration.slots]
    if len(args) > len(names):
        raise InputError(f"{declaration.name} takes {len(names)} inputs, {len(args)} were passed")
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    twice = [name for name in names[: len(args)] if name in kwargs]
    if twice:
        raise missing_or_unknown(declaration, twice[0], "was passed twice", kwargs[twice[0]])
    check_names(declaration, given)
    read = gathered(declaration, declaration.slots, lambda slot: validated(slot, given.get(slot.name, slot.default)))
    return beside_each_other(declaration, read)


def inputs_from_wire(declaration: Declaration, wire: Json) -> dict[str, object]:
    """The inputs that a JSON object holds."""
    if not isinstance(wire, dict):
        quoted = shown(wire) or "null"
        raise InputError(f"{declaration.name} takes an object with its slots, not {quoted}", way_out=usage(declaration))
    check_names(declaration, wire)
    return beside_each_other(declaration, gathered(declaration, declaration.slots, lambda slot: from_wire(slot, wire)))


def beside_each_other(declaration: Declaration, inputs: dict[str, object]) -> dict[str, object]:
    """The inputs, once the boxes among them are known to lie on their pictures. Raises InputError."""
    boxed = [slot for slot in declaration.slots if slot.boxed]
    if boxed:
        beside = beside_inputs(declaration.targets, inputs)
        gathered(declaration, boxed, lambda slot: slot.kind.encode(inputs[slot.name], beside))
    return inputs


def from_wire(slot: Slot, wire: Mapping[str, Json]) -> object:
    given = slot.name in wire
    return validated(slot, slot.kind.decode(wire[slot.name], Beside()) if given else slot.default)


def validated(slot: Slot, value: object) -> object:
    """The value as the slot's own type has it. Raises WireError."""
    try:
        valid = adapter(slot.annotation).validate_python(value)
    except ValidationError as error:
        as_wire_form(slot, value)
        raise WireError("is refused", value, faults=faults_in(error)) from None
    # Python holds numbers and texts that no JSON does (NaN, half a character): refused here as they are on the wire.
    if faults := tuple(unwritable(slot.kind.encode(valid, Beside()))):
        raise WireError(faults[0].message, value, faults=faults)
    return valid


def as_wire_form(slot: Slot, value: object) -> None:
    """What the kind says of a refused value that could have come as JSON: Python, shell and HTTP use the same words."""
    try:
        wire = parsed(dumps(value))
    except (TypeError, ValueError, RecursionError):
        return
    slot.kind.decode(wire, Beside())


def faults_in(error: ValidationError) -> tuple[Fault, ...]:
    """Pydantic's errors as ours."""
    return tuple(
        Fault(tuple(map(str, each["loc"])), each["msg"].removeprefix("Value error, "), each["input"])
        for each in error.errors(include_url=False)
    )


def gathered(declaration: Declaration, slots: Iterable[Slot], read: Callable[[Slot], T]) -> dict[str, T]:
    """What each slot reads as, by name. Raises InputError that tells all faults at once."""
    found: dict[str, T] = {}
    problems: list[Problem] = []
    for slot in slots:
        try:
            found[slot.name] = read(slot)
        except WireError as error:
            problems += problems_of(slot.name, error)
    if problems:
        raise InputError(f"{declaration.name} cannot take this", problems=tuple(problems))
    return found


def wire_from_text(kind: Kind, text: str, what: str, folder: Path = HERE) -> Json:
    """The wire form that a flag's text means: JSON for records, lists and unions, else what stands there.

    Pictures are paths from the folder.
    """
    if kind.name == "optional":
        (_, inner) = kind.children[0]
        return wire_from_text(inner, text, what, folder) if text.strip() not in ("", "null") else None
    if kind.name in ("record", "list", "union", "ref"):
        return with_files(kind, loads(text, what), folder)
    if kind.name == "image":
        return with_files(kind, text, folder)
    return forms.read(kind, Fields({"value": [text]}), "value")


def wire_from_texts(declaration: Declaration, texts: Mapping[str, str], folder: Path = HERE) -> dict[str, Json]:
    """A text per slot (flags, columns of a table) as wire form."""
    check_names(declaration, texts)
    slots = (slot for slot in declaration.slots if slot.name in texts)
    return gathered(declaration, slots, lambda slot: wire_from_text(slot.kind, texts[slot.name], slot.name, folder))


def row_with_files(declaration: Declaration, wire: Json, folder: Path) -> Json:
    """A row of the user's own disk, its pictures read from the paths that stand for them. Raises InputError."""
    if not isinstance(wire, dict):
        return wire
    slots = [slot for slot in declaration.slots if slot.pictured and slot.name in wire]
    return {**wire, **gathered(declaration, slots, lambda slot: with_files(slot.kind, wire[slot.name], folder))}


def check_names(declaration: Declaration, given: Mapping[str, Any]) -> None:
    """Raises InputError for unknown slots, with the nearest name, and for missing ones."""
    names = [slot.name for slot in declaration.slots]
    unknown = [
        Problem(printable(name), "is not a slot", shown(value)) for name, value in given.items() if name not in names
    ]
    missing = [
        Problem(slot.name, "is missing", "") for slot in declaration.slots if slot.required and slot.name not in given
    ]
    if unknown or missing:
        guess = nearest(unknown[0].path, names) if unknown else None
        raise InputError(
            f"{declaration.name} cannot take this",
            problems=(*unknown, *missing),
            way_out=f"did you mean {guess}?" if guess else usage(declaration),
        )


def missing_or_unknown(
    declaration: Declaration, name: str, what: str, value: object, guess: str | None = None
) -> InputError:
    quoted = "" if value is inspect.Parameter.empty else shown(value)
    return InputError(
        f"{declaration.name} cannot take this",
        problems=(Problem(printable(name), what, quoted),),
        way_out=f"did you mean {guess}?" if guess else usage(declaration),
    )


def usage(declaration: Declaration) -> str:
    return f"{declaration.name} takes {', '.join(slot.name for slot in declaration.slots) or 'nothing'}"


def refused(message: str, slot: str, error: WireError) -> InputError:
    return InputError(message, problems=problems_of(slot, error))


def problems_of(slot: str, error: WireError) -> tuple[Problem, ...]:
    """The faults below a slot; below "" the paths stand by themselves."""
    return tuple(
        Problem(".".join((slot, *fault.path)).lstrip("."), fault.message, shown(fault.wire)) for fault in error.faults
    )
