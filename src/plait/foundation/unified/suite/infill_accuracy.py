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
    marked = list(tokens_with_gaps(gapped, reference))
    meant, said = [word for word, _ in marked], tokenize(prediction)
    kept = {
        block.a + offset
        for block in SequenceMatcher(None, meant, said, autojunk=False).get_matching_blocks()
        for offset in range(block.size)
    }
    gaps = gapped.count(GAP_MARK)
    missing = {gap for place, (_, gap) in enumerate(marked) if gap is not None and place not in kept}
    return 1 - len(missing) / gaps


def tokens_with_gaps(gapped: str, reference: str) -> Iterator[tuple[str, int | None]]:
    """The words of the reference, each with the gap it stands in."""
    around = gapped.split(GAP_MARK)
    fit = re.fullmatch("(.+?)".join(map(re.escape, around)), reference, re.DOTALL)
    if fit is None or len(around) == 1:
        raise ValueError(f"{gapped!r} is not {reference!r} with gaps written {GAP_MARK}")
    for gap, (kept, filling) in enumerate(zip_longest(around, fit.groups(), fillvalue="")):
        yield from ((word, None) for word in tokenize(kept))
        yield from ((word, gap) for word in tokenize(filling))
