"""Which texts may follow the beginning of an answer: a decoder's grammar as an automaton that is built as it is used.

A state is the set of stacks of what has to follow, as llama.cpp keeps them. States and steps are remembered, so that
the twenty candidates of a token cost a few look-ups; the grammar of an invoice has thousands of states, an answer
meets a few hundred.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from plait.core.grammar.gbnf_reading import (
    AlternationNode,
    CharacterClass,
    LiteralNode,
    Node,
    RepetitionNode,
    RuleReference,
    SequenceNode,
    matches,
    read_gbnf,
)

Item: TypeAlias = tuple[int, int, int]  # a node, and two numbers: of a literal the place, of a repetition its bounds
Stack: TypeAlias = "tuple[Item, Stack] | None"  # what has to follow, the next item first; None is the end
State: TypeAlias = frozenset[Stack]
UNBOUNDED = -1
SPACE = " \t\n\r"


@dataclass
class GrammarPrefixes:
    """The beginnings of texts that a grammar admits. States are numbers; 0 is the state of the empty text.

    `spaced` texts may have white space between their values, as other decoders write JSON.
    """

    gbnf: str
    spaced: bool = False
    nodes: list[Node] = field(default_factory=list[Node])
    numbers: dict[int, int] = field(default_factory=dict[int, int])  # by identity: nodes of long grammars hash slowly
    states: list[State] = field(default_factory=list[State])
    state_numbers: dict[State, int] = field(default_factory=dict[State, int])
    steps: dict[tuple[int, str], int | None] = field(default_factory=dict[tuple[int, str], "int | None"])

    def __post_init__(self) -> None:
        self.rules = read_gbnf(self.gbnf)
        self.state_number(frozenset(self.expand((self.item(self.rules["root"]), None))))

    def step(self, state: int, character: str) -> int | None:
        """The state behind a character; None where it may not follow."""
        key = (state, character)
        if key not in self.steps:
            following = frozenset(
                stack
                for before in self.states[state]
                if before is not None and self.accepts(before[0], character)
                for stack in self.expand(self.rest(before))
            )
            stays = state if self.spaced and character in SPACE else None
            self.steps[key] = self.state_number(following) if following else stays
        return self.steps[key]

    def walk(self, state: int, text: str) -> int | None:
        """The state behind a text; None where it may not follow."""
        here: int | None = state
        for character in text:
            if here is None:
                return None
            here = self.step(here, character)
        return here

    def may_end(self, state: int) -> bool:
        return None in self.states[state]

    def is_forced(self, state: int, text: str) -> bool:
        """Whether the text is the only one that may follow, character by character, but for white space around it."""
        here: int | None = state
        for character in text.strip(SPACE) if self.spaced else text:
            if here is None or self.only_character(here) != character:
                return False
            here = self.step(here, character)
        return True

    def forced_text(self, state: int, limit: int) -> tuple[str, int]:
        """The characters that have to follow, at most `limit`, and the state behind them."""
        text = ""
        while len(text) < limit and (character := self.only_character(state)) is not None:
            following = self.step(state, character)
            assert following is not None, "the one character that may follow may follow"
            text, state = text + character, following
        return text, state

    def only_character(self, state: int) -> str | None:
        """The one character that may follow; None where there are several, or where the text may be over."""
        found: set[str] = set()
        for stack in self.states[state]:
            if stack is None or (character := self.single(stack[0])) is None:
                return None
            found.add(character)
        return found.pop() if len(found) == 1 else None

    # ── stacks ──

    def expand(self, stack: Stack) -> Iterator[Stack]:
        """The stacks whose next item is a character, however it is reached."""
        pending, seen = [stack], {stack}
        while pending:
            here = pending.pop()
            followers = None if here is None else self.followers(here)
            if followers is None:
                yield here
                continue
            fresh = [each for each in followers if each not in seen]
            seen.update(fresh)
            pending += fresh

    def followers(self, stack: "tuple[Item, Stack]") -> list[Stack] | None:
        """The stacks that one step into the next item gives; None if the item is a character."""
        (number, low, high), rest = stack
        match self.nodes[number]:
            case RuleReference(name):
                return [(self.item(self.rules[name]), rest)]
            case SequenceNode(parts):
                for part in reversed(parts):
                    rest = (self.item(part), rest)
                return [rest]
            case AlternationNode(options):
                return [(self.item(option), rest) for option in options]
            case RepetitionNode(node=inner):
                again: Stack = rest if high == 1 else ((number, max(low - 1, 0), max(high - 1, UNBOUNDED)), rest)
                entered: list[Stack] = [(self.item(inner), again)] if high else []
                return entered if low else [*entered, rest]
            case LiteralNode(text):
                return None if text else [rest]
            case CharacterClass():
                return None

    def item(self, node: Node) -> Item:
        number = self.numbers.get(id(node))
        if number is None:
            number = self.numbers[id(node)] = len(self.nodes)
            self.nodes.append(node)  # kept, so that its identity stays its own
        if isinstance(node, RepetitionNode):
            return number, node.minimum, UNBOUNDED if node.maximum is None else node.maximum
        return number, 0, 0

    def accepts(self, item: Item, character: str) -> bool:
        node = self.nodes[item[0]]
        if isinstance(node, LiteralNode):
            return node.text[item[1]] == character
        return isinstance(node, CharacterClass) and matches(node, character)

    def rest(self, stack: "tuple[Item, Stack]") -> Stack:
        """What has to follow the next character."""
        (number, place, _), rest = stack
        node = self.nodes[number]
        more = isinstance(node, LiteralNode) and place + 1 < len(node.text)
        return ((number, place + 1, 0), rest) if more else rest

    def single(self, item: Item) -> str | None:
        """The character of an item that admits only one."""
        node = self.nodes[item[0]]
        if isinstance(node, LiteralNode):
            return node.text[item[1]]
        assert isinstance(node, CharacterClass)
        is_single = not node.negated and len(node.ranges) == 1 and node.ranges[0][0] == node.ranges[0][1]
        return node.ranges[0][0] if is_single else None

    def state_number(self, state: State) -> int:
        number = self.state_numbers.setdefault(state, len(self.states))
        if number == len(self.states):
            self.states.append(state)
        return number
