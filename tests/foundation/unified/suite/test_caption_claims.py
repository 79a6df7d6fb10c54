"""Captions are parsed into claims about their scene, and each measure scores one kind of claim."""

import random

import pytest

from plait.foundation.unified.metrics.bootstrap import Statistic, bootstrap_interval
from plait.foundation.unified.suite.caption_claims import (
    Claims,
    claims,
    count_accuracy,
    ground_accuracy,
    precision,
    recall,
)
from plait.foundation.unified.worlds import sampling
from plait.foundation.unified.worlds.captions import describe_item
from plait.foundation.unified.worlds.items import Language
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.wording import LANGUAGES, lexicon_for

SCENES = [sampling.sample_scene(random.Random(seed)) for seed in range(400)]


def caption(scene: Scene, language: Language) -> str:
    answer = describe_item(scene, lexicon_for(language)).answer
    assert isinstance(answer, str)
    return answer


def truth(scene: Scene) -> Claims:
    nouns = [thing.noun for thing in scene.things]
    return Claims({noun: nouns.count(noun) for noun in nouns}, scene.ground)


def value(measure: Statistic, captions: int = 1) -> float:
    return bootstrap_interval(measure, captions).mean


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_caption_of_a_scene_claims_its_objects(language: Language) -> None:
    for scene in SCENES:
        assert claims(caption(scene, language), language) == truth(scene), caption(scene, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_noun_is_parsed_with_every_number_and_background(language: Language) -> None:
    speaking = lexicon_for(language)
    for noun, name in enumerate(speaking.nouns):
        for number in (1, 2, 3):
            count_text = f"{speaking.numbers[number]}{name.measure}" if number > 1 else name.article
            text = f"{count_text}{speaking.space}{name.singular if number == 1 else name.plural}"
            assert claims(text, language) == Claims({noun: number}, None), text


def test_an_orange_background_is_not_the_fruit() -> None:
    assert claims("a dog on an orange ground", "en").nouns == claims("a dog", "en").nouns
    assert claims("橙色背景上有一只狗", "zh").nouns == claims("一只狗", "zh").nouns


def test_formatting_costs_nothing_and_unknown_words_claim_nothing() -> None:
    assert claims("Dog, CAT, an blue ground", "en").nouns.keys() == claims("a cat and a dog", "en").nouns.keys()
    assert claims("there is nothing to see", "en") == Claims({}, None) == claims("什么都看不见", "zh")
    assert claims("", "en") == Claims({}, None)
    assert claims("cats", "en").nouns == {next(iter(claims("a cat", "en").nouns)): None}


def test_each_measure_detects_its_own_mistake() -> None:
    right = Claims({1: 1, 2: 2}, 4)
    wrong_noun, wrong_count, wrong_ground = Claims({1: 1, 3: 2}, 4), Claims({1: 1, 2: 3}, 4), Claims({1: 1, 2: 2}, 5)
    scores = {
        each: [value(measure([(each_said, right)])) for measure in (recall, precision, count_accuracy, ground_accuracy)]
        for each, each_said in (
            ("right", right),
            ("noun", wrong_noun),
            ("count", wrong_count),
            ("ground", wrong_ground),
            ("short", Claims({1: 1}, None)),
            ("long", Claims({1: 1, 2: 2, 3: 1, 5: 1}, 4)),
        )
    }
    assert scores == {
        "right": [1, 1, 1, 1],
        "noun": [0.5, 0.5, 0.5, 1],
        "count": [1, 1, 0.5, 1],
        "ground": [1, 1, 1, 0],
        "short": [0.5, 1, 0.5, 0],
        "long": [1, 0.5, 1, 1],
    }


def test_noun_scores_are_micro_averaged() -> None:
    pairs = [(Claims({1: 1}, 0), Claims({1: 1}, 0)), (Claims({}, None), Claims({1: 1, 2: 1, 3: 1}, 0))]
    assert value(recall(pairs), 2) == pytest.approx(1 / 4)
    assert value(precision(pairs), 2) == 1
