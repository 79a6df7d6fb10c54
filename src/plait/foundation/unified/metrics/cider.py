"""CIDEr-D: similarity of captions to reference captions, with rare words weighted more.

Source: Vedantam et al. 2015, arXiv 1411.5726, sections 4 and 5: n-grams of 1 to 4 words weighted by TF-IDF over the
references, clipped, with a penalty on length (sigma 6), times 10. The numbers are those of pycocoevalcap's scorer.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from plait.core.prompting.han import space_han

MAX_NGRAM = 4  # maximum words of an n-gram
SIGMA = 6.0
WORD = re.compile(r"\w+")

Ngram = tuple[str, ...]


def tokenize(text: str) -> list[str]:
    """Splits English into words, Chinese into characters; ignores case and punctuation."""
    return WORD.findall(space_han(text).lower())


def cider(predictions: Sequence[str], references: Sequence[Sequence[str]]) -> list[float]:
    """Score of each caption against the references of its picture, in [0, 10]. Document frequencies are counted over
    all references: a single picture scores 0.
    """
    reference_ngrams = [[ngrams(tokenize(text)) for text in texts] for texts in references]
    rarity = DocumentFrequencies.from_references(reference_ngrams)
    scores: list[float] = []
    for prediction, of_picture in zip(predictions, reference_ngrams, strict=True):
        vector = rarity.tf_idf(ngrams(tokenize(prediction)))
        scores.append(fmean(similarity(vector, rarity.tf_idf(each)) for each in of_picture))
    return scores


def ngrams(tokens: Sequence[str]) -> Counter[Ngram]:
    lengths = range(1, MAX_NGRAM + 1)
    return Counter(tuple(tokens[at : at + n]) for n in lengths for at in range(len(tokens) - n + 1))


@dataclass(frozen=True)
class TfIdfVector:
    """TF-IDF weights of n-grams by length from 1, with their Euclidean norms. `length` is the number of bigrams, one
    less than the number of words, as in the reference implementation.
    """

    weights: tuple[dict[Ngram, float], ...]
    norms: tuple[float, ...]
    length: int


@dataclass(frozen=True)
class DocumentFrequencies:
    """Number of pictures whose references contain an n-gram, and the number of pictures."""

    num_documents: int
    counts: Counter[Ngram]

    @staticmethod
    def from_references(references: Sequence[Sequence[Counter[Ngram]]]) -> "DocumentFrequencies":
        return DocumentFrequencies(
            len(references), Counter(gram for texts in references for gram in set().union(*texts))
        )

    def tf_idf(self, counts: Counter[Ngram]) -> TfIdfVector:
        weights: tuple[dict[Ngram, float], ...] = tuple({} for _ in range(MAX_NGRAM))
        for gram, count in counts.items():
            weights[len(gram) - 1][gram] = count * (math.log(self.num_documents) - math.log(max(1, self.counts[gram])))
        norms = tuple(math.sqrt(sum(weight * weight for weight in each.values())) for each in weights)
        return TfIdfVector(weights, norms, sum(count for gram, count in counts.items() if len(gram) == 2))


def similarity(prediction: TfIdfVector, reference: TfIdfVector) -> float:
    length_difference = prediction.length - reference.length
    fit = math.exp(-(length_difference**2) / (2 * SIGMA**2))
    return 10 * fit * sum(cosine(prediction, reference, length) for length in range(MAX_NGRAM)) / MAX_NGRAM


def cosine(prediction: TfIdfVector, reference: TfIdfVector, length: int) -> float:
    """Similarity of the n-grams of one length; counts of the prediction are clipped to those of the reference."""
    predicted, expected = prediction.weights[length], reference.weights[length]
    norms = prediction.norms[length] * reference.norms[length]
    dot_product = sum(min(predicted[gram], expected[gram]) * expected[gram] for gram in predicted if gram in expected)
    return dot_product / norms if norms else 0.0
