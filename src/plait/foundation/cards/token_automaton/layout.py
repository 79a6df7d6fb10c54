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
from plait.core.values.json_value import Json
from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.token_automaton.digit_automata import CharacterAutomaton, character_automaton

Ids: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class BoxLayout:
    """`count` locations, from the first bin on."""

    count: int


@dataclass(frozen=True, eq=False)
class TextLayout:
    minimum: int
    maximum: int


@dataclass(frozen=True, eq=False)
class SpelledLayout:
    terminal: g.Integer | g.Number | g.DateTime
    automaton: CharacterAutomaton


@dataclass(frozen=True, eq=False)
class ConstantLayout:
    """A value that its option's `prefix` has told already."""

    value: Json


@dataclass(frozen=True, eq=False)
class ObjectLayout:
    """`order` are places of `parts` in the order in which they are written."""

    parts: "tuple[tuple[str, Layout], ...]"
    order: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class ArrayLayout:
    item: "Layout"
    minimum: int
    maximum: int
    announced: bool


@dataclass(frozen=True, eq=False)
class LayoutOption:
    """`prefix` is written before it; none is the beginning of another."""

    prefix: Ids
    layout: "Layout"


@dataclass(frozen=True, eq=False)
class ChoiceLayout:
    """Led options by lead; the others have first ids that no other option has."""

    options: tuple[LayoutOption, ...]

    @cached_property
    def by_prefix(self) -> "dict[Ids, Layout]":
        return {option.prefix: option.layout for option in self.options if option.prefix}

    @cached_property
    def prefix_lengths(self) -> tuple[int, ...]:
        """How many ids a lead may have. No lead begins another: a word is over where it ends."""
        return tuple(sorted({len(option.prefix) for option in self.options if option.prefix}))

    @cached_property
    def constant_prefixes(self) -> dict[object, Ids]:
        """The leads of options that say a value of their own, by its type and the value: 1 and True are equal."""
        constants = (
            (option.layout.value, option.prefix) for option in self.options if isinstance(option.layout, ConstantLayout)
        )
        return {(type(value), value): prefix for value, prefix in constants}


Layout: TypeAlias = BoxLayout | TextLayout | SpelledLayout | ConstantLayout | ObjectLayout | ArrayLayout | ChoiceLayout


def layout(grammar: g.Grammar, alphabet: Alphabet) -> Layout:
    """Raises ValueError where a part may be left out: no answer of a task has such parts (`Sequence.optional`); and for
    a picture.
    """
    match grammar:
        case g.BinnedBox(bins):
            assert bins <= len(alphabet.vocabulary.bins), (
                f"{bins} locations, and ids for {len(alphabet.vocabulary.bins)}"
            )
            return BoxLayout(bins)
        case g.Text(minimum, maximum):
            return TextLayout(minimum, maximum)
        case g.Integer() | g.Number() | g.DateTime():
            return SpelledLayout(grammar, character_automaton(grammar))
        case g.Object(parts, optional):
            if optional:
                raise ValueError(f"parts may be left out, which has no layout in ids: {', '.join(sorted(optional))}")
            order = sorted(range(len(parts)), key=lambda index: not is_fixed_width(parts[index][1]))
            return ObjectLayout(tuple((name, layout(inner, alphabet)) for name, inner in parts), tuple(order))
        case g.Array(item, minimum, maximum):
            inner = layout(item, alphabet)
            return ArrayLayout(inner, minimum, maximum, alphabet.vocabulary.close in first_ids(inner, alphabet))
        case g.Literal() | g.Reference() | g.Choice():
            return choice_layout(flatten_choice(grammar), alphabet)
        case g.ImageCodes():
            raise ValueError("a picture is painted whole (image_decoding.py), not written as a part of something else")


