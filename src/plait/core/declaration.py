"""From a typed function without a body to a declared task.

Every mistake is answered here, when the writer's file is imported, with the writer's own line, a mark under the fault
and the way out.
"""

import hashlib
import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from plait.core.errors import AnnotationError, BodyError, InstructionError, RefError, SlotError
from plait.core.excerpt import Source, source_of
from plait.core.instruction import Instruction, instruction
from plait.core.jsontext import dumps
from plait.core.kinds import Kind, schema_of
from plait.core.nearest import did_you_mean
from plait.core.options import NAMES
from plait.core.reading import Reader, Target, UnreadableType, UnresolvedRef, targets_in

MISSING: Any = inspect.Parameter.empty
# Names that a slot cannot have: they would meet a flag of `plait run`, a column of an example, or an option of the call.
RESERVED = frozenset({"answer", "help", "json", "rows", *NAMES})

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


@dataclass(frozen=True)
class Declaration:
    """What was declared, parsed once. `wordings[""]` is the docstring; each holds its paraphrases."""

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
    source = source_of(function)
    words = docstring(function, source)
    refuse_a_body(function, source)
    hints = annotations(function, source)
    slots = tuple(
        slot(function, parameter, hints, source) for parameter in inspect.signature(function).parameters.values()
    )
    targets = tuple(targets_in({each.name: each.kind for each in slots}))
    answer = answer_kind(function, hints, targets, source)
    versions = {"": (instruction(words),), **{name: paraphrases(given) for name, given in (wordings or {}).items()}}
    for name, paraphrase in ((name, each) for name, all_of_it in versions.items() for each in all_of_it):
        compare(function, paraphrase, slots, source, name)
    name = function.__name__
    return Declaration(name, slots, answer, hints["return"], versions, targets, source, function)


def docstring(function: Callable[..., Any], source: Source) -> str:
    if function.__doc__ and function.__doc__.strip():
        return inspect.cleandoc(function.__doc__)
    why = "has no docstring, which is its instruction"
    way_out = 'write one: """Read the invoice {text} and fill in its fields."""'
    if any(line.lstrip().startswith(('f"', "f'", 'rf"', 'fr"')) for line in source.lines):
        why, way_out = "has an f-string where its docstring should be", "drop the f: Plait fills in {names} by itself"
        raise InstructionError(f"{function.__name__} {why}", details=source.excerpt('f"'), way_out=way_out)
    if not __debug__ and any('"""' in line for line in source.lines):
        why, way_out = "lost its docstring to python -OO", "run Python without -OO: the docstring is the instruction"
    raise InstructionError(
        f"{function.__name__} {why}", details=source.excerpt(function.__name__, after="def "), way_out=way_out
    )


def refuse_a_body(function: Callable[..., Any], source: Source) -> None:
    """Nothing but `...` or `pass` may follow the docstring. Asked of the compiled code, which is there without source."""
    code = function.__code__
    constants = [each for each in code.co_consts if each not in (None, Ellipsis, function.__doc__)]
    if not code.co_names and not constants and len(code.co_varnames) == len(inspect.signature(function).parameters):
        if not code.co_flags & (inspect.CO_GENERATOR | inspect.CO_COROUTINE):
            return
    first = body_of(source)
    raise BodyError(
        f"{function.__name__} has a body, but a task is answered by a model",
        details=source.excerpt(first) if first else source.excerpt(function.__name__, after="def "),
        way_out="leave only the docstring and ...; to answer by code: @engine.answers(task)",
    )


def body_of(source: Source) -> str:
    """The first line of code behind the docstring, if the source can be read."""
    import ast
    import textwrap

    try:
        (tree,) = ast.parse(textwrap.dedent("".join(source.lines))).body
    except (SyntaxError, ValueError):
        return ""
    lines = "".join(source.lines).splitlines()
    if isinstance(tree, ast.AsyncFunctionDef):
        return "async def"
    for node in tree.body[1:] if isinstance(tree, ast.FunctionDef) else []:
        if not isinstance(node, ast.Pass) and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            return lines[node.lineno - 1].strip()
    return ""


