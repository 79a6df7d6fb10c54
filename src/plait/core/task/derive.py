"""Derivations of a task, each a function of its declaration."""

from dataclasses import dataclass
from functools import lru_cache

from plait.core.errors import InputError, Problem
from plait.core.grammar import ast as g
from plait.core.grammar.pruning import prune_impossible
from plait.core.task.declaration import Declaration
from plait.core.values.call_context import CallContext
from plait.core.values.json_value import Json
from plait.core.values.span import InputTexts
from plait.core.values.value_type import ValueType, iter_types


@dataclass(frozen=True)
class Schema:
    """JSON Schemas of the request and of the answer."""

    request: dict[str, Json]
    answer: dict[str, Json]


def schema(declaration: Declaration) -> Schema:
    return Schema(request_schema(declaration), declaration.answer.schema())


def request_schema(declaration: Declaration) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": {parameter.name: parameter.value_type.schema() for parameter in declaration.parameters},
        "required": [parameter.name for parameter in declaration.parameters if parameter.required],
        "additionalProperties": False,
    }


def grammar(declaration: Declaration, context: CallContext) -> g.Grammar | None:
    """The grammar of the answer; None if no answer is possible: nothing to refer to, or nothing to quote."""
    if declaration.targets:
        return prune_impossible(declaration.answer.grammar(context))
    if context.texts is not None:
        return quoting_grammar(declaration, context.by_name, context.box_format, context.texts)
    return constant_grammar(declaration, context.by_name, context.box_format)


@lru_cache(maxsize=512)
def constant_grammar(declaration: Declaration, by_name: bool, box_format: str) -> g.Grammar | None:
    """The grammar of an answer that points at no input; a call builds it two times or more, 60 µs each."""
    return prune_impossible(declaration.answer.grammar(CallContext(by_name=by_name, box_format=box_format)))


@lru_cache(maxsize=32)
def quoting_grammar(declaration: Declaration, by_name: bool, box_format: str, texts: InputTexts) -> g.Grammar | None:
    """The grammar of an answer that quotes these texts; one of 10,000 words takes megabytes, so that few are kept."""
    return prune_impossible(
        declaration.answer.grammar(CallContext(by_name=by_name, box_format=box_format, texts=texts))
    )


def answer_grammar(declaration: Declaration, context: CallContext) -> g.Grammar:
    """The same as `grammar`. Raises InputError if no answer is possible."""
    reduced = grammar(declaration, context)
    if reduced is not None:
        return reduced
    missing = missing_quotation(declaration, context)
    if missing:
        raise missing
    empty = ".".join(next(path for path, candidates in context.candidates.items() if not candidates))
    problem = Problem(empty, "is empty, but the answer must refer to one of its items", "[]")
    raise InputError(
        f"{declaration.name} has no items to refer to",
        problems=(problem,),
        hint=f"pass at least one item in {empty}, or declare the answer as `... | None`",
    )


def missing_quotation(declaration: Declaration, context: CallContext) -> InputError | None:
    """The error for a required value that has to be quoted and stands nowhere in the inputs."""
    missing = unquotable(declaration.answer, context)
    if missing is None:
        return None
    path, value_type = missing
    field = path.replace("[].", "").strip(".[]") or "the answer"
    texts = ", ".join(each.path for each in context.texts or ())
    return InputError(
        f"{declaration.name} has nothing to quote for {field}",
        problems=(Problem(texts or "inputs", f"has no {value_type.display_name()} that {field} could quote", ""),),
        hint=f"declare {field} as `... | None` if its value may be missing",
    )


def unquotable(value_type: ValueType, context: CallContext, path: str = "") -> tuple[str, ValueType] | None:
    """The first quoted value without a candidate that makes an answer impossible, with its path."""
    if prune_impossible(value_type.grammar(context)) is not None:
        return None
    if value_type.quotes_inputs:
        return path, value_type
    inner = (unquotable(child, context, f"{path}.{name}".strip(".")) for name, child in value_type.children)
    return next(filter(None, inner), None)


def answer_limits(declaration: Declaration) -> list[str]:
    """The values of the answer's type that its grammar leaves out."""
    return [
        f"{path or 'answer'} {limit}"
        for path, value_type in iter_types(declaration.answer)
        for limit in value_type.answer_limits()
    ]


def residual_checks(declaration: Declaration) -> list[str]:
    """Rules that the answer's grammar cannot express; checked after decoding."""
    return [
        f"{path or 'answer'} {rule}"
        for path, value_type in iter_types(declaration.answer)
        for rule in value_type.residual_checks()
    ]