def is_fixed_width(grammar: g.Grammar) -> bool:
    """Whether each of its values takes the same number of ids."""
    match grammar:
        case g.BinnedBox():
            return True
        case g.Literal(value):
            return value is None or isinstance(value, bool)
        case g.Choice(options):
            return all(isinstance(option, g.Literal) and is_fixed_width(option) for option in options)
        case g.Object(parts):
            return bool(parts) and all(is_fixed_width(inner) for _, inner in parts)
        case _:
            return False


def flatten_choice(grammar: g.Grammar) -> list[g.Grammar]:
    """The options of a choice and of those in it, each literal once."""
    match grammar:
        case g.Choice(options):
            distinct = {grammar_key(inner): inner for option in options for inner in flatten_choice(option)}
            return list(distinct.values())
        case g.Reference(labels):
            return [g.Literal(label) for label in labels]
        case _:
            return [grammar]


def grammar_key(grammar: g.Grammar) -> object:
    """1 and True are equal in Python, so the grammars that hold them are."""
    return (type(grammar.value), grammar.value) if isinstance(grammar, g.Literal) else id(grammar)


def choice_layout(options: list[g.Grammar], alphabet: Alphabet) -> ChoiceLayout:
    """The options led by no more than is needed to tell which one is written."""
    by_name = sum(isinstance(option, g.Object) for option in options) > 1
    candidate = ChoiceLayout(tuple(layout_option(option, alphabet, by_name) for option in options))
    if is_unambiguous(candidate, alphabet):
        return candidate
    numbered = [(alphabet.word_ids(str(index)), option) for index, option in enumerate(options)]
    return ChoiceLayout(tuple(LayoutOption(prefix, option_layout(option, alphabet)) for prefix, option in numbered))


def layout_option(option: g.Grammar, alphabet: Alphabet, by_name: bool) -> LayoutOption:
    match option:
        case g.Literal(value):
            return LayoutOption(literal_prefix(value, alphabet), ConstantLayout(value))
        case g.Object(((name, _), *_)) if by_name:
            return LayoutOption(alphabet.word_ids(name), layout(option, alphabet))
        case _:
            return LayoutOption((), layout(option, alphabet))


def option_layout(option: g.Grammar, alphabet: Alphabet) -> Layout:
    return ConstantLayout(option.value) if isinstance(option, g.Literal) else layout(option, alphabet)


def literal_prefix(value: str | int | bool | None, alphabet: Alphabet) -> Ids:
    symbols = alphabet.vocabulary
    if value is None:
        return (symbols.null,)
    if isinstance(value, bool):
        return (symbols.true if value else symbols.false,)
    return alphabet.word_ids(str(value))


def is_unambiguous(candidate: ChoiceLayout, alphabet: Alphabet) -> bool:
    """Whether the first ids tell which option is written, or a lead that no other option has."""
    prefixes = [option.prefix for option in candidate.options if option.prefix]
    first_id_sets = [{prefix[0] for prefix in prefixes}]
    first_id_sets += [first_ids(option.layout, alphabet) for option in candidate.options if not option.prefix]
    return len(set(prefixes)) == len(prefixes) and sum(map(len, first_id_sets)) == len(set().union(*first_id_sets))


def first_ids(layout: Layout, alphabet: Alphabet) -> set[int]:
    """The ids that it may begin with, and some more of those that write text."""
    symbols = alphabet.vocabulary
    match layout:
        case BoxLayout():
            return set(symbols.bins)
        case TextLayout():
            return {symbols.end, *(id for id, _ in alphabet.spellings)}
        case SpelledLayout():
            return {id for id, _ in alphabet.numerals}
        case ObjectLayout(parts, order):
            return first_ids(parts[order[0]][1], alphabet) if order else {symbols.close}
        case ArrayLayout(item, minimum, maximum, announced):
            item_ids = {symbols.true} if announced else first_ids(item, alphabet)
            return (item_ids if maximum else set()) | (set() if minimum else {symbols.close})
        case ChoiceLayout(options):
            return set().union(
                *({option.prefix[0]} if option.prefix else first_ids(option.layout, alphabet) for option in options)
            )
        case ConstantLayout():
            return set()  # its lead stands for it
