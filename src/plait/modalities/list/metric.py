from collections.abc import Sequence

from plait.core.kinds import metric_of
from plait.modalities.list.value import List


def metric(kind: List, prediction: Sequence[object], reference: Sequence[object]) -> float:
    """Item by item in order, over the longer of the two: a missing and an invented item cost the same."""
    longest = max(len(prediction), len(reference))
    if not longest:
        return 1.0
    return sum(metric_of(kind.item, *pair) for pair in zip(prediction, reference, strict=False)) / longest
