"""How the answer to a grammar is laid out in ids; what is written, allowed and read follows from this one value.

    Corners                 four bins
    Text                    pieces, then `end`
    Whole, Number, Moment   spelled in pieces, then `end`
    true, false, null       one id each
    other literals, labels  a word: its pieces, then `end`
    Sequence                its parts, without names: those of fixed width first, then the others in their order
    Repeat                  its items, then `close`, unless the maximum is reached
    Choice                  one of its options, as far as their first ids tell which; else led by a word

What would write nothing at all (an empty record, a list that is always empty) writes `close`. Where an item may itself
begin with `close` (a list of lists), each item is announced by `true`. Options are led by the names of their first
parts where several are sequences, which is how unions are tagged; by their numbers where the first ids do not tell.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from plait.core.grammar import ast as g
from plait.core.values.value_type import Json
from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.token_automaton.digit_automata import Spelling, spelling

Ids: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Bins:
    """`count` locations, from the first bin on."""

    count: int


@dataclass(frozen=True, eq=False)
class Text:
    minimum: int
    maximum: int


@dataclass(frozen=True, eq=False)
class Spelled:
    terminal: g.Whole | g.Number | g.Moment
    spelling: Spelling


@dataclass(frozen=True, eq=False)
class Said:
    """A value that its `lead` has told already."""

    value: Json


@dataclass(frozen=True, eq=False)
class Fields:
    """`order` are places of `parts` in the order in which they are written."""

    parts: "tuple[tuple[str, Layout], ...]"
    order: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Items:
    item: "Layout"
    minimum: int
    maximum: int
    announced: bool


@dataclass(frozen=True, eq=False)
class Option:
    """`lead` is written before it; no lead is the beginning of another."""

    lead: Ids
    inner: "Layout"


@dataclass(frozen=True, eq=False)
class OneOf:
    """Led options by lead; the others have first ids that no other option has."""

    options: tuple[Option, ...]

    @cached_property
    def by_lead(self) -> "dict[Ids, Layout]":
        return {option.lead: option.inner for option in self.options if option.lead}

    @cached_property
    def lengths(self) -> tuple[int, ...]:
        """How many ids a lead may have. No lead begins another: a word is over where it ends."""
        return tuple(sorted({len(option.lead) for option in self.options if option.lead}))

    @cached_property
    def said(self) -> dict[object, Ids]:
        """The leads of options that say a value of their own, by its type and the value: 1 and True are equal."""
        known = ((option.inner.value, option.lead) for option in self.options if isinstance(option.inner, Said))
        return {(type(value), value): lead for value, lead in known}


Layout: TypeAlias = Bins | Text | Spelled | Said | Fields | Items | OneOf


def layout(grammar: g.Grammar, alphabet: Alphabet) -> Layout:
    """Raises ValueError where a part may be left out: no answer of a task has such parts (`Sequence.optional`); and for
    a picture.
    """
    match grammar:
        case g.Corners(bins):
            assert bins <= len(alphabet.symbols.bins), f"{bins} locations, and ids for {len(alphabet.symbols.bins)}"
            return Bins(bins)
        case g.Text(minimum, maximum):
            return Text(minimum, maximum)
        case g.Whole() | g.Number() | g.Moment():
            return Spelled(grammar, spelling(grammar))
        case g.Sequence(parts, optional):
            if optional:
                raise ValueError(f"parts may be left out, which has no layout in ids: {', '.join(sorted(optional))}")
            order = sorted(range(len(parts)), key=lambda place: not fixed(parts[place][1]))
            return Fields(tuple((name, layout(inner, alphabet)) for name, inner in parts), tuple(order))
        case g.Repeat(item, minimum, maximum):
            inner = layout(item, alphabet)
            return Items(inner, minimum, maximum, alphabet.symbols.close in first(inner, alphabet))
        case g.Literal() | g.Reference() | g.Choice():
            return told_apart(unnested(grammar), alphabet)
        case g.Painting():
            raise ValueError("a picture is painted as a whole (painting.py), not written as a part of something else")


def fixed(grammar: g.Grammar) -> bool:
    """Whether each of its values takes the same number of ids."""
    match grammar:
        case g.Corners():
            return True
        case g.Literal(value):
            return value is None or isinstance(value, bool)
        case g.Choice(options):
            return all(isinstance(option, g.Literal) and fixed(option) for option in options)
        case g.Sequence(parts):
            return bool(parts) and all(fixed(inner) for _, inner in parts)
        case _:
            return False


def unnested(grammar: g.Grammar) -> list[g.Grammar]:
    """The options of a choice and of those in it, each literal once."""
    match grammar:
        case g.Choice(options):
            found = {key(inner): inner for option in options for inner in unnested(option)}
            return list(found.values())
        case g.Reference(labels):
            return [g.Literal(label) for label in labels]
        case _:
            return [grammar]


def key(grammar: g.Grammar) -> object:
    """1 and True are equal in Python, so the grammars that hold them are."""
    return (type(grammar.value), grammar.value) if isinstance(grammar, g.Literal) else id(grammar)


def told_apart(options: list[g.Grammar], alphabet: Alphabet) -> OneOf:
    """The options led by no more than is needed to tell which one is written."""
    by_name = sum(isinstance(option, g.Sequence) for option in options) > 1
    found = OneOf(tuple(led(option, alphabet, by_name) for option in options))
    if clear(found, alphabet):
        return found
    numbered = [(alphabet.word(str(place)), option) for place, option in enumerate(options)]
    return OneOf(tuple(Option(lead, inside(option, alphabet)) for lead, option in numbered))


def led(option: g.Grammar, alphabet: Alphabet, by_name: bool) -> Option:
    match option:
        case g.Literal(value):
            return Option(lead(value, alphabet), Said(value))
        case g.Sequence(((name, _), *_)) if by_name:
            return Option(alphabet.word(name), layout(option, alphabet))
        case _:
            return Option((), layout(option, alphabet))


def inside(option: g.Grammar, alphabet: Alphabet) -> Layout:
    return Said(option.value) if isinstance(option, g.Literal) else layout(option, alphabet)


def lead(value: str | int | bool | None, alphabet: Alphabet) -> Ids:
    symbols = alphabet.symbols
    if value is None:
        return (symbols.null,)
    if isinstance(value, bool):
        return (symbols.true if value else symbols.false,)
    return alphabet.word(str(value))


def clear(choice: OneOf, alphabet: Alphabet) -> bool:
    """Whether the first ids tell which option is written, or a lead that no other option has."""
    leads = [option.lead for option in choice.options if option.lead]
    firsts = [{lead[0] for lead in leads}]
    firsts += [first(option.inner, alphabet) for option in choice.options if not option.lead]
    return len(set(leads)) == len(leads) and sum(map(len, firsts)) == len(set().union(*firsts))


def first(layout: Layout, alphabet: Alphabet) -> set[int]:
    """The ids that it may begin with, and some more of those that write text."""
    symbols = alphabet.symbols
    match layout:
        case Bins():
            return set(symbols.bins)
        case Text():
            return {symbols.end, *(id for id, _ in alphabet.spellings)}
        case Spelled():
            return {id for id, _ in alphabet.numerals}
        case Fields(parts, order):
            return first(parts[order[0]][1], alphabet) if order else {symbols.close}
        case Items(item, minimum, maximum, announced):
            begins = {symbols.true} if announced else first(item, alphabet)
            return (begins if maximum else set()) | (set() if minimum else {symbols.close})
        case OneOf(options):
            return set().union(
                *({option.lead[0]} if option.lead else first(option.inner, alphabet) for option in options)
            )
        case Said():
            return set()  # its lead stands for it
