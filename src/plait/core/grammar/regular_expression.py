"""A subset of regular expressions, read from the notation that ECMA-262, Python and Rust share.

Supported: literal characters, `.`, classes, the escapes `\\d \\w \\s \\D \\W \\S \\t \\n \\xHH \\uHHHH` and those of
punctuation, groups, alternation, `* + ? {m} {m,} {m,n}` (also lazy ones), `^` and `$` at the ends. Everything else
(look-around, back-references, named groups, flags, word boundaries) raises UnsupportedPattern.

The three languages differ in details: `\\d` is any digit in Python, an ASCII digit in ECMA-262. An expression admits
what all three admit, and no control characters except tab and line feed, which texts never have. Without an anchor a
pattern may match anywhere in the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from plait.core.grammar.expression import (
    CharacterSet,
    Expression,
    Ranges,
    Repetition,
    Sequence,
    alternation,
    character_set,
    complement,
    intersection,
    repetition,
    sequence,
)

# What texts may hold: no control characters except tab and line feed, no surrogates (plait.core.grammar.gbnf).
WRITABLE: Ranges = ((9, 10), (0x20, 0x7E), (0xA0, 0xD7FF), (0xE000, 0x10FFFF))
DIGIT: Ranges = ((0x30, 0x39),)
WORD: Ranges = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
SPACE: Ranges = ((9, 10), (0x20, 0x20))
# What one of the languages may take for a digit, a word character or a space, and a little more.
WIDE_DIGIT: Ranges = (*DIGIT, (0x660, 0x2FFF), (0xA000, 0x10FFFF))
WIDE_WORD: Ranges = (*WORD, (0x80, 0x10FFFF))
WIDE_SPACE: Ranges = (
    *((9, 13), (0x1C, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x180E, 0x180E)),
    *((0x2000, 0x200B), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
)
ESCAPED_SETS: dict[str, tuple[Ranges, Ranges]] = {
    "d": (DIGIT, WIDE_DIGIT),
    "w": (WORD, WIDE_WORD),
    "s": (SPACE, WIDE_SPACE),
    "D": (complement(WIDE_DIGIT), complement(DIGIT)),
    "W": (complement(WIDE_WORD), complement(WORD)),
    "S": (complement(WIDE_SPACE), complement(SPACE)),
}  # certainly matched, possibly matched
LINE_ENDS: Ranges = ((10, 10), (13, 13), (0x85, 0x85), (0x2028, 0x2029))
ESCAPED_CHARACTERS = {"t": 9, "n": 10, "r": 13, "f": 12, "v": 11}
QUANTIFIER = re.compile(r"[*+?]|\{(\d{1,4})(,(\d{0,4}))?\}")
CODE_ESCAPE = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})")
AMBIGUOUS_IN_CLASS = ("[", "&&", "--", "||", "~~")  # set operations in Rust, deprecated in Python
MAX_PATTERN_LENGTH, MAX_NESTING, MAX_ANCHORED_GROUPS = 1_000, 20, 3
ANY = repetition(CharacterSet(WRITABLE), 0, None)


class UnsupportedPattern(ValueError):
    """A pattern outside of the subset; the text says what is not supported."""


@dataclass(frozen=True)
class Anchor:
    is_end: bool


@dataclass(frozen=True)
class AnchoredGroup:
    """Alternatives, some with an anchor: (^a|b). They are multiplied out."""

    options: "list[list[Node]]"


Node: TypeAlias = Expression | Anchor | AnchoredGroup
START, END = Anchor(False), Anchor(True)


@lru_cache(256)
def regular_expression(pattern: str) -> Expression:
    """The expression of the texts in which a pattern is found. Raises UnsupportedPattern."""
    if len(pattern) > MAX_PATTERN_LENGTH:
        raise UnsupportedPattern(f"a pattern of more than {MAX_PATTERN_LENGTH:,} characters")
    parser = PatternParser(pattern)
    options = parser.parse_options()
    if parser.position < len(pattern):
        raise UnsupportedPattern("a bracket without its partner")
    return alternation([anchored(option) for option in options])


@dataclass
class PatternParser:
    """Recursive descent. Anchors are kept as parts until `anchored` resolves them."""

    pattern: str
    position: int = 0
    depth: int = 0
    anchored_groups: int = 0

    def peek(self, text: str) -> bool:
        return self.pattern.startswith(text, self.position)

    def take(self) -> str:
        if self.position >= len(self.pattern):
            raise UnsupportedPattern("a pattern that ends too early")
        self.position += 1
        return self.pattern[self.position - 1]

    def parse_options(self) -> list[list[Node]]:
        """The alternatives up to a closing bracket, each a list of parts."""
        options = [self.parse_parts()]
        while self.peek("|"):
            self.position += 1
            options.append(self.parse_parts())
        return options

    def parse_parts(self) -> list[Node]:
        parts: list[Node] = []
        while self.position < len(self.pattern) and self.pattern[self.position] not in "|)":
            parts += self.parse_quantified()
        return parts

    def parse_quantified(self) -> list[Node]:
        parts = self.parse_atom()
        match = QUANTIFIER.match(self.pattern, self.position)
        if match is None:
            return parts
        self.position = match.end()
        if self.peek("?"):
            self.position += 1  # lazy: another match, the same texts
        if QUANTIFIER.match(self.pattern, self.position):
            raise UnsupportedPattern("a quantifier behind another")
        minimum, maximum = quantifier_bounds(match)
        if maximum is not None and minimum > maximum:
            raise UnsupportedPattern(f"the quantifier {match[0]}")
        return [repetition(sequence(expressions(parts)), minimum, maximum)]

    def parse_atom(self) -> list[Node]:
        match character := self.take():
            case "^":
                return [START]
            case "$":
                return [END]
            case "(":
                return self.parse_group()
            case "[":
                return [writable(self.parse_class())]
            case ".":
                return [writable(complement(LINE_ENDS))]
            case "\\":
                return [writable(self.parse_escape()[0])]
            case "*" | "+" | "?":
                raise UnsupportedPattern(f"{character} with nothing before it")
            case "{" if QUANTIFIER.match(self.pattern, self.position - 1) or self.peek(","):
                raise UnsupportedPattern("a quantifier with nothing before it")
            case _:
                return [writable(((ord(character), ord(character)),))]

    def parse_group(self) -> list[Node]:
        if self.peek("?"):
            if not self.peek("?:"):
                raise UnsupportedPattern(f"({self.pattern[self.position : self.position + 3]}...)")
            self.position += 2
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise UnsupportedPattern(f"more than {MAX_NESTING} groups in each other")
        options = self.parse_options()
        self.depth -= 1
        if self.take() != ")":
            raise UnsupportedPattern("a group that is not closed")
        if len(options) == 1:
            return options[0]
        if any(isinstance(part, Anchor | AnchoredGroup) for option in options for part in option):
            return [self.anchored_group(options)]
        return [alternation([sequence(expressions(option)) for option in options])]

    def anchored_group(self, options: list[list[Node]]) -> AnchoredGroup:
        self.anchored_groups += 1
        if self.anchored_groups > MAX_ANCHORED_GROUPS:
            raise UnsupportedPattern(f"more than {MAX_ANCHORED_GROUPS} groups with anchors")
        return AnchoredGroup(options)

    def parse_escape(self) -> tuple[Ranges, Ranges]:
        """What certainly and what possibly matches, behind a backslash."""
        if code := CODE_ESCAPE.match(self.pattern, self.position):
            self.position = code.end()
            number = int(code[1] or code[2], 16)
            return single(number)
        character = self.take()
        if character in ESCAPED_SETS:
            return ESCAPED_SETS[character]
        number = ESCAPED_CHARACTERS.get(character, ord(character))
        if character not in ESCAPED_CHARACTERS and (character.isalnum() or not character.isascii()):
            raise UnsupportedPattern(f"\\{character}")
        return single(number)

    def parse_class(self) -> Ranges:
        negated = self.peek("^")
        self.position += negated
        if self.peek("]"):
            raise UnsupportedPattern("a class that begins with ]")
        certain: list[tuple[int, int]] = []
        possible: list[tuple[int, int]] = []
        while not self.peek("]"):
            inner, outer = self.parse_class_item()
            certain += inner
            possible += outer
        self.position += 1
        return complement(character_set(possible).ranges) if negated else character_set(certain).ranges

    def parse_class_item(self) -> tuple[Ranges, Ranges]:
        if operation := next((each for each in AMBIGUOUS_IN_CLASS if self.peek(each)), ""):
            raise UnsupportedPattern(f"{operation} in a class")
        inner, outer = self.parse_class_member()
        if not self.peek("-") or self.peek("-]"):
            return inner, outer
        self.position += 1
        last, _ = self.parse_class_member()
        if any(len(each) != 1 or each[0][0] != each[0][1] for each in (inner, last)) or last[0][0] < inner[0][0]:
            raise UnsupportedPattern("a range of a class that is none")
        span = ((inner[0][0], last[0][0]),)
        return span, span

    def parse_class_member(self) -> tuple[Ranges, Ranges]:
        character = self.take()
        if character == "\\":
            return self.parse_escape()
        return single(ord(character))


def single(code: int) -> tuple[Ranges, Ranges]:
    return ((code, code),), ((code, code),)


def quantifier_bounds(match: re.Match[str]) -> tuple[int, int | None]:
    if match[1] is None:
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[match[0]]
    if match[2] is None:
        return int(match[1]), int(match[1])
    return int(match[1]), int(match[3]) if match[3] else None


def writable(ranges: Ranges) -> CharacterSet:
    characters = CharacterSet(intersection(ranges, WRITABLE))
    if not characters.ranges:
        raise UnsupportedPattern("a control character, which texts do not have")
    return characters


def anchored(parts: list[Node]) -> Expression:
    """The texts in which some parts, one after the other, are found."""
    for index, part in enumerate(parts):
        if isinstance(part, AnchoredGroup):
            return alternation(anchored([*parts[:index], *each, *parts[index + 1 :]]) for each in part.options)
    starts, ends = parts[:1] == [START], parts[-1:] == [END]
    inner = list(expressions([part for part in parts[starts : len(parts) - ends]]))
    # Where anything may stand around, the least repetition is as good as any.
    while inner and not starts and (first := shortest(inner[0])) != inner[0]:
        inner[:1] = expressions_of(first)
    while inner and not ends and (last := shortest(inner[-1])) != inner[-1]:
        inner[-1:] = expressions_of(last)
    if not inner and not (starts and ends):
        return ANY
    prefix: tuple[Expression, ...] = () if starts else (ANY,)
    if len(inner) == 1 and isinstance(inner[0], CharacterSet) and not starts and not ends:
        prefix = before(inner[0])
    return sequence([*prefix, *inner, *(() if ends else (ANY,))])


def expressions(parts: list[Node]) -> Iterator[Expression]:
    for part in parts:
        if isinstance(part, Anchor | AnchoredGroup):
            raise UnsupportedPattern("an anchor inside of a pattern")
        yield part


def expressions_of(expression: Expression) -> tuple[Expression, ...]:
    return expression.parts if isinstance(expression, Sequence) else (expression,)


def before(found: CharacterSet) -> tuple[Expression, ...]:
    """What may stand before the first character of a set: a way to read the text without going back."""
    others = intersection(complement(found.ranges), WRITABLE)
    return (repetition(CharacterSet(others), 0, None),) if others else ()


def shortest(expression: Expression) -> Expression:
    match expression:
        case Repetition(inner, minimum, _):
            return repetition(inner, minimum, minimum)
        case _:
            return expression
