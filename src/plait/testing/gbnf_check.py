"""GBNF interpreter: decides whether a grammar admits a text. Written from the description of the notation alone.

It shares no code with the renderer (`core.grammar.gbnf`), so that the two check each other. It is stricter than
llama.cpp where that would hide a mistake: a reversed range, an empty alternative, a repetition with crossed bounds or
an unknown rule is refused when the grammar is read. Source: ggml-org/llama.cpp, grammars/README.md.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\]|\{\d+(?:,\d*)?\}|[a-zA-Z][a-zA-Z0-9-]*|[()|*+?])')
ESCAPE = re.compile(r'\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([nrt"\\\[\]]))')
ESCAPED_WHITESPACE = {"n": "\n", "r": "\r", "t": "\t"}


class GrammarSyntaxError(ValueError):
    """Invalid GBNF text."""


@dataclass(frozen=True)
class LiteralNode:
    text: str


@dataclass(frozen=True)
class CharacterClass:
    ranges: tuple[tuple[str, str], ...]
    negated: bool


@dataclass(frozen=True)
class RuleReference:
    name: str


@dataclass(frozen=True)
class RepetitionNode:
    """`{least,most}` repetitions of a node; `most` None means unbounded."""

    node: "Node"
    minimum: int
    maximum: int | None


@dataclass(frozen=True)
class SequenceNode:
    parts: "tuple[Node, ...]"


@dataclass(frozen=True)
class AlternationNode:
    options: "tuple[Node, ...]"


Node = LiteralNode | CharacterClass | RuleReference | RepetitionNode | SequenceNode | AlternationNode


class GbnfGrammar:
    """Rules parsed from GBNF text. Raises GrammarSyntaxError."""

    def __init__(self, text: str) -> None:
        self.rules: dict[str, Node] = {}
        for line in text.split("\n"):
            name, sign, body = line.partition("::=")
            if not sign or name.strip() in self.rules:
                raise GrammarSyntaxError(f"no rule, or one that is there already: {line!r}")
            self.rules[name.strip()] = RuleParser(body).parse()
        for node in list(self.rules.values()):
            self.check_references(node)
        self.check_references(RuleReference("root"))

    def check_references(self, node: Node) -> None:
        match node:
            case RuleReference(name):
                if name not in self.rules:
                    raise GrammarSyntaxError(f"no rule is called {name!r}")
            case RepetitionNode(node=inner):
                self.check_references(inner)
            case SequenceNode(inside) | AlternationNode(inside):
                for inner in inside:
                    self.check_references(inner)
            case _:
                pass

    def admits(self, text: str) -> bool:
        """Whether `root` matches the whole text."""
        return len(text) in self.end_positions(RuleReference("root"), text, {0})

    def end_positions(self, node: Node, text: str, starts: set[int]) -> set[int]:
        """The positions where a match of the node may end that begins at one of `starts`."""
        match node:
            case LiteralNode(literal):
                return {start + len(literal) for start in starts if text.startswith(literal, start)}
            case CharacterClass():
                return {start + 1 for start in starts if start < len(text) and matches(node, text[start])}
            case RuleReference(name):
                return self.end_positions(self.rules[name], text, starts)
            case SequenceNode(parts):
                for part in parts:
                    starts = self.end_positions(part, text, starts) if starts else starts
                return starts
            case AlternationNode(options):
                return set().union(*(self.end_positions(option, text, starts) for option in options))
            case RepetitionNode():
                return self.repetition_ends(node, text, starts)

    def repetition_ends(self, node: RepetitionNode, text: str, starts: set[int]) -> set[int]:
        ends = set(starts) if node.minimum == 0 else set[int]()
        count = 0
        while starts and (node.maximum is None or count < node.maximum):
            count += 1
            starts = self.end_positions(node.node, text, starts)
            if count > node.minimum:
                starts = starts - ends
            if count >= node.minimum:
                ends |= starts
        return ends


def matches(node: CharacterClass, character: str) -> bool:
    return any(first <= character <= last for first, last in node.ranges) is not node.negated


def admits(gbnf: str, text: str) -> bool:
    return GbnfGrammar(gbnf).admits(text)


class RuleParser:
    """Recursive descent parser for the body of one rule."""

    def __init__(self, body: str) -> None:
        self.tokens = list(tokenize(body))
        self.position = 0

    def parse(self) -> Node:
        node = self.parse_alternation()
        if self.position < len(self.tokens):
            raise GrammarSyntaxError(f"{self.tokens[self.position]!r} stands where nothing can")
        return node

    @property
    def next_token(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take_token(self) -> str:
        token = self.next_token
        self.position += 1
        return token

    def parse_alternation(self) -> Node:
        alternatives = [self.parse_sequence()]
        while self.next_token == "|":
            self.take_token()
            alternatives.append(self.parse_sequence())
        return alternatives[0] if len(alternatives) == 1 else AlternationNode(tuple(alternatives))

    def parse_sequence(self) -> Node:
        parts: list[Node] = []
        while self.next_token and self.next_token not in "|)":
            parts.append(self.parse_repetition(self.parse_item()))
        if not parts:
            raise GrammarSyntaxError("an alternative is empty")
        return parts[0] if len(parts) == 1 else SequenceNode(tuple(parts))

    def parse_item(self) -> Node:
        token = self.take_token()
        if token == "(":
            node = self.parse_alternation()
            if self.take_token() != ")":
                raise GrammarSyntaxError("a group is not closed")
            return node
        if token[0] == '"':
            return LiteralNode("".join(characters(token[1:-1])))
        if token[0] == "[":
            negated = token[1] == "^"
            return CharacterClass(
                tuple(character_ranges(list(characters(token[1 + negated : -1], keep_dash=True)))), negated
            )
        if token[0].isalpha():
            return RuleReference(token)
        raise GrammarSyntaxError(f"{token!r} has nothing before it")

    def parse_repetition(self, node: Node) -> Node:
        while self.next_token and self.next_token[0] in "*+?{":
            minimum, maximum = repetition_bounds(self.take_token())
            if maximum is not None and minimum > maximum:
                raise GrammarSyntaxError(f"between {minimum} and {maximum} of something")
            node = RepetitionNode(node, minimum, maximum)
        return node


def tokenize(body: str) -> Iterator[str]:
    position = 0
    body = body.rstrip()
    while position < len(body):
        match = TOKEN.match(body, position)
        if match is None:
            raise GrammarSyntaxError(f"cannot be read from here on: {body[position : position + 40]!r}")
        yield match[1]
        position = match.end()


def repetition_bounds(token: str) -> tuple[int, int | None]:
    if token in "*+?":
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[token]
    minimum, comma, maximum = token[1:-1].partition(",")
    return int(minimum), (int(maximum) if maximum else None) if comma else int(minimum)


def characters(body: str, *, keep_dash: bool = False) -> Iterator[str]:
    """The characters of a literal or a class; a dash between two of a class is yielded as the pair `-` + ""."""
    position = 0
    while position < len(body):
        if body[position] == "\\":
            match = ESCAPE.match(body, position)
            if match is None:
                raise GrammarSyntaxError(f"no escape: {body[position : position + 6]!r}")
            code = match[1] or match[2] or match[3]
            yield chr(int(code, 16)) if code else ESCAPED_WHITESPACE.get(match[4], match[4])
            position = match.end()
        else:
            yield "" if keep_dash and body[position] == "-" else body[position]
            position += 1


def character_ranges(symbols: list[str]) -> Iterator[tuple[str, str]]:
    """The ranges of a class: `a`, "" (the dash), `z` is the range from a to z."""
    position = 0
    while position < len(symbols):
        first = symbols[position] or "-"
        if position + 2 < len(symbols) and symbols[position + 1] == "":
            last = symbols[position + 2] or "-"
            if first > last:
                raise GrammarSyntaxError(f"the range {first!r} to {last!r} runs backwards")
            yield first, last
            position += 3
        else:
            yield first, first
            position += 1
