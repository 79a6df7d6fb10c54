"""Accuracy of filled gaps in a text."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import zip_longest

from plait.foundation.unified.metrics.cider import tokenize
from plait.foundation.unified.worlds.text_infilling import GAP_MARK


def gap_accuracy(gapped: str, prediction: str, reference: str) -> float:
    """Share of gaps whose words are at the right place in the prediction. Case, punctuation and changes outside the
    gaps are ignored here; exact match covers them. Raises ValueError if the gapped text does not match the reference.
    """
    reference_tokens = list(tokens_with_gaps(gapped, reference))
    reference_words, predicted_words = [word for word, _ in reference_tokens], tokenize(prediction)
    matched = {
        block.a + offset
        for block in SequenceMatcher(None, reference_words, predicted_words, autojunk=False).get_matching_blocks()
        for offset in range(block.size)
    }
    gaps = gapped.count(GAP_MARK)
    missing = {gap for index, (_, gap) in enumerate(reference_tokens) if gap is not None and index not in matched}
    return 1 - len(missing) / gaps


def tokens_with_gaps(gapped: str, reference: str) -> Iterator[tuple[str, int | None]]:
    """The words of the reference, each with the index of its gap or None."""
    segments = gapped.split(GAP_MARK)
    match = re.fullmatch("(.+?)".join(map(re.escape, segments)), reference, re.DOTALL)
    if match is None or len(segments) == 1:
        raise ValueError(f"{gapped!r} is not {reference!r} with gaps written {GAP_MARK}")
    for gap, (segment, filling) in enumerate(zip_longest(segments, match.groups(), fillvalue="")):
        yield from ((word, None) for word in tokenize(segment))
        yield from ((word, gap) for word in tokenize(filling))
