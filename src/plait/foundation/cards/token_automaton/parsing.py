"""Ids as the value in wire form that they write."""

from dataclasses import dataclass

from plait.core.grammar.ast import Moment
from plait.core.values.json_text import parsed
from plait.core.values.value_type import Json
from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.token_automaton.layout import (
    Bins,
    Fields,
    Ids,
    Items,
    Layout,
    OneOf,
    Said,
    Spelled,
    Text,
    first,
)


class NotAdmitted(ValueError):
    """Ids that the grammar does not admit: from a decoder that did not obey it, or cut short."""


def wire(layout: Layout, ids: list[int], alphabet: Alphabet) -> Json:
    """The wire form of a whole answer; padding behind it is passed over. Raises NotAdmitted."""
    reading = Reading(ids, alphabet)
    value = reading.value(layout)
    if any(id != alphabet.symbols.pad for id in ids[reading.place :]):
        raise reading.fault("the answer is over")
    return value


@dataclass
class Reading:
    ids: list[int]
    alphabet: Alphabet
    place: int = 0

    def fault(self, what: str) -> NotAdmitted:
        found = f"id {self.ids[self.place]}" if self.place < len(self.ids) else "the end"
        return NotAdmitted(f"{found} stands at place {self.place}, where {what}")

    @property
    def next(self) -> int:
        return self.ids[self.place] if self.place < len(self.ids) else -1

    def value(self, layout: Layout) -> Json:
        match layout:
            case Bins():
                return self.bins(layout)
            case Text(minimum, maximum):
                text = self.text()
                if not minimum <= len(text) <= maximum:
                    raise self.fault(f"a text of {minimum} to {maximum} characters was written, not {text!r}")
                return text
            case Spelled():
                return self.spelled(layout)
            case Fields():
                return self.fields(layout)
            case Items():
                return self.items(layout)
            case OneOf():
                return self.one_of(layout)
            case Said(value):
                return value

    def take(self, id: int, what: str) -> None:
        if self.next != id:
            raise self.fault(what)
        self.place += 1

    def bins(self, layout: Bins) -> list[Json]:
        numbers: list[int] = []
        for least in (lambda: 0, lambda: 0, lambda: numbers[0] + 1, lambda: numbers[1] + 1):
            allowed = self.alphabet.symbols.bins[least() : layout.count]
            if self.next not in allowed:
                raise self.fault(f"a location from {least()} to {layout.count - 1} has to stand")
            numbers.append(self.next - self.alphabet.symbols.bins.start)
            self.place += 1
        return list[Json](numbers)

    def text(self) -> str:
        """What stands before the next `end`."""
        try:
            over = self.ids.index(self.alphabet.symbols.end, self.place)
        except ValueError:
            self.place = len(self.ids)
            raise self.fault("a text is not ended") from None
        writing = self.ids[self.place : over]
        if not self.alphabet.writes(writing):
            raise self.fault("a text begins that holds other ids, or bytes that are no UTF-8")
        self.place = over + 1
        return self.alphabet.symbols.decode(writing)

    def spelled(self, layout: Spelled) -> Json:
        said = self.text()
        if not layout.spelling.admits(said):
            raise self.fault(f"{layout.terminal} was written, not {said!r}")
        return said if isinstance(layout.terminal, Moment) else parsed(said)

    def fields(self, layout: Fields) -> dict[str, Json]:
        if not layout.order:
            self.take(self.alphabet.symbols.close, "nothing can be said")
        values = {place: self.value(layout.parts[place][1]) for place in layout.order}
        return {name: values[place] for place, (name, _) in enumerate(layout.parts)}

    def items(self, layout: Items) -> list[Json]:
        symbols, items = self.alphabet.symbols, list[Json]()
        while len(items) < layout.maximum:
            if len(items) >= layout.minimum and self.next == symbols.close:
                break
            if layout.announced:
                self.take(symbols.true, "one more item is announced, or the list is closed")
            items.append(self.value(layout.item))
        if not items or len(items) < layout.maximum:
            self.take(symbols.close, "a list is closed")
        return items

    def one_of(self, layout: OneOf) -> Json:
        for length in layout.lengths:
            lead: Ids = tuple(self.ids[self.place : self.place + length])
            if lead in layout.by_lead:
                self.place += length
                return self.value(layout.by_lead[lead])
        for option in layout.options:
            if not option.lead and self.next in first(option.inner, self.alphabet):
                return self.value(option.inner)
        raise self.fault("none of the options begins like this")
