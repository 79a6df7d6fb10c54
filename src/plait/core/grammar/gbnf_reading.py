"""Reader of GBNF text: its rules as nodes. Written from the description of the notation alone.

It shares no code with the renderer (`core.grammar.gbnf`), so that the two check each other. It is stricter than
llama.cpp where that would hide a mistake: a reversed range, an empty alternative, a repetition with crossed bounds or
an unknown rule is refused when the grammar is read. Source: ggml-org/llama.cpp, grammars/README.md.
"""

import re
from collections.abc import Iterator, Mapping
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


def read_gbnf(text: str) -> dict[str, Node]:
    """The node of each rule by its name. Raises GrammarSyntaxError."""
    rules: dict[str, Node] = {}
    for line in text.split("\n"):
        name, sign, body = line.partition("::=")
        if not sign or name.strip() in rules:
            raise GrammarSyntaxError(f"no rule, or one that is there already: {line!r}")
        rules[name.strip()] = RuleParser(body).parse()
    for node in (RuleReference("root"), *rules.values()):
        check_references(node, rules)
    return rules


def check_references(node: Node, rules: Mapping[str, Node]) -> None:
    match node:
        case RuleReference(name):
            if name not in rules:
                raise GrammarSyntaxError(f"no rule is called {name!r}")
        case RepetitionNode(node=inner):
            check_references(inner, rules)
        case SequenceNode(inside) | AlternationNode(inside):
            for inner in inside:
                check_references(inner, rules)
        case _:
            pass


def matches(node: CharacterClass, character: str) -> bool:
    return any(first <= character <= last for first, last in node.ranges) is not node.negated


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
