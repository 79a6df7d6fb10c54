"""What a caption claims: which nouns, how many of each, on which ground. Its form does not count here.

A caption of the worlds is read by their own names (`worlds/wording.py`), so a wrong article or order costs nothing
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
    for match in claim_pattern(language).finditer(rest):
        nouns.setdefault(noun_by_name(language)[match["name"]], number_by_word(language).get(match["number"]))
    return Claims(nouns, colour)


def split_ground(text: str, language: Language) -> tuple[int | None, str]:
    """The ground's colour, and the text without it: an orange ground is no orange."""
    for ground, colour in ground_texts(language):
        before, separator, after = text.partition(ground)
        if separator:
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
    names = lexicon_for(language).nouns
    plurals = {name.plural.lower(): noun for noun, name in enumerate(names)}
    return {**plurals, **{name.singular.lower(): noun for noun, name in enumerate(names)}}


@cache
def number_by_word(language: Language) -> Mapping[str, int]:
    numbers = {word: number for number, word in enumerate(lexicon_for(language).numbers)}
    return numbers if language == "zh" else {**numbers, "a": 1, "an": 1}


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
    return ratio_statistic(
        [num_shared_nouns(*pair) for pair in pairs], [len(prediction.nouns) for prediction, _ in pairs]
    )


def num_shared_nouns(prediction: Claims, reference: Claims) -> int:
    return len(prediction.nouns.keys() & reference.nouns.keys())


def count_accuracy(pairs: ClaimPairs) -> Statistic:
    """Of the nouns that should be named, those with the right number."""
    num_correct = [
        sum(prediction.nouns.get(noun) == number for noun, number in reference.nouns.items())
        for prediction, reference in pairs
    ]
    return ratio_statistic(num_correct, [len(reference.nouns) for _, reference in pairs])


def ground_accuracy(pairs: ClaimPairs) -> Statistic:
    """Of the captions that should tell the ground."""
    is_correct = [
        prediction.ground == reference.ground and reference.ground is not None for prediction, reference in pairs
    ]
    return ratio_statistic(is_correct, [reference.ground is not None for _, reference in pairs])
