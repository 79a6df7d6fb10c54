"""CIDEr-D is that of pycocoevalcap, in English and in Chinese."""

import random

import pytest
from pycocoevalcap.cider.cider_scorer import CiderScorer

from plait.foundation.unified.metrics.cider import cider, tokenize

VOCABULARY = {"en": "a the red blue cat dog on ground left of and two".split(), "zh": list("一只红蓝猫狗在地左边和两")}
BETWEEN = {"en": " ", "zh": ""}


def random_caption(rng: random.Random, language: str, least: int = 0) -> str:
    return BETWEEN[language].join(rng.choices(VOCABULARY[language], k=rng.randint(least, 12)))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("seed", range(6))
def test_cider_equals_that_of_pycocoevalcap(seed: int, language: str) -> None:
    rng = random.Random(seed)
    references = [[random_caption(rng, language, 1) for _ in range(rng.randint(1, 4))] for _ in range(25)]
    predictions = [rng.choice([texts[0], random_caption(rng, language)]) for texts in references]
    oracle = CiderScorer(n=4, sigma=6.0)
    for prediction, texts in zip(predictions, references, strict=True):
        oracle += (" ".join(tokenize(prediction)), [" ".join(tokenize(text)) for text in texts])
    _, theirs = oracle.compute_score()
    assert cider(predictions, references) == pytest.approx(theirs.tolist(), abs=1e-9)
    assert max(theirs) > 1, "so that there was something to agree on"


def test_tokens_are_words_in_english_and_characters_in_chinese() -> None:
    assert tokenize("A red cat, on BLUE ground.") == ["a", "red", "cat", "on", "blue", "ground"]
    assert tokenize("两只猫，蓝色背景。") == list("两只猫蓝色背景")


def test_the_reference_caption_scores_highest_and_a_replaced_word_costs() -> None:
    references = [
        [f"a {noun} stands on {ground} ground"] for noun in ("cat", "dog", "owl") for ground in ("red", "blue")
    ]
    right, wrong = "a cat stands on red ground", "a dog stands on red ground"
    captions = [[right, wrong, ""][number % 3] for number in range(len(references))]
    first, second, third, *_ = cider(captions, [references[0]] * 3 + references[3:])
    assert first == pytest.approx(10) and 0 < second < first and third == 0
