"""What a caption claims: which nouns, how many of each, on which ground. Its form does not count here.

A caption of the worlds is read by their own names (`data/worlds/saying.py`), so a wrong article or order costs nothing
in the slots, and what is no name of the worlds claims nothing.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from plait.foundation.unified.metrics.bootstrap import Statistic, ratio
from plait.foundation.unified.worlds.captions import GROUND, tinted
from plait.foundation.unified.worlds.items import Language, said
from plait.foundation.unified.worlds.palette import COLOURS
from plait.foundation.unified.worlds.wording import Voice, filled, voice


@dataclass(frozen=True)
class Claims:
    """`nouns` is how many of each noun, None where no number stands before it; `ground` a colour, None if not told."""

    nouns: Mapping[int, int | None]
    ground: int | None


def claims(text: str, language: Language) -> Claims:
    """What is said twice counts as it was said first."""
    nouns: dict[int, int | None] = {}
    colour, rest = without_ground(text.lower(), language)
    for found in reader(language).finditer(rest):
        nouns.setdefault(names(language)[found["name"]], numbers(language).get(found["number"]))
    return Claims(nouns, colour)


def without_ground(text: str, language: Language) -> tuple[int | None, str]:
    """The ground's colour, and the text without it: an orange ground is no orange."""
    for form, colour in grounds(language):
        before, found, after = text.partition(form)
        if found:
            return colour, f"{before}{after}"
    return None, text


@cache
def reader(language: Language) -> re.Pattern[str]:
    """A noun, the longest name first, with the number before it."""
    number, noun = one_of(numbers(language)), one_of(names(language))
    if language == "zh":
        measure = one_of(name.measure for name in voice(language).nouns)
        return re.compile(f"(?:(?P<number>{number})(?:{measure}))?(?P<name>{noun})")
    return re.compile(rf"\b(?:(?P<number>{number}) )?(?P<name>{noun})\b")


def one_of(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(set(words), key=lambda word: (-len(word), word))))


@cache
def names(language: Language) -> Mapping[str, int]:
    called = voice(language).nouns
    plurals = {name.plural.lower(): noun for noun, name in enumerate(called)}
    return {**plurals, **{name.single.lower(): noun for noun, name in enumerate(called)}}


@cache
def numbers(language: Language) -> Mapping[str, int]:
    words = {word: number for number, word in enumerate(voice(language).numbers)}
    return words if language == "zh" else {**words, "a": 1, "an": 1}


@cache
def grounds(language: Language) -> tuple[tuple[str, int], ...]:
    """ "a blue ground", "蓝色背景"; each with its colour."""
    return tuple((ground(voice(language), colour), colour) for colour in range(len(COLOURS)))


def ground(speaking: Voice, colour: int) -> str:
    return said(filled(GROUND[speaking.language], tinted(speaking, colour)))


Pairs = Sequence[tuple[Claims, Claims]]  # of a prediction and its reference


def recall(captions: Pairs) -> Statistic:
    """Of the nouns that should be named."""
    return ratio([shared(*pair) for pair in captions], [len(right.nouns) for _, right in captions])


def precision(captions: Pairs) -> Statistic:
    """Of the nouns that are named; what it lacks are objects that are not there."""
    return ratio([shared(*pair) for pair in captions], [len(ours.nouns) for ours, _ in captions])


def shared(prediction: Claims, reference: Claims) -> int:
    return len(prediction.nouns.keys() & reference.nouns.keys())


def counts(captions: Pairs) -> Statistic:
    """Of the nouns that should be named, those with the right number."""
    right = [sum(ours.nouns.get(noun) == number for noun, number in theirs.nouns.items()) for ours, theirs in captions]
    return ratio(right, [len(theirs.nouns) for _, theirs in captions])


def ground_colour(captions: Pairs) -> Statistic:
    """Of the captions that should tell the ground."""
    right = [ours.ground == theirs.ground and theirs.ground is not None for ours, theirs in captions]
    return ratio(right, [theirs.ground is not None for _, theirs in captions])
