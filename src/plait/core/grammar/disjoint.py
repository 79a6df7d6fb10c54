"""Disjointness of two grammars, which `oneOf` requires of its options."""

from plait.core.grammar.ast import (
    Choice,
    DateTime,
    Grammar,
    Integer,
    Literal,
    Number,
    Object,
    Pattern,
    RegularExpression,
    Text,
)


def disjoint(one: Grammar, other: Grammar) -> bool:
    """Whether the grammars certainly have no value in common."""
    match one, other:
        case Choice(options), _:
            return all(disjoint(option, other) for option in options)
        case _, Choice(options):
            return all(disjoint(one, option) for option in options)
        case Literal(value), Literal(another):
            return (type(value), value) != (type(another), another)
        case Object(), Object():
            return excludes(one, other) and excludes(other, one)
        case _:
            return json_type(one) != json_type(other)


def excludes(one: Object, other: Object) -> bool:
    """Whether no object of `one` matches `other`, whose schema may allow more names than the grammar has."""
    mine, theirs = dict(one.fields), dict(other.fields)
    missing = theirs.keys() - other.optional - mine.keys()
    present = (mine.keys() - one.optional) & theirs.keys()
    return bool(missing) or any(disjoint(mine[name], theirs[name]) for name in present)


def json_type(grammar: Grammar) -> str:
    match grammar:
        case Literal(bool()):
            return "boolean"
        case Literal(str()) | Text() | RegularExpression() | Pattern() | DateTime():
            return "text"
        case Literal(int()) | Integer() | Number():
            return "number"
        case _:
            return type(grammar).__name__
