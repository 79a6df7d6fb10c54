from collections.abc import Iterator

from plait.core.values.value_type import MISSING, metric_of, nested_field_scores
from plait.types.union.value import Union_


def metric(kind: Union_, prediction: object, reference: object) -> float:
    """Nothing for the wrong option, whatever its fields."""
    (said, option), (meant, _) = kind.option(prediction), kind.option(reference)
    return metric_of(option, prediction, reference) if said == meant else 0.0


def fields(kind: Union_, prediction: object, reference: object) -> Iterator[tuple[str, float]]:
    """Whether the option is the right one, then its own fields: those of the right option are told, also if missed."""
    meant, option = kind.option(reference)
    right = prediction is not MISSING and kind.option(prediction)[0] == meant
    yield meant, float(right)
    yield from (
        each
        for each in nested_field_scores(meant, option, prediction if right else MISSING, reference)
        if each[0] != meant
    )
