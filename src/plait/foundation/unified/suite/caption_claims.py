"""What a caption claims: which nouns, how many of each, on which ground. Its form does not count here.

A caption of the worlds is read by their own names (`data/worlds/saying.py`), so a wrong article or order costs nothing
in the slots, and what is no name of the worlds claims nothing.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from plait.foundation.unified.metrics.bootstrap import Statistic, ratio_statistic
from plait.foundation.unified.worlds.captions import GROUND_TEMPLATES, colour_words
from plait.foundation.unified.worlds.items import Language, spans_text
from plait.foundation.unified.worlds.palette import COLOURS
from plait.foundation.unified.worlds.wording import Lexicon, fill_template, lexicon_for


@dataclass(frozen=True)
class Claims:
    """`nouns` is how many of each noun, None where no number stands before it; `ground` a colour, None if not told."""

    nouns: Mapping[int, int | None]
    ground: int | None


def claims(text: str, language: Language) -> Claims:
    """What is said twice counts as it was said first."""
    nouns: dict[int, int | None] = {}
    colour, rest = split_ground(text.lower(), language)
    for found in claim_pattern(language).finditer(rest):
        nouns.setdefault(noun_by_name(language)[found["name"]], number_by_word(language).get(found["number"]))
    return Claims(nouns, colour)


def split_ground(text: str, language: Language) -> tuple[int | None, str]:
    """The ground's colour, and the text without it: an orange ground is no orange."""
    for form, colour in ground_texts(language):
        before, found, after = text.partition(form)
        if found:
            return colour, f"{before}{after}"
    return None, text


@cache
def claim_pattern(language: Language) -> re.Pattern[str]:
    """A noun, the longest name first, with the number before it."""
    number, noun = alternation(number_by_word(language)), alternation(noun_by_name(language))
    if language == "zh":
        measure = alternation(name.measure for name in lexicon_for(language).nouns)
        return re.compile(f"(?:(?P<number>{number})(?:{measure}))?(?P<name>{noun})")
    return re.compile(rf"\b(?:(?P<number>{number}) )?(?P<name>{noun})\b")


def alternation(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(set(words), key=lambda word: (-len(word), word))))


@cache
def noun_by_name(language: Language) -> Mapping[str, int]:
    called = lexicon_for(language).nouns
    plurals = {name.plural.lower(): noun for noun, name in enumerate(called)}
    return {**plurals, **{name.singular.lower(): noun for noun, name in enumerate(called)}}


@cache
def number_by_word(language: Language) -> Mapping[str, int]:
    words = {word: number for number, word in enumerate(lexicon_for(language).numbers)}
    return words if language == "zh" else {**words, "a": 1, "an": 1}


@cache
def ground_texts(language: Language) -> tuple[tuple[str, int], ...]:
    """ "a blue ground", "蓝色背景"; each with its colour."""
    return tuple((ground_text(lexicon_for(language), colour), colour) for colour in range(len(COLOURS)))


def ground_text(lexicon: Lexicon, colour: int) -> str:
    return spans_text(fill_template(GROUND_TEMPLATES[lexicon.language], colour_words(lexicon, colour)))


ClaimPairs = Sequence[tuple[Claims, Claims]]  # of a prediction and its reference


def recall(pairs: ClaimPairs) -> Statistic:
    """Of the nouns that should be named."""
    return ratio_statistic([num_shared_nouns(*pair) for pair in pairs], [len(right.nouns) for _, right in pairs])


def precision(pairs: ClaimPairs) -> Statistic:
    """Of the nouns that are named; what it lacks are objects that are not there."""
    return ratio_statistic([num_shared_nouns(*pair) for pair in pairs], [len(ours.nouns) for ours, _ in pairs])


def num_shared_nouns(prediction: Claims, reference: Claims) -> int:
    return len(prediction.nouns.keys() & reference.nouns.keys())


def count_accuracy(pairs: ClaimPairs) -> Statistic:
    """Of the nouns that should be named, those with the right number."""
    right = [sum(ours.nouns.get(noun) == number for noun, number in theirs.nouns.items()) for ours, theirs in pairs]
    return ratio_statistic(right, [len(theirs.nouns) for _, theirs in pairs])


def ground_accuracy(pairs: ClaimPairs) -> Statistic:
    """Of the captions that should tell the ground."""
    right = [ours.ground == theirs.ground and theirs.ground is not None for ours, theirs in pairs]
    return ratio_statistic(right, [theirs.ground is not None for _, theirs in pairs])
