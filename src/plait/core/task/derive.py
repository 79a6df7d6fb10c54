"""What follows from a task: each a function of its declaration."""

from dataclasses import dataclass

from plait.core.errors import InputError, Problem
from plait.core.grammar import ast as g
from plait.core.task.declaration import Declaration
from plait.core.values.value_type import Beside, Json, grammar_of, inside, schema_of


@dataclass(frozen=True)
class Schema:
    """JSON Schemas of what comes in and what goes out, in wire form."""

    request: dict[str, Json]
    answer: dict[str, Json]


def schema(declaration: Declaration) -> Schema:
    return Schema(request_schema(declaration), schema_of(declaration.answer))


def request_schema(declaration: Declaration) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": {slot.name: schema_of(slot.kind) for slot in declaration.slots},
        "required": [slot.name for slot in declaration.slots if slot.required],
        "additionalProperties": False,
    }


def grammar(declaration: Declaration, beside: Beside) -> g.Grammar | None:
    """What the answer is held to; None where nothing could be said, because a list to point into is empty."""
    return possible(grammar_of(declaration.answer, beside))


def answer_grammar(declaration: Declaration, beside: Beside) -> g.Grammar:
    """As `grammar`. Raises InputError where nothing could be said."""
    found = grammar(declaration, beside)
    if found is not None:
        return found
    empty = ".".join(next(path for path, candidates in beside.candidates.items() if not candidates))
    problem = Problem(empty, "is empty, but the answer has to point into it", "[]")
    raise InputError(
        f"{declaration.name} has nothing to point at",
        problems=(problem,),
        way_out=f"pass at least one of the {empty}, or declare the answer `... | None`",
    )


def possible(grammar: g.Grammar) -> g.Grammar | None:
    """The grammar without what cannot be said: a reference to nothing takes all with it that needs it."""
    match grammar:
        case g.Reference(()):
            return None
        case g.Choice(options):
            left = tuple(found for option in options if (found := possible(option)) is not None)
            return g.Choice(left) if left else None
        case g.Sequence(parts, optional):
            fields = [(name, possible(inner)) for name, inner in parts]
            said = tuple((name, inner) for name, inner in fields if inner is not None)
            unsaid = {name for name, inner in fields if inner is None}
            return g.Sequence(said, optional - unsaid) if unsaid <= optional else None
        case g.Repeat(item, minimum, maximum):
            found = possible(item)
            if found is None:
                return g.Repeat(g.Literal(None), 0, 0) if minimum == 0 else None
            return g.Repeat(found, minimum, maximum)
        case _:
            return grammar


def beyond_grammar(declaration: Declaration) -> list[str]:
    """What the answer has to be that its grammar cannot express; checked after decoding."""
    return [
        f"{trail or 'answer'} {rule}" for trail, kind in inside(declaration.answer) for rule in kind.beyond_grammar()
    ]
