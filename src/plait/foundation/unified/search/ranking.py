"""Ranking of pictures: by names in the query, by similarity to a picture, and by reranking of the first ones.

All scores are logs of factors in 0..1 that are multiplied: probability of each name, similarity of two pictures,
probability that the words are true. Their exponential is in 0..1.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plait.foundation.unified.search.embedding import MIN_LOG_PROB, Embeddings
from plait.foundation.unified.search.query import ColumnSet, name_columns

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
Verifier = Callable[[Rows], Floats]  # log-probability that the words are true of each picture

# Names alone find the pictures; reranking decides which one has the cat left of the dog, or the red car. It costs 2.7
# ms per picture with nano on one core. Of two mirror images the right one is first in 99 of 100 searches instead of 50;
# for queries of names only it changes nothing (benchmarks/image_search.json).
RERANK_COUNT = 20
# Weight of background colours in similarity: low, so that they only order pictures of the same things. 0.2 and 0.4 cost
# no recall; 1 was not tried, since the background would then be half of the score.
GROUND_WEIGHT = 0.4


@dataclass(frozen=True, eq=False)
class SearchQuery:
    """A query: `text`, whose known names are `column_sets`, the embedding of a picture (1, names), or both."""

    text: str = ""
    image_embedding: Embeddings | None = None

    @property
    def column_sets(self) -> tuple[ColumnSet, ...]:
        return name_columns().find(self.text)


@dataclass(frozen=True)
class RankedRow:
    row: int
    score: float  # from 0 to 1


def rank_rows(embeddings: Embeddings, query: SearchQuery, verify: Verifier, top: int) -> list[RankedRow]:
    """The best rows, at most `top`. `verify` reranks the first ones, or all if nothing else orders them; rows that it
    scores -inf (deleted pictures) are left out.
    """
    row_scores = scores(embeddings, query)
    order = np.argsort(-row_scores, kind="stable")
    if query.text:
        if query.column_sets or query.image_embedding is not None:
            order = order[: max(top, RERANK_COUNT)]
        row_scores[order] += verify(order)
        order = order[np.argsort(-row_scores[order], kind="stable")]
    return [RankedRow(int(row), float(np.exp(row_scores[row]))) for row in order[:top] if np.isfinite(row_scores[row])]


def scores(embeddings: Embeddings, query: SearchQuery) -> Floats:
    """Scores of all pictures without reranking, (pictures,)."""
    name_score = name_scores(embeddings, query.column_sets)
    return name_score if query.image_embedding is None else name_score + similarity(embeddings, query.image_embedding)


def name_scores(embeddings: Embeddings, column_sets: tuple[ColumnSet, ...]) -> Floats:
    total = np.zeros(len(embeddings))
    for columns in column_sets:
        total += embeddings[:, list(columns)].max(1)
    return total


def similarity(embeddings: Embeddings, image_embedding: Embeddings) -> Floats:
    """Log of the cosine of the square roots of the probabilities. The root raises the weight of uncertain names.

    Recall@1 of an unseen style: 0.76 with roots, 0.75 with the probabilities, 0.43 with their logs.
    """
    rows, query_row = unit_vectors(embeddings), unit_vectors(image_embedding)
    return np.log(np.clip(rows @ query_row[0], np.exp(MIN_LOG_PROB), 1.0))


def unit_vectors(embeddings: Embeddings) -> Floats:
    roots = np.exp(embeddings.astype(np.float64) / 2)
    roots[:, name_columns().num_nouns :] *= GROUND_WEIGHT
    return roots / np.linalg.norm(roots, axis=1, keepdims=True)
