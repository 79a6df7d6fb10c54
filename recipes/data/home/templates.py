"""The sentence templates of the package home-assistant-intents, and one spoken sentence drawn from a template.

hassil parses the template language (alternatives, optional parts, permutations, rules, lists) and can *enumerate* a
template; one has up to millions of sentences, so this file walks its tree once per sentence instead.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random

from hassil.expression import Alternative, Expression, ListReference, Permutation, RuleReference, Sequence, TextChunk
from hassil.parse_expression import parse_sentence
from hassil.util import normalize_whitespace
from home_assistant_intents import get_intents

PACKAGE_LANGUAGE = {"en": "en", "zh": "zh-CN"}


@dataclass(frozen=True)
class Block:
    """One sentence block of the package: what we call a template. Its lines mean the same."""

    language: str
    intent: str
    combination: str  # the package's own word for the slots that are said, e.g. "name_area"
    number: int  # counts the blocks of one combination
    domains: tuple[str, ...]  # what the named thing is to Home Assistant, e.g. "media_player"
    lines: tuple[str, ...]

    @property
    def says_name(self) -> bool:
        return "name" in self.combination

    @property
    def says_area(self) -> bool:
        return "area" in self.combination

    @property
    def id(self) -> str:
        return f"{self.language}.{self.intent.removeprefix('Hass')}.{self.combination}.{self.number}"


@cache
def blocks(language: str) -> tuple[Block, ...]:
    found, seen = [], Counter()
    for intent, body in package(language)["intents"].items():
        for data in body["data"]:
            combination = data["metadata"]["slot_combination"]
            seen[intent, combination] += 1
            domain = data.get("slots", {}).get("domain")
            domains = (domain,) if domain else tuple(data.get("requires_context", {}).get("domain", ()))
            lines = tuple(data["sentences"])
            found.append(Block(language, intent, combination, seen[intent, combination], domains, lines))
    return tuple(found)


@cache
def package(language: str) -> dict:
    return get_intents(PACKAGE_LANGUAGE[language])


@dataclass(frozen=True)
class Speaker:
    """Who speaks: which rules are used in place of the package's, what is left unsaid, how often an option is taken."""

    random: Random
    rules: dict[str, str]
    unsaid: frozenset[str]
    chance: Callable[[str], float]  # of an optional part, by its gist
    slot: Callable[[str], str]  # what stands for {list}

    def render(self, line: str) -> str:
        return normalize_whitespace(self._say(parse_line(line))).strip()

    def _say(self, part: Expression) -> str:
        match part:
            case TextChunk():
                return part.original_text
            case ListReference():
                return self.slot(part.list_name)
            case RuleReference():
                return self._say(parse_line(self.rules[part.rule_name]))
            case Alternative(is_optional=True) if self.random.random() >= self.chance(gist(part)):
                return ""
            case Alternative():
                return self._say(self.random.choice(self._sayable(part)))
            case Permutation():
                return "".join(self._say(item) for item in self.random.sample(part.items, len(part.items)))
            case Sequence():
                return "".join(self._say(item) for item in part.items)
        raise TypeError(f"hassil has a new kind of expression: {part!r}")

    def _sayable(self, part: Alternative) -> list[Expression]:
        items = [item for item in part.items if gist(item) or not part.is_optional]
        return [item for item in items if gist(item) not in self.unsaid] or items


@cache
def parse_line(line: str) -> Expression:
    return parse_sentence(line).expression


def gist(part: Expression) -> str:
    """A short name for a part of a template: its words, `<rule>`, `{list}`, alternatives with `|` between."""
    match part:
        case TextChunk():
            return part.original_text.strip()
        case ListReference():
            return f"{{{part.list_name}}}"
        case RuleReference():
            return f"<{part.rule_name}>"
        case Alternative():
            return "|".join(filter(None, map(gist, part.items)))
    return " ".join(filter(None, map(gist, part.items)))
