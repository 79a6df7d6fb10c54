"""Decides whether GBNF text admits a text: an interpreter of the notation, written from its description alone.

It shares nothing with the renderer (`core.grammar.gbnf`), so that the two can check each other. Stricter than llama.cpp
where that would hide a mistake: a range that runs backwards, an empty alternative, a repetition with crossed bounds or
an unknown rule is refused when the grammar is read. Source: ggml-org/llama.cpp, grammars/README.md.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\]|\{\d+(?:,\d*)?\}|[a-zA-Z][a-zA-Z0-9-]*|[()|*+?])')
ESCAPE = re.compile(r'\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([nrt"\\\[\]]))')
WHITE = {"n": "\n", "r": "\r", "t": "\t"}


class BrokenGrammar(ValueError):
    """Text that is no GBNF."""


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Class:
    ranges: tuple[tuple[str, str], ...]
    negated: bool


@dataclass(frozen=True)
class Rule:
    name: str


@dataclass(frozen=True)
class Several:
    """`{least,most}` of something; `most` None is any number."""

    of: "Node"
    least: int
    most: int | None


@dataclass(frozen=True)
class Row:
    parts: "tuple[Node, ...]"


@dataclass(frozen=True)
class OneOf:
    options: "tuple[Node, ...]"


Node = Text | Class | Rule | Several | Row | OneOf


class Grammar:
    """Rules read from GBNF text. Raises BrokenGrammar."""

    def __init__(self, text: str) -> None:
        self.rules: dict[str, Node] = {}
        for line in text.split("\n"):
            name, sign, body = line.partition("::=")
            if not sign or name.strip() in self.rules:
                raise BrokenGrammar(f"no rule, or one that is there already: {line!r}")
            self.rules[name.strip()] = Reading(body).whole()
        for node in list(self.rules.values()):
            self.check(node)
        self.check(Rule("root"))

    def check(self, node: Node) -> None:
        match node:
            case Rule(name):
                if name not in self.rules:
                    raise BrokenGrammar(f"no rule is called {name!r}")
            case Several(of=inner):
                self.check(inner)
            case Row(inside) | OneOf(inside):
                for inner in inside:
                    self.check(inner)
            case _:
                pass

    def admits(self, text: str) -> bool:
        """Whether the whole text follows from `root`."""
        return len(text) in self.ends(Rule("root"), text, {0})

    def ends(self, node: Node, text: str, starts: set[int]) -> set[int]:
        """Where the node may end that begins at one of the places."""
        match node:
            case Text(literal):
                return {start + len(literal) for start in starts if text.startswith(literal, start)}
            case Class():
                return {start + 1 for start in starts if start < len(text) and matches(node, text[start])}
            case Rule(name):
                return self.ends(self.rules[name], text, starts)
            case Row(parts):
                for part in parts:
                    starts = self.ends(part, text, starts) if starts else starts
                return starts
            case OneOf(options):
                return set().union(*(self.ends(option, text, starts) for option in options))
            case Several():
                return self.several(node, text, starts)

    def several(self, node: Several, text: str, starts: set[int]) -> set[int]:
        found = set(starts) if node.least == 0 else set[int]()
        count = 0
        while starts and (node.most is None or count < node.most):
            count += 1
            starts = self.ends(node.of, text, starts)
            if count > node.least:
                starts = starts - found
            if count >= node.least:
                found |= starts
        return found


def matches(node: Class, character: str) -> bool:
    return any(first <= character <= last for first, last in node.ranges) is not node.negated


def admits(gbnf: str, text: str) -> bool:
    return Grammar(gbnf).admits(text)


class Reading:
    """The body of one rule, read by descent."""

    def __init__(self, body: str) -> None:
        self.tokens = list(tokens(body))
        self.place = 0

    def whole(self) -> Node:
        node = self.options()
        if self.place < len(self.tokens):
            raise BrokenGrammar(f"{self.tokens[self.place]!r} stands where nothing can")
        return node

    @property
    def next(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def taken(self) -> str:
        token = self.next
        self.place += 1
        return token

    def options(self) -> Node:
        found = [self.row()]
        while self.next == "|":
            self.taken()
            found.append(self.row())
        return found[0] if len(found) == 1 else OneOf(tuple(found))

    def row(self) -> Node:
        parts: list[Node] = []
        while self.next and self.next not in "|)":
            parts.append(self.repeated(self.single()))
        if not parts:
            raise BrokenGrammar("an alternative is empty")
        return parts[0] if len(parts) == 1 else Row(tuple(parts))

    def single(self) -> Node:
        token = self.taken()
        if token == "(":
            node = self.options()
            if self.taken() != ")":
                raise BrokenGrammar("a group is not closed")
            return node
        if token[0] == '"':
            return Text("".join(characters(token[1:-1])))
        if token[0] == "[":
            negated = token[1] == "^"
            return Class(tuple(ranges(list(characters(token[1 + negated : -1], keep_dash=True)))), negated)
        if token[0].isalpha():
            return Rule(token)
        raise BrokenGrammar(f"{token!r} has nothing before it")

    def repeated(self, node: Node) -> Node:
        while self.next and self.next[0] in "*+?{":
            least, most = bounds(self.taken())
            if most is not None and least > most:
                raise BrokenGrammar(f"between {least} and {most} of something")
            node = Several(node, least, most)
        return node


def tokens(body: str) -> Iterator[str]:
    place = 0
    body = body.rstrip()
    while place < len(body):
        found = TOKEN.match(body, place)
        if found is None:
            raise BrokenGrammar(f"cannot be read from here on: {body[place : place + 40]!r}")
        yield found[1]
        place = found.end()


def bounds(token: str) -> tuple[int, int | None]:
    if token in "*+?":
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[token]
    least, comma, most = token[1:-1].partition(",")
    return int(least), (int(most) if most else None) if comma else int(least)


def characters(body: str, *, keep_dash: bool = False) -> Iterator[str]:
    """The characters that a literal or a class stands for; a dash between two of a class as the pair `-` + ""."""
    place = 0
    while place < len(body):
        if body[place] == "\\":
            found = ESCAPE.match(body, place)
            if found is None:
                raise BrokenGrammar(f"no escape: {body[place : place + 6]!r}")
            code = found[1] or found[2] or found[3]
            yield chr(int(code, 16)) if code else WHITE.get(found[4], found[4])
            place = found.end()
        else:
            yield "" if keep_dash and body[place] == "-" else body[place]
            place += 1


def ranges(said: list[str]) -> Iterator[tuple[str, str]]:
    """`a`, "" (the dash), `z` as the range from a to z."""
    place = 0
    while place < len(said):
        first = said[place] or "-"
        if place + 2 < len(said) and said[place + 1] == "":
            last = said[place + 2] or "-"
            if first > last:
                raise BrokenGrammar(f"the range {first!r} to {last!r} runs backwards")
            yield first, last
            place += 3
        else:
            yield first, first
            place += 1
