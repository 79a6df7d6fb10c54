"""The mistakes of a declaration: each answered with the writer's own line, a mark under the fault and the way out."""

import ast
import builtins
import dis
import inspect
import sys
import typing
from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any

from plait.core.errors import AnnotationError, BodyError, InstructionError
from plait.core.suggestions import did_you_mean, nearest
from plait.core.task.instruction import Instruction
from plait.core.task.source import Source

# What the compiled form of `...` or `pass` consists of, in every Python from 3.11 on.
IDLE = {"RESUME", "NOP", "CACHE", "COPY_FREE_VARS", "MAKE_CELL", "RETURN_VALUE"}
LOADS = {"LOAD_CONST", "RETURN_CONST"}


def docstring(function: Callable[..., Any], source: Source) -> str:
    """The function's words. Raises InstructionError where there are none."""
    if function.__doc__ and function.__doc__.strip():
        return inspect.cleandoc(function.__doc__)
    first = source.definition.body[0] if source.definition else None
    said = first.value if isinstance(first, ast.Expr) else None
    where = source.name()
    why, way_out = (
        "has no docstring, which is its instruction",
        'write one: """Read the invoice {text} and fill in its fields."""',
    )
    if isinstance(said, ast.JoinedStr):
        why, way_out = "has an f-string where its docstring should be", "drop the f: Plait fills in {names} by itself"
        where = source.at(said)
    elif sys.flags.optimize >= 2:
        why, way_out = "lost its docstring to python -OO", "run Python without -OO: the docstring is the instruction"
    raise InstructionError(f"{function.__name__} {why}", details=where, way_out=way_out)


def refuse_a_body(function: Callable[..., Any], source: Source) -> None:
    """Nothing but `...` or `pass` may follow the docstring. Asked of the compiled code, there without source too."""
    code = function.__code__
    if code.co_flags & (inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR):
        raise BodyError(
            f"{function.__name__} is an async def, but a task is declared with def",
            details=source.excerpt("async", first=source.header),
            way_out="drop the async; to wait for an answer: await task.acall(...)",
        )
    if not idle(code):
        raise BodyError(
            f"{function.__name__} has a body, but a task is answered by a model",
            details=source.at(body(source)),
            way_out="leave only the docstring and ...; to answer by code: @engine.answers(task)",
        )


def idle(code: CodeType) -> bool:
    return all(
        step.opname in IDLE or (step.opname in LOADS and step.argval is None) for step in dis.get_instructions(code)
    )


def body(source: Source) -> ast.stmt | None:
    """The first statement behind the docstring that does something, if the source can be read."""
    statements = source.definition.body if source.definition else []
    return next((each for each in statements if not isinstance(each, ast.Pass) and not constant(each)), None)


def constant(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def annotations(function: Callable[..., Any], source: Source) -> dict[str, Any]:
    """The function's types. Raises AnnotationError for one that cannot be resolved or is not there."""
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except NameError as unknown:
        name = unknown.name or str(unknown)
        known = [each for each in (*function.__globals__, *vars(builtins)) if not each.startswith("_")]
        raise AnnotationError(
            f"{function.__name__} uses the type {name}, which is not known where it stands",
            details=source.excerpt(name, first=source.header),
            way_out=did_you_mean(name, known, f"define or import {name} at the top of the file"),
        ) from None
    except (TypeError, SyntaxError, AttributeError) as fault:
        raise AnnotationError(
            f"{function.__name__} has a type that Python cannot read: {fault}",
            details=source.name(),
            way_out="write types as in list[str], str | None or Literal['a', 'b']",
        ) from None
    for parameter in inspect.signature(function).parameters.values():
        variable = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        if parameter.name not in hints and not variable:
            raise AnnotationError(
                f"the parameter {parameter.name} of {function.__name__} has no type",
                details=source.at(source.parameter(parameter.name)),
                way_out=f"write {parameter.name}: str",
            )
    if "return" not in hints:
        raise AnnotationError(
            f"the answer of {function.__name__} has no type",
            details=source.name(),
            way_out="write -> str, or what should come back",
        )
    return hints


def compare(name: str, words: Instruction, slots: Sequence[str], source: Source, wording: str) -> None:
    """Words and parameters must speak of the same things. Raises InstructionError."""
    who = f"{name} in the wording {wording!r}" if wording else name
    if not words.parts:
        raise InstructionError(f"{who} says nothing", details=source.name(), way_out="write what is asked, or drop it")
    for place in words.slots:
        if place not in slots:
            known = f"its parameters are {', '.join(slots)}" if slots else "it has no parameters"
            guess = nearest(place, slots)
            raise InstructionError(
                f"{who} mentions {{{place}}}, which is not a parameter",
                details=source.excerpt(place, first=0 if wording else source.header, within="{{}}"),
                way_out=f"did you mean {{{guess}}}?" if guess else known,
            )
    for slot in slots:
        if slot not in words.slots:
            raise InstructionError(
                f"{who} never mentions its parameter {slot}",
                details=source.at(source.parameter(slot)),
                way_out=f"put {{{slot}}} where it belongs in {'the wording' if wording else 'the docstring'}",
            )
