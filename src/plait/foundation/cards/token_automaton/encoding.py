"""A value in wire form as ids: what a model learns to write."""

from typing import cast

from plait.core.grammar.ast import DECIMALS, Moment, Number, Whole
from plait.core.values.json_text import dumps
from plait.core.values.value_type import Json, WireError
from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.token_automaton.characters import countable
from plait.foundation.cards.token_automaton.layout import Bins, Fields, Items, Layout, OneOf, Said, Spelled, Text


def written(layout: Layout, wire: Json, alphabet: Alphabet) -> list[int]:
    """The ids of a wire form. Raises WireError where the grammar does not admit it."""
    match layout:
        case Bins():
            return bins(layout, wire, alphabet)
        case Text():
            return text(layout, wire, alphabet)
        case Spelled():
            return spelled(layout, wire, alphabet)
        case Fields():
            return fields(layout, wire, alphabet)
        case Items():
            return items(layout, wire, alphabet)
        case OneOf():
            return one_of(layout, wire, alphabet)
        case Said(value):
            raise AssertionError(f"{value!r} is written by its lead")


def bins(layout: Bins, wire: Json, alphabet: Alphabet) -> list[int]:
    if not isinstance(wire, list) or len(wire) != 4 or any(type(each) is not int for each in wire):
        raise WireError("should be four whole numbers: left, top, right, bottom", wire)
    x0, y0, x1, y1 = cast("list[int]", wire)
    if not (0 <= x0 < x1 < layout.count and 0 <= y0 < y1 < layout.count):
        raise WireError(f"should have 0 <= x0 < x1 < {layout.count}, and y alike", wire)
    return [alphabet.symbols.bins[each] for each in (x0, y0, x1, y1)]


def text(layout: Text, wire: Json, alphabet: Alphabet) -> list[int]:
    if not isinstance(wire, str):
        raise WireError("should be a text", wire)
    if not layout.minimum <= len(wire) <= layout.maximum:
        raise WireError(f"should have {layout.minimum} to {layout.maximum} characters, not {len(wire)}", wire)
    if not countable(wire):
        raise WireError("holds a control character, or half of a character", wire)
    return list(alphabet.word(wire))


def spelled(layout: Spelled, wire: Json, alphabet: Alphabet) -> list[int]:
    said = spelling(layout, wire)
    if not layout.spelling.admits(said):
        raise WireError(f"should be {wanted(layout.terminal)}", wire)
    return list(alphabet.word(said))


def spelling(layout: Spelled, wire: Json) -> str:
    """As JSON spells it, which the grammar may not admit; nothing where it is no number, or no text of a moment."""
    if isinstance(layout.terminal, Moment):
        return wire if isinstance(wire, str) else ""
    number = type(wire) is int or (type(wire) is float and not isinstance(layout.terminal, Whole))
    return dumps(wire) if number else ""


def wanted(terminal: Whole | Number | Moment) -> str:
    match terminal:
        case Whole(minimum, maximum):
            return f"a whole number from {minimum} to {maximum}"
        case Number(minimum, maximum, above, below):
            low, high = "above" if above else "from", "below" if below else "to"
            return f"a number {low} {minimum} {high} {maximum}, at most {DECIMALS} digits after the point"
        case Moment(form):
            return f"a {form} that exists"


def fields(layout: Fields, wire: Json, alphabet: Alphabet) -> list[int]:
    names = [name for name, _ in layout.parts]
    if not isinstance(wire, dict) or sorted(wire) != sorted(names):
        raise WireError(f"should be an object with {', '.join(names) or 'nothing in it'}", wire)
    ids: list[int] = []
    for name, inner in (layout.parts[place] for place in layout.order):
        ids += within(name, inner, wire[name], alphabet)
    return ids or [alphabet.symbols.close]


def within(step: str | int, layout: Layout, wire: Json, alphabet: Alphabet) -> list[int]:
    try:
        return written(layout, wire, alphabet)
    except WireError as error:
        raise WireError(str(error), wire, faults=error.inside(step)) from None


def items(layout: Items, wire: Json, alphabet: Alphabet) -> list[int]:
    if not isinstance(wire, list) or not layout.minimum <= len(wire) <= layout.maximum:
        raise WireError(f"should be a list of {layout.minimum} to {layout.maximum} items", wire)
    ids: list[int] = []
    for place, item in enumerate(wire):
        ids += [alphabet.symbols.true] * layout.announced
        ids += within(place, layout.item, item, alphabet)
    full = bool(wire) and len(wire) == layout.maximum
    return ids if full else [*ids, alphabet.symbols.close]


def one_of(layout: OneOf, wire: Json, alphabet: Alphabet) -> list[int]:
    """As the first option that admits it."""
    said = layout.said.get((type(wire), wire)) if isinstance(wire, str | int | None) else None
    if said is not None:
        return list(said)
    refused: list[WireError] = []
    for option in layout.options:
        if not isinstance(option.inner, Said):
            try:
                return [*option.lead, *written(option.inner, wire, alphabet)]
            except WireError as error:
                refused.append(error)
    if len(refused) == 1:
        raise refused[0]
    raise WireError("is none of what may be said here", wire)
