"""Encodes a JSON form as ids, which are the targets in training."""

from typing import cast

from plait.core.grammar.ast import DECIMALS, DateTime, Integer, Number, Pattern, RegularExpression, WordRun
from plait.core.values.json_text import dumps
from plait.core.values.json_value import InvalidValue, Json
from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.token_automaton.characters import is_writable
from plait.foundation.cards.token_automaton.layout import (
    MAP_FIELDS,
    ArrayLayout,
    BoxLayout,
    ChoiceLayout,
    ConstantLayout,
    Layout,
    MapLayout,
    ObjectLayout,
    SpelledLayout,
    TextLayout,
    TupleLayout,
)
from plait.foundation.cards.token_automaton.terminal_automata import Terminal


def encode_value(layout: Layout, json_value: Json, alphabet: Alphabet) -> list[int]:
    """The ids of a JSON form. Raises InvalidValue if the grammar does not admit it."""
    match layout:
        case BoxLayout():
            return encode_box(layout, json_value, alphabet)
        case TextLayout():
            return encode_text(layout, json_value, alphabet)
        case SpelledLayout():
            return encode_spelled(layout, json_value, alphabet)
        case ObjectLayout():
            return encode_object(layout, json_value, alphabet)
        case ArrayLayout():
            return encode_array(layout, json_value, alphabet)
        case TupleLayout():
            return encode_tuple(layout, json_value, alphabet)
        case MapLayout():
            return encode_map(layout, json_value, alphabet)
        case ChoiceLayout():
            return encode_choice(layout, json_value, alphabet)
        case ConstantLayout(value):
            raise AssertionError(f"{value!r} is written by its lead")


def encode_box(layout: BoxLayout, json_value: Json, alphabet: Alphabet) -> list[int]:
    if not isinstance(json_value, list) or len(json_value) != 4 or any(type(each) is not int for each in json_value):
        raise InvalidValue("should be four whole numbers: left, top, right, bottom", json_value)
    x0, y0, x1, y1 = cast("list[int]", json_value)
    if not (0 <= x0 < x1 < layout.count and 0 <= y0 < y1 < layout.count):
        raise InvalidValue(f"should have 0 <= x0 < x1 < {layout.count}, and y alike", json_value)
    return [alphabet.vocabulary.bins[each] for each in (x0, y0, x1, y1)]


def encode_text(layout: TextLayout, json_value: Json, alphabet: Alphabet) -> list[int]:
    if not isinstance(json_value, str):
        raise InvalidValue("should be a text", json_value)
    if not layout.minimum <= len(json_value) <= layout.maximum:
        raise InvalidValue(
            f"should have {layout.minimum} to {layout.maximum} characters, not {len(json_value)}", json_value
        )
    if not is_writable(json_value):
        raise InvalidValue("holds a control character, or half of a character", json_value)
    return list(alphabet.word_ids(json_value))


def encode_spelled(layout: SpelledLayout, json_value: Json, alphabet: Alphabet) -> list[int]:
    spelling = json_spelling(layout, json_value)
    if spelling is None or not layout.automaton.matches(spelling):
        raise InvalidValue(f"should be {terminal_description(layout.terminal)}", json_value)
    return list(alphabet.word_ids(spelling))


def json_spelling(layout: SpelledLayout, json_value: Json) -> str | None:
    """The JSON spelling of a number, date, time or pattern; None for other values. The grammar may not admit it."""
    if layout.is_text:
        return json_value if isinstance(json_value, str) else None
    number = type(json_value) is int or (type(json_value) is float and not isinstance(layout.terminal, Integer))
    return dumps(json_value) if number else None


def terminal_description(terminal: Terminal) -> str:
    match terminal:
        case Integer(minimum, maximum):
            return f"a whole number from {minimum} to {maximum}"
        case Number(minimum, maximum, above_minimum, below_maximum):
            low, high = "above" if above_minimum else "from", "below" if below_maximum else "to"
            return f"a number {low} {minimum} {high} {maximum}, at most {DECIMALS} digits after the point"
        case DateTime(form_name):
            return f"a {form_name} that exists"
        case Pattern(form=form):
            return form
        case RegularExpression(pattern, minimum, maximum):
            return f"a text of {minimum} to {maximum} characters that matches {pattern}"
        case WordRun():
            return "words that stand in the input"


def encode_object(layout: ObjectLayout, json_value: Json, alphabet: Alphabet) -> list[int]:
    names = [name for name, _ in layout.parts]
    if not isinstance(json_value, dict) or sorted(json_value) != sorted(names):
        raise InvalidValue(f"should be an object with {', '.join(names) or 'nothing in it'}", json_value)
    ids: list[int] = []
    for name, inner in (layout.parts[index] for index in layout.order):
        ids += encode_child(name, inner, json_value[name], alphabet)
    return ids or [alphabet.vocabulary.close]


def encode_child(step: str | int, layout: Layout, json_value: Json, alphabet: Alphabet) -> list[int]:
    try:
        return encode_value(layout, json_value, alphabet)
    except InvalidValue as error:
        raise InvalidValue(str(error), json_value, faults=error.faults_at(step)) from None


def encode_array(layout: ArrayLayout, json_value: Json, alphabet: Alphabet) -> list[int]:
    if not isinstance(json_value, list) or not layout.minimum <= len(json_value) <= layout.maximum:
        raise InvalidValue(f"should be a list of {layout.minimum} to {layout.maximum} items", json_value)
    ids: list[int] = []
    for index, item in enumerate(json_value):
        ids += [alphabet.vocabulary.true] * layout.announced
        ids += encode_child(index, layout.item, item, alphabet)
    full = bool(json_value) and len(json_value) == layout.maximum
    return ids if full else [*ids, alphabet.vocabulary.close]


def encode_tuple(layout: TupleLayout, json_value: Json, alphabet: Alphabet) -> list[int]:
    count = len(layout.fields.parts)
    if not isinstance(json_value, list) or len(json_value) != count:
        raise InvalidValue(f"should be a list of {count} items", json_value)
    return encode_object(layout.fields, {str(place): item for place, item in enumerate(json_value)}, alphabet)


def encode_map(layout: MapLayout, json_value: Json, alphabet: Alphabet) -> list[int]:
    if not isinstance(json_value, dict):
        raise InvalidValue("should be an object", json_value)
    entries: list[Json] = [dict(zip(MAP_FIELDS, pair, strict=True)) for pair in json_value.items()]
    return encode_array(layout.entries, entries, alphabet)


def encode_choice(layout: ChoiceLayout, json_value: Json, alphabet: Alphabet) -> list[int]:
    """The ids of the value in the first option that admits it."""
    prefix = (
        layout.constant_prefixes.get((type(json_value), json_value))
        if isinstance(json_value, str | int | None)
        else None
    )
    if prefix is not None:
        return list(prefix)
    errors: list[InvalidValue] = []
    for option in layout.options:
        if not isinstance(option.layout, ConstantLayout):
            try:
                return [*option.prefix, *encode_value(option.layout, json_value, alphabet)]
            except InvalidValue as error:
                errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    raise InvalidValue("is not one of the accepted values", json_value)
