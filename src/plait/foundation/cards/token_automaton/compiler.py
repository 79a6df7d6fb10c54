"""A layout as a program: states with the ids that may follow, written back to front, each knowing what comes behind.

Lists and texts are counted, not unrolled: a counter for each depth of nesting, one for characters, two registers for
the left and the top of a box. Nesting is static, so a state and a fixed number of counters are the whole memory.
"""

from dataclasses import dataclass, field, replace

from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.token_automaton.characters import BEGIN, BLANK
from plait.foundation.cards.token_automaton.layout import Bins, Fields, Ids, Items, Layout, OneOf, Said, Spelled, Text

# Counters: two that keep the corners of a box, one that is always -1, one that nobody reads, characters; lists have one
# for each depth, from ITEMS on.
LEFT, TOP, NO_FLOOR, SPARE, CHARACTERS, ITEMS = range(6)
RIGHT, BOTTOM = 2, 3  # corners behind LEFT and TOP


@dataclass(frozen=True)
class Counted:
    """An id that may come once a counter has reached a number; the counter is then set back to 0."""

    id: int
    counter: int
    least: int
    then: int


@dataclass(frozen=True)
class Pieces:
    """Any piece of text that fits: the state of UTF-8, the first of the states behind, characters at most."""

    utf8: int
    base: int
    most: int


@dataclass(frozen=True)
class Location:
    """One of `count` bins, as a corner: LEFT, TOP, RIGHT, BOTTOM."""

    corner: int
    count: int
    then: int


@dataclass(frozen=True)
class Join:
    """Where an item ends, passed without an id: on to the next item, or out of the list that is full."""

    counter: int
    most: int
    again: int
    out: int


@dataclass(frozen=True)
class State:
    """What may follow: single ids with the state behind each, and at most one of each other kind."""

    ids: dict[int, int] = field(default_factory=dict[int, int])
    counted: Counted | None = None
    pieces: Pieces | None = None
    location: Location | None = None
    join: Join | None = None


@dataclass(eq=False)
class Program:
    """States by number; 0 is the end, where only padding follows."""

    alphabet: Alphabet
    states: list[State]
    counters: int = ITEMS

    def new(self, state: State) -> int:
        self.states.append(state)
        return len(self.states) - 1

    def entry(self, layout: Layout, then: int, depth: int = 0) -> State:
        """Where a value begins, with `then` behind it."""
        match layout:
            case Bins(count):
                return self.bins(count, then)
            case Text():
                return self.text(layout, then)
            case Spelled():
                return self.spelled(layout, then)
            case Fields(parts, order):
                for place in reversed(order[1:]):
                    then = self.new(self.entry(parts[place][1], then, depth))
                return self.entry(parts[order[0]][1], then, depth) if order else self.only(self.close, then)
            case Items():
                return self.items(layout, then, depth)
            case OneOf():
                return self.one_of(layout, then, depth)
            case Said(value):
                raise AssertionError(f"{value!r} is written by its lead")

    @property
    def close(self) -> int:
        return self.alphabet.symbols.close

    def only(self, id: int, then: int) -> State:
        return State({id: then})

    def bins(self, count: int, then: int) -> State:
        for corner in (BOTTOM, RIGHT, TOP):
            then = self.new(State(location=Location(corner, count, then)))
        return State(location=Location(LEFT, count, then))

    def text(self, text: Text, then: int) -> State:
        """A state for each state of UTF-8; only the first, between characters, can be the last."""
        end, base = self.alphabet.symbols.end, len(self.states)
        over = Counted(end, CHARACTERS, text.minimum, then)
        for utf8 in range(BEGIN):
            self.new(State(pieces=Pieces(utf8, base, text.maximum), counted=None if utf8 else over))
        return State({} if text.minimum else {end: then}, pieces=Pieces(BEGIN, base, text.maximum))

    def spelled(self, spelled: Spelled, then: int) -> State:
        """The automaton over characters as one over pieces. It may begin with a blank, as words do."""
        spelling, base, end = spelled.spelling, len(self.states), self.alphabet.symbols.end
        begins: dict[int, int] = {}
        for state in range(len(spelling.steps)):
            ids = {} if state not in spelling.over else {end: then}
            for id, text in self.alphabet.numerals:
                if (behind := spelling.walk(state, text)) >= 0:
                    ids[id] = base + behind
                if not state and (behind := spelling.walk(0, text.removeprefix(BLANK.decode()))) >= 0:
                    begins[id] = base + behind
            self.new(State(ids))
        return State(begins)

    def items(self, items: Items, then: int, depth: int) -> State:
        """The list's counter is 0 whenever it begins: whatever leaves a list sets it back."""
        if not items.maximum:
            return self.only(self.close, then)
        counter = ITEMS + depth
        self.counters = max(self.counters, counter + 1)
        head, join = self.new(State()), self.new(State())
        item = self.entry(items.item, join, depth + 1)
        if items.announced:
            item = self.only(self.alphabet.symbols.true, self.new(item))
        self.states[head] = replace(item, counted=Counted(self.close, counter, items.minimum, then))
        self.states[join] = State(join=Join(counter, items.maximum, head, then))
        return item if items.minimum else replace(item, ids={**item.ids, self.close: then})

    def one_of(self, choice: OneOf, then: int, depth: int) -> State:
        """Leads as a trie, in which a value that is told already goes on behind; the other options beside it."""
        found = self.trie([(lead, self.behind(inner, then, depth)) for lead, inner in choice.by_lead.items()])
        for option in choice.options:
            if not option.lead:
                found = merged(found, self.entry(option.inner, then, depth))
        return found

    def behind(self, inner: Layout, then: int, depth: int) -> int:
        return then if isinstance(inner, Said) else self.new(self.entry(inner, then, depth))

    def trie(self, words: list[tuple[Ids, int]]) -> State:
        """All words, each with the state behind its last id; those that begin alike share their states."""
        root = State()
        for word, then in words:
            state = root
            for id in word[:-1]:
                if id not in state.ids:
                    state.ids[id] = self.new(State())
                state = self.states[state.ids[id]]
            state.ids[word[-1]] = then
        return root


def merged(one: State, other: State) -> State:
    """What may begin either; they share no id."""
    return State({**one.ids, **other.ids}, pieces=one.pieces or other.pieces, location=one.location or other.location)


def program(layout: Layout, alphabet: Alphabet) -> tuple[Program, int]:
    """The program, and the state where it begins."""
    made = Program(alphabet, [State({alphabet.symbols.pad: 0})])
    return made, made.new(made.entry(layout, 0))
