from collections.abc import Iterator, Sequence
from typing import cast

from plait.core.evaluation.matching import best_pairs
from plait.core.values.value_type import MISSING, metric_of, nested_field_scores
from plait.types.list.value import ListType


def metric(value_type: ListType, prediction: Sequence[object], reference: Sequence[object]) -> float:
    """The agreement of the items, paired as fits best whatever their order, over the longer of the two lists: a
    missing and an invented item cost the same. Marked "in order", each item is held against the one in its place.
    """
    longest = max(len(prediction), len(reference))
    if not longest:
        return 1.0
    return sum(agreement for _, _, agreement in paired_items(value_type, prediction, reference)) / longest


def fields(value_type: ListType, prediction: object, reference: Sequence[object]) -> Iterator[tuple[str, float]]:
    """Of each item that should be there; an invented one shows in the count."""
    predicted = cast("list[object]", prediction) if isinstance(prediction, list) else []
    yield "(count)", float(len(predicted) == len(reference) and prediction is not MISSING)
    predictions = {index: predicted[other] for other, index, _ in paired_items(value_type, predicted, reference)}
    for index, item in enumerate(reference):
        yield from nested_field_scores("[]", value_type.item, predictions.get(index, MISSING), item)


def paired_items(
    value_type: ListType, prediction: Sequence[object], reference: Sequence[object]
) -> list[tuple[int, int, float]]:
    """Places of items that belong together, and how well they agree."""
    if value_type.in_order:
        both = enumerate(zip(prediction, reference, strict=False))
        return [(index, index, metric_of(value_type.item, *pair)) for index, pair in both]
    return best_pairs(
        [[metric_of(value_type.item, predicted, expected) for expected in reference] for predicted in prediction]
    )
