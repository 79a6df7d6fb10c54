"""Gaps in a text: which of them were filled with what stood there."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import zip_longest

from plait.foundation.unified.metrics.cider import tokenize
from plait.foundation.unified.worlds.text_infilling import GAP_MARK


def gap_accuracy(gapped: str, prediction: str, reference: str) -> float:
    """The share of gaps whose words the prediction has in their place. Case and punctuation do not count, and what it
    changes elsewhere costs nothing here: that shows in the exact match. Raises ValueError where the gapped text cannot
    come from the reference.
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
    """The words of the reference, each with the gap it stands in."""
    segments = gapped.split(GAP_MARK)
    match = re.fullmatch("(.+?)".join(map(re.escape, segments)), reference, re.DOTALL)
    if match is None or len(segments) == 1:
        raise ValueError(f"{gapped!r} is not {reference!r} with gaps written {GAP_MARK}")
    for gap, (segment, filling) in enumerate(zip_longest(segments, match.groups(), fillvalue="")):
        yield from ((word, None) for word in tokenize(segment))
        yield from ((word, gap) for word in tokenize(filling))
