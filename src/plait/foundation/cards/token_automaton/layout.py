"""The layout of an answer in ids. Encoding, masking and parsing all follow from this one value.

    BinnedBox                   four bins
    Text                        text tokens, then `end`
    Integer, Number, DateTime,
    Pattern, RegularExpression,
    WordRun                     spelled in text tokens, then `end`
    true, false, null           one id each
    other literals, labels      their text tokens, then `end`
    Object                      its values without names: those of fixed width first, then the others in order
    Array                       its items, then `close`, unless the maximum is reached
    Tuple                       like an Object
    Map                         like an Array of Objects with a name and a value
    Choice                      one of its options; a prefix tells which if the first ids do not

A value that would write nothing (an empty record, a list that is always empty) writes `close`. If an item may itself
start with `close` (a list of lists), `true` precedes each item. If several options are objects, the prefix is the name
of their first field, which is how unions are tagged; if the first ids are ambiguous otherwise, the option's number.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from plait.core.grammar import ast as g
from plait.core.grammar.character_automaton import CharacterAutomaton, TooManyStates
from plait.core.values.json_value import Json
from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.token_automaton.terminal_automata import Terminal, terminal_automaton

Ids: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class BoxLayout:
    """Corners in the first `count` bins."""

    count: int


@dataclass(frozen=True, eq=False)
class TextLayout:
    minimum: int
    maximum: int


@dataclass(frozen=True, eq=False)
class SpelledLayout:
    terminal: Terminal
    automaton: CharacterAutomaton

    @property
    def is_text(self) -> bool:
        """Whether its JSON form is a string, not a number."""
        return not isinstance(self.terminal, g.Integer | g.Number)

    def pieces(self, alphabet: Alphabet) -> tuple[tuple[int, bytes], ...]:
        """The ids that it may be spelled with; a space may precede the first."""
        if isinstance(self.terminal, g.RegularExpression):
            return alphabet.spellings
        if not isinstance(self.terminal, g.Pattern | g.WordRun):
            return alphabet.numerals
        written = set(f" {''.join(self.automaton.characters)}".encode())
        return tuple((id, piece) for id, piece in alphabet.spellings if written.issuperset(piece))


@dataclass(frozen=True, eq=False)
class ConstantLayout:
    """A value that the `prefix` of its option determines."""

    value: Json


@dataclass(frozen=True, eq=False)
class ObjectLayout:
    """`order` are indices into `parts`, in the order of writing."""

    parts: "tuple[tuple[str, Layout], ...]"
    order: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class ArrayLayout:
    item: "Layout"
    minimum: int
    maximum: int
    announced: bool


@dataclass(frozen=True, eq=False)
class TupleLayout:
    """A list with one item for each place: the fields of an object, named by their places."""

    fields: ObjectLayout


@dataclass(frozen=True, eq=False)
class MapLayout:
    """An object with any names: a list of objects with a name and a value."""

    entries: ArrayLayout


@dataclass(frozen=True, eq=False)
class LayoutOption:
    """An option, written after `prefix`; no prefix is the start of another."""

    prefix: Ids
    layout: "Layout"


@dataclass(frozen=True, eq=False)
class ChoiceLayout:
    """A choice. Options without a prefix have first ids that no other option has."""

    options: tuple[LayoutOption, ...]

    @cached_property
    def by_prefix(self) -> "dict[Ids, Layout]":
        return {option.prefix: option.layout for option in self.options if option.prefix}

    @cached_property
    def prefix_lengths(self) -> tuple[int, ...]:
        """The lengths of the prefixes in ids."""
        return tuple(sorted({len(option.prefix) for option in self.options if option.prefix}))

    @cached_property
    def constant_prefixes(self) -> dict[object, Ids]:
        """The prefixes of constant options, by type and value, because 1 and True are equal."""
        constants = (
            (option.layout.value, option.prefix) for option in self.options if isinstance(option.layout, ConstantLayout)
        )
        return {(type(value), value): prefix for value, prefix in constants}


Layout: TypeAlias = (
    BoxLayout
    | TextLayout
    | SpelledLayout
    | ConstantLayout
    | ObjectLayout
    | ArrayLayout
    | TupleLayout
    | MapLayout
    | ChoiceLayout
)
MAP_FIELDS = ("name", "value")


def layout(grammar: g.Grammar, alphabet: Alphabet) -> Layout:
    """The layout of a grammar. Raises ValueError for optional fields, which no answer of a task has, and for images."""
    match grammar:
        case g.BinnedBox(bins):
            assert bins <= len(alphabet.vocabulary.bins), (
                f"{bins} locations, and ids for {len(alphabet.vocabulary.bins)}"
            )
            return BoxLayout(bins)
        case g.Text(minimum, maximum):
            return TextLayout(minimum, maximum)
        case g.Integer() | g.Number() | g.DateTime() | g.Pattern():
            return SpelledLayout(grammar, terminal_automaton(grammar))
        case g.RegularExpression(_, minimum, maximum):
            try:
                return SpelledLayout(grammar, terminal_automaton(grammar))
            except TooManyStates:  # checked after decoding
                return TextLayout(minimum, maximum)
        case g.WordRun():
            try:
                return SpelledLayout(grammar, terminal_automaton(grammar))
            except TooManyStates:  # checked after decoding
                return TextLayout(1, g.MAX_TEXT_LENGTH)
        case g.Object(parts, optional):
            if optional:
                raise ValueError(f"parts may be left out, which has no layout in ids: {', '.join(sorted(optional))}")
            order = sorted(range(len(parts)), key=lambda index: not is_fixed_width(parts[index][1]))
            return ObjectLayout(tuple((name, layout(inner, alphabet)) for name, inner in parts), tuple(order))
        case g.Array(item, minimum, maximum):
            return array_layout(item, minimum, maximum, alphabet)
        case g.Tuple(items):
            fields = layout(g.Object(tuple((str(place), item) for place, item in enumerate(items))), alphabet)
            assert isinstance(fields, ObjectLayout)
            return TupleLayout(fields)
        case g.Map(key, value, minimum, maximum):
            entry = g.Object(tuple(zip(MAP_FIELDS, (key, value), strict=True)))
            return MapLayout(array_layout(entry, minimum, maximum, alphabet))
        case g.Literal() | g.Reference() | g.Choice():
            return choice_layout(flatten_choice(grammar), alphabet)
        case g.ImageCodes():
            raise ValueError("a picture is painted whole (image_decoding.py), not written as a part of something else")


def array_layout(item: g.Grammar, minimum: int, maximum: int, alphabet: Alphabet) -> ArrayLayout:
    inner = layout(item, alphabet)
    return ArrayLayout(inner, minimum, maximum, alphabet.vocabulary.close in first_ids(inner, alphabet))


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
        case g.Tuple(items):
            return bool(items) and all(map(is_fixed_width, items))
        case _:
            return False


def flatten_choice(grammar: g.Grammar) -> list[g.Grammar]:
    """The options of a choice and of nested choices, without duplicate literals."""
    match grammar:
        case g.Choice(options):
            distinct = {grammar_key(inner): inner for option in options for inner in flatten_choice(option)}
            return list(distinct.values())
        case g.Reference(labels):
            return [g.Literal(label) for label in labels]
        case _:
            return [grammar]


def grammar_key(grammar: g.Grammar) -> object:
    """A key that distinguishes Literal(1) from Literal(True), which are equal in Python."""
    return (type(grammar.value), grammar.value) if isinstance(grammar, g.Literal) else id(grammar)


def choice_layout(options: list[g.Grammar], alphabet: Alphabet) -> ChoiceLayout:
    """The options, with prefixes only as far as they are needed to tell which one is written."""
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


def literal_prefix(value: str | float | bool | None, alphabet: Alphabet) -> Ids:
    symbols = alphabet.vocabulary
    if value is None:
        return (symbols.null,)
    if isinstance(value, bool):
        return (symbols.true if value else symbols.false,)
    return alphabet.word_ids(str(value))


def is_unambiguous(candidate: ChoiceLayout, alphabet: Alphabet) -> bool:
    """Whether the first ids or a unique prefix tell which option is written."""
    prefixes = [option.prefix for option in candidate.options if option.prefix]
    first_id_sets = [{prefix[0] for prefix in prefixes}]
    first_id_sets += [first_ids(option.layout, alphabet) for option in candidate.options if not option.prefix]
    return len(set(prefixes)) == len(prefixes) and sum(map(len, first_id_sets)) == len(set().union(*first_id_sets))


def first_ids(layout: Layout, alphabet: Alphabet) -> set[int]:
    """A superset of the ids that the layout may start with."""
    symbols = alphabet.vocabulary
    match layout:
        case BoxLayout():
            return set(symbols.bins)
        case TextLayout():
            return {symbols.end, *(id for id, _ in alphabet.spellings)}
        case SpelledLayout():
            ends = {symbols.end} if 0 in layout.automaton.accepting else set[int]()
            return ends | {id for id, _ in layout.pieces(alphabet)}
        case ObjectLayout(parts, order):
            return first_ids(parts[order[0]][1], alphabet) if order else {symbols.close}
        case ArrayLayout(item, minimum, maximum, announced):
            item_ids = {symbols.true} if announced else first_ids(item, alphabet)
            return (item_ids if maximum else set()) | (set() if minimum else {symbols.close})
        case TupleLayout(fields):
            return first_ids(fields, alphabet)
        case MapLayout(entries):
            return first_ids(entries, alphabet)
        case ChoiceLayout(options):
            return set().union(
                *({option.prefix[0]} if option.prefix else first_ids(option.layout, alphabet) for option in options)
            )
        case ConstantLayout():
            return set()  # its prefix is written instead
