"""Whether two grammars surely share no value: what `oneOf` promises of its options."""

from plait.core.grammar.ast import Choice, Grammar, Literal, Moment, Number, Sequence, Text, Whole


def apart(one: Grammar, other: Grammar) -> bool:
    """Whether surely no value is of both."""
    match one, other:
        case Choice(options), _:
            return all(apart(option, other) for option in options)
        case _, Choice(options):
            return all(apart(one, option) for option in options)
        case Literal(value), Literal(another):
            return (type(value), value) != (type(another), another)
        case Sequence(), Sequence():
            return tells_from(one, other) and tells_from(other, one)
        case _:
            return form(one) != form(other)


def tells_from(one: Sequence, other: Sequence) -> bool:
    """Whether no object of one is of the other, whose schema may let in more names than were written here."""
    mine, theirs = dict(one.parts), dict(other.parts)
    missing = theirs.keys() - other.optional - mine.keys()
    there = (mine.keys() - one.optional) & theirs.keys()
    return bool(missing) or any(apart(mine[name], theirs[name]) for name in there)


def form(grammar: Grammar) -> str:
    match grammar:
        case Literal(bool()):
            return "boolean"
        case Literal(str()) | Text() | Moment():
            return "text"
        case Literal(int()) | Whole() | Number():
            return "number"
        case _:
            return type(grammar).__name__
