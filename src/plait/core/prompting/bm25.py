"""Text retrieval with BM25 over character n-grams, without weights or word lists.

Chinese, typing errors and product numbers match like any other text. A document has fields (the inputs of a task). Each
field is scored separately and divided by the maximum score of the query, so that a list of thirty devices does not
outweigh the sentence beside it. Source: Robertson and Zaragoza 2009, The Probabilistic Relevance Framework.
"""

import math
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from heapq import nlargest
from itertools import chain

K1, B = 1.2, 0.75
NGRAM = 3
MAX_FIELD_LENGTH = 400  # characters of a field that are compared: the beginning of a text says what it is about
# Two steps, since scoring all of 10,000 documents takes 60 ms: the rarest grams of a field, up to this number of
# postings, select documents by the sum of their weights, counted in C; BM25 then ranks those
# (benchmarks/nearest_examples.py).
MAX_POSTINGS = 20_000
MAX_CANDIDATES = 16  # documents per field


class FieldIndex:
    """One field of all documents: its texts, and the postings of each gram."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.postings: dict[str, array[int]] = {}
        self.total_length = 0

    def add(self, text: str) -> None:
        text = text[:MAX_FIELD_LENGTH]
        for gram in set(ngrams(text)):
            self.postings.setdefault(gram, array("L")).append(len(self.texts))
        self.texts.append(text)
        self.total_length += len(text)

    def query_weights(self, text: str) -> dict[str, float]:
        """The grams of a query with their weights (rarity)."""
        return {gram: self.idf(gram) for gram in ngrams(text[:MAX_FIELD_LENGTH])}

    def candidates(self, weights: Mapping[str, float]) -> list[int]:
        """The documents that share the most weight with the query."""
        scores: Counter[int] = Counter()
        budget = MAX_POSTINGS
        for gram in sorted(self.postings.keys() & weights.keys(), key=lambda gram: len(self.postings[gram])):
            postings, weight = self.postings[gram], math.ceil(weights[gram])
            budget -= len(postings) * weight
            if budget < 0:
                break
            scores.update(chain.from_iterable([postings] * weight))
        return [number for number, _ in scores.most_common(MAX_CANDIDATES)]

    def score(self, weights: Mapping[str, float], number: int) -> float:
        """BM25 score of one document; each gram is normalised by its maximum contribution."""
        times = Counter(ngrams(self.texts[number]))
        damped = K1 * (1 - B + B * times.total() * len(self.texts) / (self.total_length or 1))
        shared = sum(weights[gram] * times[gram] / (times[gram] + damped) for gram in times.keys() & weights.keys())
        return shared / (sum(weights.values()) or 1.0)

    def idf(self, gram: str) -> float:
        among = len(self.postings.get(gram, ()))
        return math.log(1 + (len(self.texts) - among + 0.5) / (among + 0.5))


class BM25Index:
    """Retrieves the documents most similar to a query. Documents have a fixed number of fields and are numbered in
    order.
    """

    def __init__(self, fields: int) -> None:
        self.fields = tuple(FieldIndex() for _ in range(fields))

    def add(self, texts: Sequence[str]) -> None:
        for field, text in zip(self.fields, texts, strict=True):
            field.add(text)

    def nearest(self, texts: Sequence[str], count: int) -> list[int]:
        """Numbers of the nearest documents, best first; the newer one wins a tie."""
        queries = [(field, field.query_weights(text)) for field, text in zip(self.fields, texts, strict=True)]
        candidates = {number for field, wanted in queries for number in field.candidates(wanted)}
        likeness = {number: sum(field.score(wanted, number) for field, wanted in queries) for number in candidates}
        return nlargest(count, candidates, key=lambda number: (likeness[number], number))


def ngrams(text: str) -> list[str]:
    """Character trigrams, with word ends; in Chinese also each Han character and each pair of them."""
    padded = f" {' '.join(text.lower().split())} "
    grams: list[str] = []
    for start in range(len(padded) - 1):
        if padded[start] > "\u2e7f":
            grams += (padded[start], padded[start : start + 2])
        elif start + NGRAM <= len(padded):
            grams.append(padded[start : start + NGRAM])
    return grams
