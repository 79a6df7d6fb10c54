"""The automaton of all runs of words of some lines, and its GBNF rules.

A suffix automaton (Blumer et al., Theoretical Computer Science 40, 1985) over words: n words give at most 2n states,
however often words repeat, and each state has one rule that lists what may follow. Words with a common beginning share
it, as a decoder tries every alternative of a rule against every token: without that, a start among 2,000 words costs
2,000 comparisons per token of the vocabulary.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from plait.core.grammar.ast import Word, WordRun
from plait.core.values.json_text import dumps


@dataclass
class SuffixState:
    """A state while the automaton is built: its transitions, its suffix link and the length of its longest run."""

    transitions: dict[Word, int] = field(default_factory=dict[Word, int])
    link: int = -1
    length: int = 0


@dataclass(frozen=True)
class SpanAutomaton:
    """All runs of words. State 0 is the start.

    `transitions[state]` has the next words as they are written, with their leading space, and the states after them;
    the first word is written without a space. A run may end in the `accepting` states.
    """

    transitions: tuple[tuple[tuple[str, int], ...], ...]
    accepting: frozenset[int]


@lru_cache(maxsize=32)
def span_automaton(run: WordRun) -> SpanAutomaton:
    """The automaton, without states from which no run can end."""
    states = [SuffixState()]
    last_words: dict[int, Word] = {}
    for line in run.lines:
        last = 0
        for word in line:
            last = extend(states, last, word)
            last_words[last] = word
    for source in states:
        last_words |= {target: word for word, target in source.transitions.items()}
    accepting = frozenset(state for state, word in last_words.items() if word.ends)
    useful = states_before(states, accepting)
    return SpanAutomaton(
        tuple(tuple(written_transitions(state, states[state].transitions, useful)) for state in range(len(states))),
        accepting,
    )


def extend(states: list[SuffixState], last: int, word: Word) -> int:
    """Adds a word after the state `last`; returns the state of the longer run."""
    if word in states[last].transitions:
        target = states[last].transitions[word]
        if states[target].length == states[last].length + 1:
            return target
        return clone(states, last, word, target)
    states.append(SuffixState(length=states[last].length + 1))
    current, state = len(states) - 1, last
    while state >= 0 and word not in states[state].transitions:
        states[state].transitions[word] = current
        state = states[state].link
    if state < 0:
        states[current].link = 0
        return current
    target = states[state].transitions[word]
    is_next = states[target].length == states[state].length + 1
    states[current].link = target if is_next else clone(states, state, word, target)
    return current


def clone(states: list[SuffixState], state: int, word: Word, target: int) -> int:
    """Splits a state: its shorter runs, which also end elsewhere, get a copy of their own."""
    original = states[target]
    states.append(SuffixState(dict(original.transitions), original.link, states[state].length + 1))
    original.link = copy = len(states) - 1
    while state >= 0 and states[state].transitions.get(word) == target:
        states[state].transitions[word] = copy
        state = states[state].link
    return copy


def states_before(states: list[SuffixState], accepting: frozenset[int]) -> set[int]:
    """The states from which an accepting state can be reached."""
    sources: dict[int, list[int]] = {}
    for number, state in enumerate(states):
        for target in state.transitions.values():
            sources.setdefault(target, []).append(number)
    reached, open_states = set(accepting), list(accepting)
    while open_states:
        new = set(sources.get(open_states.pop(), ())) - reached
        reached |= new
        open_states += new
    return reached


def written_transitions(state: int, transitions: Mapping[Word, int], useful: set[int]) -> Iterator[tuple[str, int]]:
    for word, target in transitions.items():
        if target in useful and (state or word.starts):
            yield (f" {word.text}" if word.spaced and state else word.text), target


def span_rules(run: WordRun, prefix: str) -> Iterator[str]:
    """The GBNF rules of the runs as a JSON string; the first one is called `prefix`."""
    automaton = span_automaton(run)
    open_states, reached = [0], {0}
    while open_states:
        state = open_states.pop()
        edges = [(dumps(text)[1:-1], target) for text, target in automaton.transitions[state]]
        options = [trie_pattern(edges, prefix)] if edges else []
        options += ['""'] if state in automaton.accepting else []
        name, body = (prefix, rf'"\"" ({options[0]}) "\""') if not state else (f"{prefix}-{state}", " | ".join(options))
        yield f"{name} ::= {body}"
        targets = {target for _, target in edges} - reached
        reached |= targets
        open_states += sorted(targets)


def trie_pattern(edges: list[tuple[str, int]], prefix: str) -> str:
    """Alternatives whose common beginnings are written once."""
    by_first: dict[str, list[tuple[str, int]]] = {}
    for text, target in sorted(edges):
        by_first.setdefault(text[:1], []).append((text, target))
    return " | ".join(branch_pattern(group, prefix) for group in by_first.values())


def branch_pattern(edges: list[tuple[str, int]], prefix: str) -> str:
    """The pattern of texts with the same first character."""
    common = common_prefix(edges[0][0], edges[-1][0])  # the edges are sorted
    ended = [f"{prefix}-{target}" for text, target in edges if text == common]
    longer = [(text[len(common) :], target) for text, target in edges if text != common]
    rest = [*ended, *([trie_pattern(longer, prefix)] if longer else [])]
    tail = rest[0] if len(ended) == 1 and not longer else f"({' | '.join(rest)})"
    return f"{quote_literal(common)} {tail}"


def common_prefix(one: str, other: str) -> str:
    length = next((i for i, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    return one[: min(len(one), len(other)) if length is None else length]


def quote_literal(text: str) -> str:
    """The text as a GBNF literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'
