"""Parses ids to the JSON form that they encode."""

from dataclasses import dataclass
from typing import cast

from plait.core.values.json_text import parse_json
from plait.core.values.json_value import Json
from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.token_automaton.layout import (
    ArrayLayout,
    BoxLayout,
    ChoiceLayout,
    ConstantLayout,
    Ids,
    Layout,
    MapLayout,
    ObjectLayout,
    SpelledLayout,
    TextLayout,
    TupleLayout,
    first_ids,
)


class GrammarMismatch(ValueError):
    """Ids that the grammar does not admit: from an unconstrained decoder, or truncated."""


def decode_value(layout: Layout, ids: list[int], alphabet: Alphabet) -> Json:
    """The JSON form of a complete answer; trailing padding is ignored. Raises GrammarMismatch."""
    decoder = AnswerDecoder(ids, alphabet)
    value = decoder.read_value(layout)
    if any(id != alphabet.vocabulary.pad for id in ids[decoder.position :]):
        raise decoder.mismatch("the answer is over")
    return value


@dataclass
class AnswerDecoder:
    ids: list[int]
    alphabet: Alphabet
    position: int = 0

    def mismatch(self, expected: str) -> GrammarMismatch:
        actual = f"id {self.ids[self.position]}" if self.position < len(self.ids) else "the end"
        return GrammarMismatch(f"{actual} stands at place {self.position}, where {expected}")

    @property
    def next_id(self) -> int:
        return self.ids[self.position] if self.position < len(self.ids) else -1

    def read_value(self, layout: Layout) -> Json:
        match layout:
            case BoxLayout():
                return self.read_box(layout)
            case TextLayout(minimum, maximum):
                text = self.read_text()
                if not minimum <= len(text) <= maximum:
                    raise self.mismatch(f"a text of {minimum} to {maximum} characters was written, not {text!r}")
                return text
            case SpelledLayout():
                return self.read_spelled(layout)
            case ObjectLayout():
                return self.read_object(layout)
            case ArrayLayout():
                return self.read_array(layout)
            case TupleLayout(fields):
                return list(self.read_object(fields).values())
            case MapLayout(entries):
                pairs = (cast("dict[str, Json]", entry) for entry in self.read_array(entries))
                return {str(pair["name"]): pair["value"] for pair in pairs}
            case ChoiceLayout():
                return self.read_choice(layout)
            case ConstantLayout(value):
                return value

    def expect(self, id: int, expected: str) -> None:
        if self.next_id != id:
            raise self.mismatch(expected)
        self.position += 1

    def read_box(self, layout: BoxLayout) -> list[Json]:
        numbers: list[int] = []
        for minimum in (lambda: 0, lambda: 0, lambda: numbers[0] + 1, lambda: numbers[1] + 1):
            allowed = self.alphabet.vocabulary.bins[minimum() : layout.count]
            if self.next_id not in allowed:
                raise self.mismatch(f"a location from {minimum()} to {layout.count - 1} has to stand")
            numbers.append(self.next_id - self.alphabet.vocabulary.bins.start)
            self.position += 1
        return list[Json](numbers)

    def read_text(self) -> str:
        """The text before the next `end`."""
        try:
            end = self.ids.index(self.alphabet.vocabulary.end, self.position)
        except ValueError:
            self.position = len(self.ids)
            raise self.mismatch("a text is not ended") from None
        text_ids = self.ids[self.position : end]
        if not self.alphabet.is_text(text_ids):
            raise self.mismatch("a text begins that holds other ids, or bytes that are not UTF-8")
        self.position = end + 1
        return self.alphabet.vocabulary.decode(text_ids)

    def read_spelled(self, layout: SpelledLayout) -> Json:
        spelling = self.read_text()
        if not layout.automaton.matches(spelling):
            raise self.mismatch(f"{layout.terminal} was written, not {spelling!r}")
        return spelling if layout.is_text else parse_json(spelling)

    def read_object(self, layout: ObjectLayout) -> dict[str, Json]:
        if not layout.order:
            self.expect(self.alphabet.vocabulary.close, "an object without fields is closed")
        values = {index: self.read_value(layout.parts[index][1]) for index in layout.order}
        return {name: values[index] for index, (name, _) in enumerate(layout.parts)}

    def read_array(self, layout: ArrayLayout) -> list[Json]:
        symbols, items = self.alphabet.vocabulary, list[Json]()
        while len(items) < layout.maximum:
            if len(items) >= layout.minimum and self.next_id == symbols.close:
                break
            if layout.announced:
                self.expect(symbols.true, "one more item is announced, or the list is closed")
            items.append(self.read_value(layout.item))
        if not items or len(items) < layout.maximum:
            self.expect(symbols.close, "a list is closed")
        return items

    def read_choice(self, layout: ChoiceLayout) -> Json:
        for length in layout.prefix_lengths:
            prefix: Ids = tuple(self.ids[self.position : self.position + length])
            if prefix in layout.by_prefix:
                self.position += length
                return self.read_value(layout.by_prefix[prefix])
        for option in layout.options:
            if not option.prefix and self.next_id in first_ids(option.layout, self.alphabet):
                return self.read_value(option.layout)
        raise self.mismatch("none of the options begins like this")
