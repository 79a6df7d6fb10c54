"""The small forms that all sentences share: names, numbers, lists and templates, in both languages.

An English word carries the blank before it, so that spans join without anything between them; `sentence` takes off the
first. Chinese has no blanks. A word names every thing that it alone is true of: " cat" each cat, " red" each red thing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from plait.foundation.unified.worlds.absent_nouns import often
from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.items import Language, Span, Words
from plait.foundation.unified.worlds.palette import COLOURS

Template = tuple[Span | int, ...]  # words, and the slots between them by number
# Classes whose members everyone agrees on: no apple is an animal, but an apple may be a food item.
SHARP = {"animal", "plant", "fruit", "vegetable", "vehicle", "clothing item", "musical instrument"}
FEWEST = 5  # nouns of one article and measure word, for one to stand in another's place
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True)
class Name:
    """What a noun, a class or a colour is called: `article` before one ("a"; "一只"), `measure` after a number."""

    single: str
    plural: str
    article: str
    measure: str = ""


@dataclass(frozen=True)
class Voice:
    """What everything is called in one language. `nouns` and `kinds` (the class of each, if it is sharp) go by noun.

    `alike` are the other nouns that may replace a noun by one word: those with the same article and measure word.
    """

    language: Language
    blank: str
    comma: str
    last: str
    thing: Name
    numbers: tuple[str, ...]
    nouns: tuple[Name, ...]
    kinds: tuple[Name | None, ...]
    colours: tuple[Name, ...]
    alike: tuple[tuple[int, ...], ...]

    @cached_property
    def classes(self) -> tuple[Name, ...]:
        return tuple(kind for kind in dict.fromkeys(self.kinds) if kind is not None)


def voice(language: Language, wide: bool = False) -> Voice:
    """Of the nouns of the atlas, or of the wide one."""
    return english(wide) if language == "en" else chinese(wide)


@cache
def english(wide: bool) -> Voice:
    nouns = tuple(Name(noun.en, noun.plural, noun.article) for noun in atlas(wide).nouns)
    kinds = (noun.kind for noun in atlas(wide).nouns)
    return Voice(
        language="en",
        blank=" ",
        comma=",",
        last=" and",
        thing=Name("thing", "things", "a"),
        numbers=("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
        nouns=nouns,
        kinds=tuple(Name(of.en, of.plural, article(of.en)) if of.en in SHARP else None for of in kinds),
        colours=tuple(Name(colour.en, colour.en, article(colour.en)) for colour in COLOURS),
        alike=replaceable(nouns, wide),
    )


@cache
def chinese(wide: bool) -> Voice:
    nouns = tuple(Name(noun.zh, noun.zh, f"一{noun.measure}", noun.measure) for noun in atlas(wide).nouns)
    kinds = (noun.kind for noun in atlas(wide).nouns)
    return Voice(
        language="zh",
        blank="",
        comma="、",
        last="和",
        thing=Name("东西", "东西", "一个", "个"),
        numbers=("零", "一", "两", "三", "四", "五", "六", "七", "八", "九"),
        nouns=nouns,
        kinds=tuple(Name(of.zh, of.zh, f"一{of.measure}", of.measure) if of.en in SHARP else None for of in kinds),
        colours=tuple(Name(colour.zh_full, colour.zh_full, "") for colour in COLOURS),
        alike=replaceable(nouns, wide),
    )


def article(word: str) -> str:
    return "an" if word[0] in "aeio" else "a"


def replaceable(nouns: tuple[Name, ...], wide: bool) -> tuple[tuple[int, ...], ...]:
    """For each noun the others of the same article and measure word, as often as they are shown.

    None where there are fewer than FEWEST of them all: of two, the rarer one would mostly be the wrong one.
    """
    groups: dict[str, list[int]] = {}
    for noun in often(wide):
        groups.setdefault(nouns[noun].article, []).append(noun)
    large = {article: group for article, group in groups.items() if len(set(group)) >= FEWEST}
    return tuple(
        tuple(other for other in large.get(name.article, ()) if other != noun) for noun, name in enumerate(nouns)
    )


def word(voice: Voice, text: str, names: tuple[int, ...] | None = None) -> Words:
    return (Span(voice.blank + text, names),)


def one(voice: Voice, name: Name, names: tuple[int, ...] | None) -> Words:
    """A cat; 一只猫."""
    return Span(voice.blank + name.article), Span(voice.blank + name.single, names)


def counted(voice: Voice, number: int, name: Name, names: tuple[int, ...] | None) -> Words:
    """A cat, two cats; 一只猫, 两只猫."""
    if number == 1:
        return one(voice, name, names)
    return Span(voice.blank + voice.numbers[number] + name.measure), Span(voice.blank + name.plural, names)


def listed(voice: Voice, members: list[Words]) -> Words:
    """A cat, a dog and a car; 一只猫、一条狗和一辆车."""
    words = list(members[0])
    for member in members[1:-1]:
        words += Span(voice.comma), *member
    if len(members) > 1:
        words += Span(voice.last), *members[-1]
    return tuple(words)


def template(text: str) -> Template:
    """`{0}` and so on are slots. What fills them brings its own blank, so the blank before a slot is dropped here."""
    pieces = re.split(r" ?\{(\d)\}", text)
    return tuple(int(piece) if at % 2 else Span(piece) for at, piece in enumerate(pieces) if piece)


def both(en: str, zh: str) -> Mapping[Language, Template]:
    return {"en": template(en), "zh": template(zh)}


def filled(template: Template, *slots: Words) -> Words:
    words: list[Span] = []
    for part in template:
        if isinstance(part, Span):
            words.append(part)
        else:
            words += slots[part]
    return sentence(words)


def sentence(words: list[Span] | Words) -> Words:
    """The words without a blank at the beginning."""
    first = words[0]
    if not first.text.startswith(" "):
        return tuple(words)
    return Span(first.text[1:], first.names), *words[1:]
