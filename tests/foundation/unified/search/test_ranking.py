"""Pictures are ordered by what is in them: far above chance, and at chance where they are shuffled."""

from collections.abc import Callable
from functools import cache

import numpy as np

from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.generation.answering import Answerer
from plait.foundation.unified.search.embedding import MIN_LOG_PROB, Embeddings
from plait.foundation.unified.search.query import name_columns
from plait.foundation.unified.search.ranking import RERANK_COUNT, Floats, Rows, SearchQuery, rank_rows
from plait.foundation.unified.search.reranking import question_ids, yes_log_probs
from plait.foundation.unified.worlds.rendering import render_scene
from tests.support.picture_folders import embedder, nouns_of, sample_scenes

PICTURES = 160


@cache
def embeddings() -> Embeddings:
    return embedder().embeddings([render_scene(scene) for scene in sample_scenes(PICTURES)])


def no_agreement(rows: Rows) -> Floats:
    return np.zeros(len(rows))


def hits(of: Embeddings, words: Callable[[str], str] = "a {}".format) -> float:
    """How often the first picture has what was searched for, of all nouns that some picture has."""
    sets = [nouns_of(scene) for scene in sample_scenes(PICTURES)]
    nouns = sorted(set().union(*sets))
    first = [rank_rows(of, SearchQuery(words(noun)), no_agreement, 1)[0].row for noun in nouns]
    return sum(noun in sets[row] for noun, row in zip(nouns, first, strict=True)) / len(nouns)


def test_words_find_the_objects_they_name() -> None:
    assert hits(embeddings()) > 0.8


def test_a_shuffled_index_finds_nothing() -> None:
    assert hits(np.random.default_rng(1).permutation(embeddings())) < 0.1


def test_an_embedding_has_a_log_probability_for_each_name() -> None:
    assert embeddings().shape == (PICTURES, len(name_columns()))
    assert embeddings().min() >= MIN_LOG_PROB and embeddings().max() <= 0


def test_a_picture_is_most_similar_to_itself() -> None:
    of = embeddings()
    (first, second, *_) = rank_rows(of, SearchQuery(image_embedding=of[7:8]), no_agreement, 5)
    assert first.row == 7 and first.score > 0.999 and second.score <= first.score
    alone = embedder().embeddings([render_scene(sample_scenes(PICTURES)[7])])
    assert np.allclose(alone, of[7:8], atol=0.05)


def test_reranking_distinguishes_left_from_right() -> None:
    """Mirror images, which names cannot tell apart."""
    answerer = Answerer(embedder().model, vocabulary())
    label_matches = right = 0
    for scene in sample_scenes(60):
        things = scene.things
        if len(things) != 2 or things[0].noun == things[1].noun or things[1].centre[0] - things[0].centre[0] < 12:
            continue
        square = render_scene(scene)
        pair = [square[:, ::-1].copy(), square]
        words = "a {} left of a {}".format(*(names_of(thing.noun) for thing in things))
        log_probs = yes_log_probs(answerer, question_ids(words, vocabulary()), pair)
        label_matches, right = label_matches + 1, right + int(log_probs[1] > log_probs[0])
    assert label_matches >= 8 and right / label_matches > 0.7


def names_of(noun: int) -> str:
    from plait.foundation.unified.worlds.atlas import atlas

    return atlas().nouns[noun].en


def test_only_the_top_results_are_reranked_or_all_without_a_name() -> None:
    asked_about: list[int] = []

    def agree(rows: Rows) -> Floats:
        asked_about.append(len(rows))
        return np.zeros(len(rows))

    rank_rows(embeddings(), SearchQuery("a cat"), agree, 3)
    rank_rows(embeddings(), SearchQuery("a cat"), agree, 50)
    rank_rows(embeddings(), SearchQuery("two things"), agree, 3)
    rank_rows(embeddings(), SearchQuery(image_embedding=embeddings()[:1]), agree, 3)
    assert asked_about == [RERANK_COUNT, 50, PICTURES]


def test_a_deleted_picture_is_omitted() -> None:
    best = rank_rows(embeddings(), SearchQuery("a cat"), no_agreement, 1)[0].row
    without = rank_rows(embeddings(), SearchQuery("a cat"), lambda rows: np.where(rows == best, -np.inf, 0.0), 5)
    assert best not in [each.row for each in without] and len(without) == 5
