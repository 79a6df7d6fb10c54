"""Checks of a declaration: each error has the author's own line, a mark under the fault and a hint."""

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
from plait.core.suggestions import did_you_mean, nearest_name
from plait.core.task.instruction import Instruction
from plait.core.task.source import FunctionSource

# Opcodes of the compiled form of `...` or `pass`, in every Python from 3.11 on.
IDLE_OPCODES = {"RESUME", "NOP", "CACHE", "COPY_FREE_VARS", "MAKE_CELL", "RETURN_VALUE"}
LOAD_OPCODES = {"LOAD_CONST", "RETURN_CONST"}


def docstring(function: Callable[..., Any], source: FunctionSource) -> str:
    """The function's docstring, cleaned. Raises InstructionError if it is missing."""
    if function.__doc__ and function.__doc__.strip():
        return inspect.cleandoc(function.__doc__)
    first = source.definition.body[0] if source.definition else None
    expression = first.value if isinstance(first, ast.Expr) else None
    details = source.mark_name()
    problem, hint = (
        "has no docstring: it is the instruction for the model",
        'write one: """Read the invoice {text} and fill in its fields."""',
    )
    if isinstance(expression, ast.JoinedStr):
        problem, hint = (
            "has an f-string where its docstring should be",
            "remove the f: Plait fills in the {names} itself",
        )
        details = source.mark_node(expression)
    elif sys.flags.optimize >= 2:
        problem, hint = (
            "has no docstring because of python -OO",
            "run Python without -OO: the docstring is the instruction",
        )
    raise InstructionError(f"{function.__name__} {problem}", details=details, hint=hint)


def check_body(function: Callable[..., Any], source: FunctionSource) -> None:
    """Raises BodyError for code other than `...` or `pass` after the docstring.

    The check reads the compiled code, which is available without source too.
    """
    code = function.__code__
    if code.co_flags & (inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR):
        raise BodyError(
            f"{function.__name__} is an async def, but a task is declared with def",
            details=source.mark_word("async", first=source.def_index),
            hint="remove the async; to wait for an answer: await task.acall(...)",
        )
    if not is_idle(code):
        raise BodyError(
            f"{function.__name__} has a body, but a task is answered by a model",
            details=source.mark_node(first_statement(source)),
            hint="leave only the docstring and ...; to answer by code: @engine.answers(task)",
        )


def is_idle(code: CodeType) -> bool:
    return all(
        step.opname in IDLE_OPCODES or (step.opname in LOAD_OPCODES and step.argval is None)
        for step in dis.get_instructions(code)
    )


def first_statement(source: FunctionSource) -> ast.stmt | None:
    """The first effective statement after the docstring, if the source can be read."""
    statements = source.definition.body if source.definition else []
    return next((each for each in statements if not isinstance(each, ast.Pass) and not is_constant(each)), None)


def is_constant(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def annotations(function: Callable[..., Any], source: FunctionSource) -> dict[str, Any]:
    """The function's resolved annotations. Raises AnnotationError for a missing or unresolvable one."""
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except NameError as error:
        name = error.name or str(error)
        names = [each for each in (*function.__globals__, *vars(builtins)) if not each.startswith("_")]
        raise AnnotationError(
            f"{function.__name__} uses the type {name}, which is not defined",
            details=source.mark_word(name, first=source.def_index),
            hint=did_you_mean(name, names, f"define or import {name} at the top of the file"),
        ) from None
    except (TypeError, SyntaxError, AttributeError) as error:
        raise AnnotationError(
            f"{function.__name__} has a type that Python cannot read: {error}",
            details=source.mark_name(),
            hint="write types as in list[str], str | None or Literal['a', 'b']",
        ) from None
    for parameter in inspect.signature(function).parameters.values():
        variable = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        if parameter.name not in hints and not variable:
            raise AnnotationError(
                f"the parameter {parameter.name} of {function.__name__} has no type",
                details=source.mark_node(source.parameter_node(parameter.name)),
                hint=f"write {parameter.name}: str",
            )
    if "return" not in hints:
        raise AnnotationError(
            f"the answer of {function.__name__} has no type",
            details=source.mark_name(),
            hint="write -> str, or the type that it returns",
        )
    return hints


def check_placeholders(
    name: str, instruction: Instruction, parameter_names: Sequence[str], source: FunctionSource, wording: str
) -> None:
    """Raises InstructionError where placeholders and parameters disagree."""
    subject = f"{name} in the wording {wording!r}" if wording else name
    if not instruction.parts:
        raise InstructionError(
            f"{subject} has no instruction",
            details=source.mark_name(),
            hint="write the instruction, or remove the wording",
        )
    for placeholder in instruction.parameter_names:
        if placeholder not in parameter_names:
            fallback = f"its parameters are {', '.join(parameter_names)}" if parameter_names else "it has no parameters"
            guess = nearest_name(placeholder, parameter_names)
            raise InstructionError(
                f"{subject} mentions {{{placeholder}}}, which is not a parameter",
                details=source.mark_word(placeholder, first=0 if wording else source.def_index, template="{{}}"),
                hint=f"did you mean {{{guess}}}?" if guess else fallback,
            )
    for parameter in parameter_names:
        if parameter not in instruction.parameter_names:
            raise InstructionError(
                f"{subject} never mentions its parameter {parameter}",
                details=source.mark_node(source.parameter_node(parameter)),
                hint=f"put {{{parameter}}} where it belongs in {'the wording' if wording else 'the docstring'}",
            )
