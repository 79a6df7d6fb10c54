from collections import Counter

from plait.core.prompting.han import space_han
from plait.types.text.value import TextType


def metric(value_type: TextType, prediction: object, reference: object) -> float:
    """Token F1: words, and single characters of Chinese; case and order do not count (SQuAD's measure)."""
    predicted, expected = (Counter(space_han(str(text)).lower().split()) for text in (prediction, reference))
    if not predicted or not expected:
        return float(predicted == expected)
    shared = (predicted & expected).total()
    return 2 * shared / (predicted.total() + expected.total())