def annotations(function: Callable[..., Any], source: Source) -> dict[str, Any]:
    """The function's types. Raises AnnotationError for one that cannot be resolved or is not there."""
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except NameError as unknown:
        name = unknown.name or str(unknown)
        raise AnnotationError(
            f"{function.__name__} uses the type {name}, which is not known where it stands",
            details=source.excerpt(name, after="def "),
            way_out=did_you_mean(name, function.__globals__, f"define or import {name} at the top of the file"),
        ) from None
    except (TypeError, SyntaxError) as fault:
        raise AnnotationError(
            f"{function.__name__} has a type that Python cannot read: {fault}", details=source.excerpt("def ")
        ) from None
    for name in [*inspect.signature(function).parameters, "return"]:
        if name not in hints:
            what = f"parameter {name}" if name != "return" else "answer"
            raise AnnotationError(
                f"the {what} of {function.__name__} has no type",
                details=source.excerpt(name if name != "return" else function.__name__, after="def "),
                way_out=f"write {name}: str" if name != "return" else "write -> str, or what should come back",
            )
    return hints


def slot(function: Callable[..., Any], parameter: inspect.Parameter, hints: dict[str, Any], source: Source) -> Slot:
    name = parameter.name
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        raise SlotError(
            f"{function.__name__} takes *{name}, but a task's slots have names",
            details=source.excerpt(f"*{name}", after="def "),
            way_out=f"write {name}: list[...] instead",
        )
    if name in RESERVED or name.startswith("_"):
        raise SlotError(
            f"{function.__name__} has a slot called {name}, a word that Plait uses itself",
            details=source.excerpt(name, after="def "),
            way_out=f"call it the_{name.strip('_')}, or what it is; reserved are {', '.join(sorted(RESERVED))}",
        )
    return Slot(name, readable(Reader(), hints[name], function, name, source), hints[name], parameter.default)


def answer_kind(
    function: Callable[..., Any], hints: dict[str, Any], targets: tuple[Target, ...], source: Source
) -> Kind:
    return readable(Reader(targets), hints["return"], function, "->", source)


def readable(reader: Reader, annotation: object, function: Callable[..., Any], at: str, source: Source) -> Kind:
    """The kind of an annotation; what cannot be read is marked where it stands in the `def`."""
    try:
        return reader.kind(annotation)
    except UnreadableType as error:
        kind = RefError if isinstance(error, UnresolvedRef) else AnnotationError
        where = f" ({error.trail})" if error.trail else ""
        raise kind(
            f"{function.__name__}{where}: {error.message}",
            details=source.excerpt(written_annotation(source, at) or at, after=at if at == "->" else "def "),
            way_out=error.way_out,
        ) from None


def written_annotation(source: Source, at: str) -> str:
    """The annotation as it stands in the source, of a parameter or (`->`) of the answer."""
    import ast
    import textwrap

    try:
        (tree,) = ast.parse(textwrap.dedent("".join(source.lines))).body
    except (SyntaxError, ValueError):
        return ""
    assert isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef)
    if at == "->":
        return ast.unparse(tree.returns) if tree.returns else ""
    found = [
        each.annotation for each in (*tree.args.posonlyargs, *tree.args.args, *tree.args.kwonlyargs) if each.arg == at
    ]
    return ast.unparse(found[0]) if found and found[0] else ""


def paraphrases(given: str | Sequence[str]) -> tuple[Instruction, ...]:
    return tuple(map(instruction, [given] if isinstance(given, str) else given))


def compare(
    function: Callable[..., Any], words: Instruction, slots: tuple[Slot, ...], source: Source, wording: str
) -> None:
    """Words and parameters must speak of the same things."""
    names = [each.name for each in slots]
    who = f"{function.__name__} in the wording {wording!r}" if wording else function.__name__
    for place in words.slots:
        if place not in names:
            known = f"its parameters are {', '.join(names)}" if names else "it has no parameters"
            guess = did_you_mean(place, names, known).replace("mean ", "mean {").replace("?", "}?")
            raise InstructionError(
                f"{who} mentions {{{place}}}, which is not a parameter",
                details=source.excerpt(place, after=f"{{{place}}}"),
                way_out=guess,
            )
    for each in slots:
        if each.name not in words.slots:
            raise InstructionError(
                f"{who} never mentions its parameter {each.name}",
                details=source.excerpt(each.name, after="def "),
                way_out=f"put {{{each.name}}} where it belongs in {'the wording' if wording else 'the docstring'}",
            )
