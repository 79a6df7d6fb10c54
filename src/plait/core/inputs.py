"""The values of a call, parsed once at the border: from Python, from wire form, from the texts of flags and forms."""

import inspect
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from plait.core import forms
from plait.core.declaration import Declaration, Slot
from plait.core.errors import InputError, Problem
from plait.core.forms import Fields
from plait.core.jsontext import loads
from plait.core.kinds import Beside, Fault, Json, Kind, WireError
from plait.core.nearest import nearest

SHOWN = 80  # characters of a refused value that an error quotes


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
    return {slot.name: validated(declaration, slot, given.get(slot.name, slot.default)) for slot in declaration.slots}


def validated(declaration: Declaration, slot: Slot, value: object) -> object:
    try:
        return adapter(slot.annotation).validate_python(value)
    except ValidationError as error:
        fault = WireError("", value, faults=faults_in(error))
        raise refused(f"{declaration.name} cannot take this", slot.name, fault) from None


def faults_in(error: ValidationError) -> tuple[Fault, ...]:
    """Pydantic's errors as ours."""
    return tuple(Fault(tuple(map(str, each["loc"])), each["msg"], each["input"]) for each in error.errors())


def inputs_from_wire(declaration: Declaration, wire: Json) -> dict[str, object]:
    """The inputs that a JSON object holds. All faults are told at once."""
    if not isinstance(wire, dict):
        raise InputError(
            f"{declaration.name} takes an object with its slots, not {shown(wire)}", way_out=usage(declaration)
        )
    check_names(declaration, wire)
    problems: list[Problem] = []
    inputs: dict[str, object] = {}
    for slot in declaration.slots:
        try:
            inputs[slot.name] = from_wire(slot, wire)
        except WireError as error:
            problems += problems_of(slot.name, error)
    if problems:
        raise InputError(f"{declaration.name} cannot take this", problems=tuple(problems))
    return inputs


def from_wire(slot: Slot, wire: Mapping[str, Json]) -> object:
    if slot.name not in wire:
        return slot.default
    value = slot.kind.decode(wire[slot.name], Beside())
    try:
        return adapter(slot.annotation).validate_python(value)
    except ValidationError as error:
        raise WireError("", value, faults=faults_in(error)) from None


def wire_from_text(kind: Kind, text: str, what: str) -> Json:
    """The wire form that a flag's text means: JSON for records, lists and unions, else what stands there."""
    if kind.name in ("record", "list", "union", "ref"):
        return loads(text, what)
    return forms.read(kind, Fields({"value": [text]}), "value")


def wire_from_texts(declaration: Declaration, texts: Mapping[str, str]) -> dict[str, Json]:
    """A text per slot (flags, columns of a table) as wire form."""
    check_names(declaration, texts)
    wire: dict[str, Json] = {}
    problems: list[Problem] = []
    for name, text in texts.items():
        slot = declaration.slot(name)
        assert slot is not None
        try:
            wire[name] = wire_from_text(slot.kind, text, name)
        except WireError as error:
            problems += problems_of(name, error)
    if problems:
        raise InputError(f"{declaration.name} cannot take this", problems=tuple(problems))
    return wire


def check_names(declaration: Declaration, given: Mapping[str, Any]) -> None:
    """Raises InputError for an unknown slot, with the nearest name, and for a missing one."""
    names = [slot.name for slot in declaration.slots]
    for name in given:
        if name not in names:
            raise missing_or_unknown(declaration, name, "is not a slot", given[name], nearest(name, names))
    for slot in declaration.slots:
        if slot.required and slot.name not in given:
            raise missing_or_unknown(declaration, slot.name, "is missing", inspect.Parameter.empty)


def missing_or_unknown(
    declaration: Declaration, name: str, what: str, value: object, guess: str | None = None
) -> InputError:
    quoted = "" if value is inspect.Parameter.empty else shown(value)
    return InputError(
        f"{declaration.name} cannot take this",
        problems=(Problem(name, what, quoted),),
        way_out=f"did you mean {guess}?" if guess else usage(declaration),
    )


def usage(declaration: Declaration) -> str:
    return f"{declaration.name} takes {', '.join(slot.name for slot in declaration.slots) or 'nothing'}"


def refused(message: str, slot: str, error: WireError) -> InputError:
    return InputError(message, problems=problems_of(slot, error))


def problems_of(slot: str, error: WireError) -> tuple[Problem, ...]:
    return tuple(Problem(".".join((slot, *fault.path)), fault.message, shown(fault.wire)) for fault in error.faults)


def shown(value: object) -> str:
    """A refused value as an error quotes it; never all of a large one, never what no terminal can print."""
    if value is None:
        return ""
    text = repr(value) if not isinstance(value, str) else f'"{value}"'
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text):,} characters)"
