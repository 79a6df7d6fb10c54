"""Gaps count one by one, by what stands in them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.foundation.unified.suite.infill_accuracy import gap_accuracy
from plait.foundation.unified.worlds.text_infilling import GAP_MARK

SENTENCES = st.lists(st.sampled_from("a the red blue cat dog on ground and two".split()), min_size=3, max_size=12)


@given(SENTENCES, st.randoms())
def test_the_reference_text_fills_all_gaps(sentence: list[str], rng: random.Random) -> None:
    gapped = [GAP_MARK if rng.random() < 0.4 else word for word in sentence]
    gapped[rng.randrange(len(gapped))] = GAP_MARK
    assert gap_accuracy(" ".join(gapped), " ".join(sentence), " ".join(sentence)) == 1


def test_each_gap_counts_and_only_gaps_do() -> None:
    gapped, reference = "a ___ cat and a ___ dog", "a red cat and a blue dog"
    assert gap_accuracy(gapped, "a red cat and a green dog", reference) == 0.5
    assert gap_accuracy(gapped, "a pink cat and a green dog", reference) == 0
    assert gap_accuracy(gapped, "red fox or blue dog", reference) == 1, "the words around show in the exact match"
    assert gap_accuracy(gapped, gapped, reference) == 0 and gap_accuracy(gapped, "", reference) == 0


def test_a_gap_of_several_words_needs_all_of_them() -> None:
    assert gap_accuracy("a ___ dog", "a very big dog", "a very big dog") == 1
    assert gap_accuracy("a ___ dog", "a very dog", "a very big dog") == 0


def test_chinese_is_compared_by_characters() -> None:
    gapped, reference = "一只___猫在___色背景上", "一只红猫在蓝色背景上"
    assert gap_accuracy(gapped, reference, reference) == 1
    assert gap_accuracy(gapped, "一只红猫在绿色背景上", reference) == 0.5


def test_the_right_word_at_another_place_does_not_count() -> None:
    assert gap_accuracy("a ___ and a dog", "a dog and a dog", "a cat and a dog") == 0


def test_a_text_that_is_not_the_reference_with_gaps_is_refused() -> None:
    with pytest.raises(ValueError, match="'a ___ x' is not 'a cat'"):
        gap_accuracy("a ___ x", "", "a cat")
    with pytest.raises(ValueError, match="with gaps written ___"):
        gap_accuracy("a cat", "", "a cat")
