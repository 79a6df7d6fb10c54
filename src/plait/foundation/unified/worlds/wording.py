"""Phrases shared by all sentences in both languages: names, numbers, lists and templates.

An English word includes the space before it, so that spans are joined without a separator; `fill_template` removes the
first space. Chinese has no spaces. A span names every thing that its word alone is true of: " cat" each cat, " red"
each red thing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from plait.foundation.unified.worlds.absent_nouns import noun_pool
from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.items import GroundedText, Language, Spans
from plait.foundation.unified.worlds.palette import COLOURS

Template = tuple[GroundedText | int, ...]  # words, and placeholders by number
# Classes with undisputed members: an apple is never an animal, but it may be a food item.
UNAMBIGUOUS_CLASSES = {"animal", "plant", "fruit", "vegetable", "vehicle", "clothing item", "musical instrument"}
MIN_REPLACEMENTS = 5  # minimum nouns with one article and measure word, to replace each other
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True)
class WordForms:
    """Word forms of a noun, a class or a colour: `article` before the singular ("a"; "一只"),
    `measure` after a number.
    """

    singular: str
    plural: str
    article: str
    measure: str = ""


@dataclass(frozen=True)
class Lexicon:
    """All names in one language. `nouns` and `noun_classes` are indexed by noun; the class is None if it is ambiguous.

    `replacements` has, for each noun, the nouns that can replace it by changing one word: those with the same article
    and measure word.
    """

    language: Language
    space: str
    comma: str
    conjunction: str
    thing: WordForms
    numbers: tuple[str, ...]
    nouns: tuple[WordForms, ...]
    noun_classes: tuple[WordForms | None, ...]
    colours: tuple[WordForms, ...]
    replacements: tuple[tuple[int, ...], ...]

    @cached_property
    def classes(self) -> tuple[WordForms, ...]:
        return tuple(noun_class for noun_class in dict.fromkeys(self.noun_classes) if noun_class is not None)


def lexicon_for(language: Language, wide: bool = False) -> Lexicon:
    """The lexicon of the atlas, or of the wide atlas."""
    return english_lexicon(wide) if language == "en" else chinese_lexicon(wide)


@cache
def english_lexicon(wide: bool) -> Lexicon:
    nouns = tuple(WordForms(noun.en, noun.plural, noun.article) for noun in atlas(wide).nouns)
    noun_classes = (noun.noun_class for noun in atlas(wide).nouns)
    return Lexicon(
        language="en",
        space=" ",
        comma=",",
        conjunction=" and",
        thing=WordForms("thing", "things", "a"),
        numbers=("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
        nouns=nouns,
        noun_classes=tuple(
            WordForms(noun_class.en, noun_class.plural, english_article(noun_class.en))
            if noun_class.en in UNAMBIGUOUS_CLASSES
            else None
            for noun_class in noun_classes
        ),
        colours=tuple(WordForms(colour.en, colour.en, english_article(colour.en)) for colour in COLOURS),
        replacements=replacement_nouns(nouns, wide),
    )


@cache
def chinese_lexicon(wide: bool) -> Lexicon:
    nouns = tuple(WordForms(noun.zh, noun.zh, f"一{noun.measure}", noun.measure) for noun in atlas(wide).nouns)
    noun_classes = (noun.noun_class for noun in atlas(wide).nouns)
    return Lexicon(
        language="zh",
        space="",
        comma="、",
        conjunction="和",
        thing=WordForms("东西", "东西", "一个", "个"),
        numbers=("零", "一", "两", "三", "四", "五", "六", "七", "八", "九"),
        nouns=nouns,
        noun_classes=tuple(
            WordForms(noun_class.zh, noun_class.zh, f"一{noun_class.measure}", noun_class.measure)
            if noun_class.en in UNAMBIGUOUS_CLASSES
            else None
            for noun_class in noun_classes
        ),
        colours=tuple(WordForms(colour.zh_full, colour.zh_full, "") for colour in COLOURS),
        replacements=replacement_nouns(nouns, wide),
    )


def english_article(word: str) -> str:
    return "an" if word[0] in "aeio" else "a"


def replacement_nouns(nouns: tuple[WordForms, ...], wide: bool) -> tuple[tuple[int, ...], ...]:
    """For each noun the others with the same article and measure word, with the multiplicity of `noun_pool`.

    Empty for groups of fewer than MIN_REPLACEMENTS nouns: of two nouns, the rarer would mostly be the wrong one.
    """
    groups: dict[str, list[int]] = {}
    for noun in noun_pool(wide):
        groups.setdefault(nouns[noun].article, []).append(noun)
    large = {article: group for article, group in groups.items() if len(set(group)) >= MIN_REPLACEMENTS}
    return tuple(
        tuple(other for other in large.get(name.article, ()) if other != noun) for noun, name in enumerate(nouns)
    )


def word_span(lexicon: Lexicon, text: str, names: tuple[int, ...] | None = None) -> Spans:
    return (GroundedText(lexicon.space + text, names),)


def noun_phrase(lexicon: Lexicon, forms: WordForms, names: tuple[int, ...] | None) -> Spans:
    """A cat; 一只猫."""
    return GroundedText(lexicon.space + forms.article), GroundedText(lexicon.space + forms.singular, names)


def count_phrase(lexicon: Lexicon, number: int, forms: WordForms, names: tuple[int, ...] | None) -> Spans:
    """A cat, two cats; 一只猫, 两只猫."""
    if number == 1:
        return noun_phrase(lexicon, forms, names)
    return GroundedText(lexicon.space + lexicon.numbers[number] + forms.measure), GroundedText(
        lexicon.space + forms.plural, names
    )


def list_phrase(lexicon: Lexicon, members: list[Spans]) -> Spans:
    """A cat, a dog and a car; 一只猫、一条狗和一辆车."""
    spans = list(members[0])
    for member in members[1:-1]:
        spans += GroundedText(lexicon.comma), *member
    if len(members) > 1:
        spans += GroundedText(lexicon.conjunction), *members[-1]
    return tuple(spans)


def parse_template(text: str) -> Template:
    """`{0}` and so on are placeholders. Their values include a leading space, so a space before a placeholder is
    dropped.
    """
    parts = re.split(r" ?\{(\d)\}", text)
    return tuple(int(part) if at % 2 else GroundedText(part) for at, part in enumerate(parts) if part)


def bilingual_template(en: str, zh: str) -> Mapping[Language, Template]:
    return {"en": parse_template(en), "zh": parse_template(zh)}


def fill_template(template: Template, *values: Spans) -> Spans:
    spans: list[GroundedText] = []
    for part in template:
        if isinstance(part, GroundedText):
            spans.append(part)
        else:
            spans += values[part]
    return without_leading_space(spans)


def without_leading_space(spans: list[GroundedText] | Spans) -> Spans:
    """The spans without a space at the beginning."""
    first = spans[0]
    if not first.text.startswith(" "):
        return tuple(spans)
    return GroundedText(first.text[1:], first.names), *spans[1:]
