from collections.abc import Iterator, Sequence
from typing import cast

from plait.core.evaluation.matching import best_pairs
from plait.core.values.value_type import MISSING, metric_of, nested_field_scores
from plait.types.list.value import List


def metric(kind: List, prediction: Sequence[object], reference: Sequence[object]) -> float:
    """The agreement of the items, paired as fits best whatever their order, over the longer of the two lists: a
    missing and an invented item cost the same. Marked "in order", each item is held against the one in its place.
    """
    longest = max(len(prediction), len(reference))
    if not longest:
        return 1.0
    return sum(agreement for _, _, agreement in pairs(kind, prediction, reference)) / longest


def fields(kind: List, prediction: object, reference: Sequence[object]) -> Iterator[tuple[str, float]]:
    """Of each item that should be there; an invented one shows in the count."""
    said = cast("list[object]", prediction) if isinstance(prediction, list) else []
    yield "(count)", float(len(said) == len(reference) and prediction is not MISSING)
    found = {place: said[other] for other, place, _ in pairs(kind, said, reference)}
    for place, item in enumerate(reference):
        yield from nested_field_scores("[]", kind.item, found.get(place, MISSING), item)


def pairs(kind: List, prediction: Sequence[object], reference: Sequence[object]) -> list[tuple[int, int, float]]:
    """Places of items that belong together, and how well they agree."""
    if kind.in_order:
        both = enumerate(zip(prediction, reference, strict=False))
        return [(place, place, metric_of(kind.item, *pair)) for place, pair in both]
    return best_pairs([[metric_of(kind.item, said, meant) for meant in reference] for said in prediction])
