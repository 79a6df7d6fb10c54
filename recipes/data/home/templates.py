"""Sentence templates of the package home-assistant-intents, and sampling of one sentence from a template.

hassil parses the template language (alternatives, optional parts, permutations, rules, lists) and can enumerate a
template, but that may give millions of sentences. `TemplateSampler` walks the syntax tree once per sentence instead.
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
    """One sentence block of the package ("template" in the documentation). All its lines have the same meaning."""

    language: str
    intent: str
    combination: str  # slots of the sentence in the package's notation, e.g. "name_area"
    number: int  # index of the block within its combination, from 1
    domains: tuple[str, ...]  # Home Assistant domains of the device, e.g. "media_player"
    lines: tuple[str, ...]

    @property
    def has_name(self) -> bool:
        return "name" in self.combination

    @property
    def has_area(self) -> bool:
        return "area" in self.combination

    @property
    def id(self) -> str:
        return f"{self.language}.{self.intent.removeprefix('Hass')}.{self.combination}.{self.number}"


@cache
def blocks(language: str) -> tuple[Block, ...]:
    result, block_counts = [], Counter()
    for intent, body in package(language)["intents"].items():
        for data in body["data"]:
            combination = data["metadata"]["slot_combination"]
            block_counts[intent, combination] += 1
            domain = data.get("slots", {}).get("domain")
            domains = (domain,) if domain else tuple(data.get("requires_context", {}).get("domain", ()))
            lines = tuple(data["sentences"])
            result.append(Block(language, intent, combination, block_counts[intent, combination], domains, lines))
    return tuple(result)


@cache
def package(language: str) -> dict:
    return get_intents(PACKAGE_LANGUAGE[language])


@dataclass(frozen=True)
class TemplateSampler:
    """Samples sentences: with replacement rules, excluded alternatives and probabilities of optional parts."""

    random: Random
    rules: dict[str, str]
    excluded: frozenset[str]
    option_probability: Callable[[str], float]  # probability of an optional part, by its part_key
    slot_value: Callable[[str], str]  # value of {list}

    def render(self, line: str) -> str:
        return normalize_whitespace(self._sample(parse_line(line))).strip()

    def _sample(self, part: Expression) -> str:
        match part:
            case TextChunk():
                return part.original_text
            case ListReference():
                return self.slot_value(part.list_name)
            case RuleReference():
                return self._sample(parse_line(self.rules[part.rule_name]))
            case Alternative(is_optional=True) if self.random.random() >= self.option_probability(part_key(part)):
                return ""
            case Alternative():
                return self._sample(self.random.choice(self._allowed_items(part)))
            case Permutation():
                return "".join(self._sample(item) for item in self.random.sample(part.items, len(part.items)))
            case Sequence():
                return "".join(self._sample(item) for item in part.items)
        raise TypeError(f"unknown hassil expression: {part!r}")

    def _allowed_items(self, part: Alternative) -> list[Expression]:
        items = [item for item in part.items if part_key(item) or not part.is_optional]
        return [item for item in items if part_key(item) not in self.excluded] or items


@cache
def parse_line(line: str) -> Expression:
    return parse_sentence(line).expression


def part_key(part: Expression) -> str:
    """Key of a template part: its words, `<rule>`, `{list}`, alternatives joined by `|`."""
    match part:
        case TextChunk():
            return part.original_text.strip()
        case ListReference():
            return f"{{{part.list_name}}}"
        case RuleReference():
            return f"<{part.rule_name}>"
        case Alternative():
            return "|".join(filter(None, map(part_key, part.items)))
    return " ".join(filter(None, map(part_key, part.items)))
