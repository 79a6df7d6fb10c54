"""From a typed function without a body to a declared task.

Every mistake is answered here, when the writer's file is imported, with the writer's own line, a mark under the fault
and the way out.
"""

import ast
import hashlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from plait.core.errors import AnnotationError, BodyError, RefError, SlotError
from plait.core.task.declaration_checks import annotations, compare, docstring, refuse_a_body
from plait.core.task.instruction import Instruction, instruction
from plait.core.task.options import NAMES, PAINTING
from plait.core.task.signature import Reader, Target, UnreadableType, UnresolvedRef, targets_in
from plait.core.task.source import Source, source_of
from plait.core.values.json_text import dumps
from plait.core.values.value_type import Kind, inside, schema_of

MISSING: Any = inspect.Parameter.empty
# Names that a slot cannot have: they would meet a flag of `plait run`, a column of an example, an option of the call.
RESERVED = frozenset({"answer", "fresh", "help", "json", "rows", *NAMES}) - PAINTING
# What stands beside the slots of a task that paints, on the shell: an order may be a slot of any other.
RESERVED_OF_PAINTERS = RESERVED | PAINTING | {"out"}

Wordings = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Slot:
    """One input of a task. `default` is MISSING where the caller has to give it."""

    name: str
    kind: Kind
    annotation: object
    default: object = MISSING

    @property
    def required(self) -> bool:
        return self.default is MISSING

    @cached_property
    def boxed(self) -> bool:
        """Whether it holds boxes, which have to lie on a picture of another slot."""
        return any(kind.name == "box" for _, kind in inside(self.kind))

    @cached_property
    def pictured(self) -> bool:
        """Whether it holds pictures."""
        return any(kind.name == "image" for _, kind in inside(self.kind))


@dataclass(frozen=True, eq=False)
class Declaration:
    """What was declared, parsed once. `wordings[""]` is the docstring; each holds its paraphrases.

    Equal is only the very same: two files may declare a task of the same words.
    """

    name: str
    slots: tuple[Slot, ...]
    answer: Kind
    answer_annotation: object
    wordings: Mapping[str, tuple[Instruction, ...]]
    targets: tuple[Target, ...]
    source: Source
    function: Callable[..., Any]

    @property
    def instruction(self) -> Instruction:
        return self.wordings[""][0]

    @property
    def bare(self) -> bool:
        """Whether the answer is a text, which is written as it stands and not as JSON."""
        return self.answer.name == "text"

    def slot(self, name: str) -> Slot | None:
        return next((slot for slot in self.slots if slot.name == name), None)

    @cached_property
    def fingerprint(self) -> str:
        """Twelve hex digits that change with slots, types or words; written into examples, adapters and answer ids."""
        words = {name: list(map(str, versions)) for name, versions in self.wordings.items()}
        slots = [[slot.name, schema_of(slot.kind)] for slot in self.slots]
        told = dumps([self.name, slots, schema_of(self.answer), words])
        return hashlib.sha256(told.encode()).hexdigest()[:12]


def declaration(function: Callable[..., Any], wordings: Wordings | None = None) -> Declaration:
    """What a function declares. Raises the DeclarationErrors."""
    if not inspect.isfunction(function):
        raise BodyError(f"{function!r} is no function", way_out="write @task above a def")
    name, source = function.__name__, source_of(function)
    words = docstring(function, source)
    refuse_a_body(function, source)
    hints = annotations(function, source)
    parameters = inspect.signature(function).parameters.values()
    read = tuple(slot(name, parameter, hints.get(parameter.name), source) for parameter in parameters)
    targets = tuple(targets_in({each.name: each.kind for each in read}))
    slots = tuple(placed(name, each, targets, source) if each.boxed else each for each in read)
    answer = readable(Reader(targets), hints["return"], name, source, source.definition and source.definition.returns)
    for each in slots if answer.name == "image" else ():
        refuse_reserved(name, each.name, source, RESERVED_OF_PAINTERS)
    versions = {"": (instruction(words),), **{said: paraphrases(given) for said, given in (wordings or {}).items()}}
    for wording, versions_of_it in versions.items():
        for paraphrase in versions_of_it or (instruction(""),):
            compare(name, paraphrase, [each.name for each in slots], source, wording)
    return Declaration(name, slots, answer, hints["return"], versions, targets, source, function)


def slot(task: str, parameter: inspect.Parameter, annotation: object, source: Source) -> Slot:
    name, node = parameter.name, source.parameter(parameter.name)
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        stars = "*" if parameter.kind is parameter.VAR_POSITIONAL else "**"
        raise SlotError(
            f"{task} takes {stars}{name}, but a task's slots have names",
            details=source.at(node),
            way_out=f"write {name}: list[...] instead",
        )
    refuse_reserved(task, name, source, RESERVED)
    kind = readable(Reader(None, incoming=True), annotation, task, source, node and node.annotation)
    return Slot(name, kind, annotation, parameter.default)


def refuse_reserved(task: str, name: str, source: Source, reserved: frozenset[str]) -> None:
    if name in reserved or name.startswith("_"):
        raise SlotError(
            f"{task} has a slot called {name}, a word that Plait uses itself",
            details=source.at(source.parameter(name)),
            way_out=f"call it the_{name.strip('_')}, or what it is; reserved are {', '.join(sorted(reserved))}",
        )


def placed(task: str, slot: Slot, targets: tuple[Target, ...], source: Source) -> Slot:
    """The slot read once more, now that it is known which pictures its boxes may lie on."""
    node = source.parameter(slot.name)
    return replace(
        slot, kind=readable(Reader(targets, incoming=True), slot.annotation, task, source, node and node.annotation)
    )


def readable(reader: Reader, annotation: object, task: str, source: Source, node: ast.expr | None) -> Kind:
    """The kind of an annotation; what cannot be read is marked where it stands in the `def`."""
    try:
        return reader.kind(annotation)
    except UnreadableType as error:
        kind = RefError if isinstance(error, UnresolvedRef) else AnnotationError
        where = f" ({error.trail})" if error.trail else ""
        raise kind(f"{task}{where}: {error.message}", details=source.at(node), way_out=error.way_out) from None


def paraphrases(given: str | Sequence[str]) -> tuple[Instruction, ...]:
    return tuple(map(instruction, [given] if isinstance(given, str) else given))
