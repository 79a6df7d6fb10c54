"""Gaps count one by one, by what stands in them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.foundation.unified.suite.infill_accuracy import restored
from plait.foundation.unified.worlds.text_infilling import MARK

SENTENCES = st.lists(st.sampled_from("a the red blue cat dog on ground and two".split()), min_size=3, max_size=12)


@given(SENTENCES, st.randoms())
def test_the_whole_text_fills_all_gaps(sentence: list[str], rng: random.Random) -> None:
    gapped = [MARK if rng.random() < 0.4 else word for word in sentence]
    gapped[rng.randrange(len(gapped))] = MARK
    assert restored(" ".join(gapped), " ".join(sentence), " ".join(sentence)) == 1


def test_each_gap_counts_and_only_gaps_do() -> None:
    gapped, meant = "a ___ cat and a ___ dog", "a red cat and a blue dog"
    assert restored(gapped, "a red cat and a green dog", meant) == 0.5
    assert restored(gapped, "a pink cat and a green dog", meant) == 0
    assert restored(gapped, "red fox or blue dog", meant) == 1, "the words around show in the exact match"
    assert restored(gapped, gapped, meant) == 0 and restored(gapped, "", meant) == 0


def test_a_gap_of_several_words_is_restored_by_all_of_them() -> None:
    assert restored("a ___ dog", "a very big dog", "a very big dog") == 1
    assert restored("a ___ dog", "a very dog", "a very big dog") == 0


def test_chinese_goes_by_characters() -> None:
    gapped, meant = "一只___猫在___色背景上", "一只红猫在蓝色背景上"
    assert restored(gapped, meant, meant) == 1
    assert restored(gapped, "一只红猫在绿色背景上", meant) == 0.5


def test_the_same_word_elsewhere_is_not_in_its_place() -> None:
    assert restored("a ___ and a dog", "a dog and a dog", "a cat and a dog") == 0


def test_a_text_that_is_not_the_reference_with_gaps_is_refused() -> None:
    with pytest.raises(ValueError, match="'a ___ x' is not 'a cat'"):
        restored("a ___ x", "", "a cat")
    with pytest.raises(ValueError, match="with gaps written ___"):
        restored("a cat", "", "a cat")
