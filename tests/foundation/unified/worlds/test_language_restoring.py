"""Texts with gaps, and what fills them."""

import random
import re
from collections import Counter

import pytest

from plait.foundation.unified.worlds.items import Item, Language, spans_text
from plait.foundation.unified.worlds.sampling import sample_scene
from plait.foundation.unified.worlds.task_items import make_item
from plait.foundation.unified.worlds.text_infilling import GAP_MARK, KINDS
from plait.foundation.unified.worlds.wording import LANGUAGES, lexicon_for


def gapped_items(language: Language) -> list[Item]:
    rng = random.Random(4)
    return [item for _ in range(800) if (item := make_item("restore_text", sample_scene(rng), language, rng))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_is_the_text_with_its_gaps_filled(language: Language) -> None:
    for each in gapped_items(language):
        text = spans_text(each.inputs["text"])
        assert GAP_MARK in text and GAP_MARK not in each.answer
        assert re.fullmatch(".+?".join(re.escape(part) for part in text.split(GAP_MARK)), each.answer), each
        assert 2 * GAP_MARK not in text and f"{GAP_MARK} {GAP_MARK}" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_about_a_third_of_a_text_is_hidden(language: Language) -> None:
    shares = []
    for each in gapped_items(language):
        rest = len(spans_text(each.inputs["text"]).replace(GAP_MARK, ""))
        shares.append(1 - rest / len(each.answer))
    assert 0.2 < sum(shares) / len(shares) < 0.4 and max(shares) < 0.75


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hidden_noun_occurs_elsewhere_in_the_text(language: Language) -> None:
    nouns = {name for each in lexicon_for(language).nouns for name in (each.singular, each.plural)}
    longest = re.compile("|".join(sorted(map(re.escape, nouns), key=len, reverse=True)))
    seen = 0
    for each in gapped_items(language):
        if each.kind == "noun":
            seen += 1
            assert set(longest.findall(each.answer)) == set(longest.findall(spans_text(each.inputs["text"]))), each
    assert seen > 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_at_most_one_number_of_a_sum_is_hidden(language: Language) -> None:
    numbers = "|".join(lexicon_for(language).numbers[1:7])
    word = re.compile(rf"\b(?:{numbers})\b" if language == "en" else f"(?:{numbers})(?!共|叶草)")  # 一共, 四叶草
    sums = [each for each in gapped_items(language) if re.search("[:：].*(things|东西)$", each.answer)]
    for each in sums:
        hidden = len(word.findall(each.answer)) - len(word.findall(spans_text(each.inputs["text"])))
        assert hidden == (each.kind == "number")
    assert len(sums) > 30


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_gap_occurs(language: Language) -> None:
    kinds = Counter(each.kind for each in gapped_items(language))
    assert set(kinds) == set(KINDS) and min(kinds.values()) >= 5, kinds
