"""Claims of a caption: nouns, their counts and the background. Wording is not scored here.

A caption is parsed with the names of the worlds (`worlds/wording.py`): a wrong article or order costs nothing, and
words that are no names of the worlds claim nothing.
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
    """`nouns` maps each noun to its count, None without a number; `ground` is the background colour, None if not
    stated.
    """

    nouns: Mapping[int, int | None]
    ground: int | None


def claims(text: str, language: Language) -> Claims:
    """Extracts the claims of a caption. If a noun occurs twice, its first count is used."""
    nouns: dict[int, int | None] = {}
    colour, rest = split_ground(text.lower(), language)
    for match in claim_pattern(language).finditer(rest):
        nouns.setdefault(noun_by_name(language)[match["name"]], number_by_word(language).get(match["number"]))
    return Claims(nouns, colour)


def split_ground(text: str, language: Language) -> tuple[int | None, str]:
    """The background colour, and the text without it, since "an orange ground" does not claim an orange."""
    for ground, colour in ground_texts(language):
        before, separator, after = text.partition(ground)
        if separator:
            return colour, f"{before}{after}"
    return None, text


@cache
def claim_pattern(language: Language) -> re.Pattern[str]:
    """Pattern of a noun with the number before it; longer names match first."""
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
    """Texts such as "a blue ground" or "蓝色背景", each with its colour."""
    return tuple((ground_text(lexicon_for(language), colour), colour) for colour in range(len(COLOURS)))


def ground_text(lexicon: Lexicon, colour: int) -> str:
    return spans_text(fill_template(GROUND_TEMPLATES[lexicon.language], colour_words(lexicon, colour)))


ClaimPairs = Sequence[tuple[Claims, Claims]]  # claims of a prediction and of its reference


def recall(pairs: ClaimPairs) -> Statistic:
    """Share of the reference nouns that the prediction names."""
    return ratio_statistic([num_shared_nouns(*pair) for pair in pairs], [len(right.nouns) for _, right in pairs])


def precision(pairs: ClaimPairs) -> Statistic:
    """Share of the named nouns that are in the reference; the rest are hallucinated objects."""
    return ratio_statistic(
        [num_shared_nouns(*pair) for pair in pairs], [len(prediction.nouns) for prediction, _ in pairs]
    )


def num_shared_nouns(prediction: Claims, reference: Claims) -> int:
    return len(prediction.nouns.keys() & reference.nouns.keys())


def count_accuracy(pairs: ClaimPairs) -> Statistic:
    """Share of the reference nouns with the right count."""
    num_correct = [
        sum(prediction.nouns.get(noun) == number for noun, number in reference.nouns.items())
        for prediction, reference in pairs
    ]
    return ratio_statistic(num_correct, [len(reference.nouns) for _, reference in pairs])


def ground_accuracy(pairs: ClaimPairs) -> Statistic:
    """Share of captions with the right background, among those whose reference states it."""
    is_correct = [
        prediction.ground == reference.ground and reference.ground is not None for prediction, reference in pairs
    ]
    return ratio_statistic(is_correct, [reference.ground is not None for _, reference in pairs])
