from collections import Counter

from plait.core.prompting.han import space_han
from plait.types.text.value import Text


def metric(kind: Text, prediction: object, reference: object) -> float:
    """Token F1: words, and single characters of Chinese; case and order do not count (SQuAD's measure)."""
    said, meant = (Counter(space_han(str(text)).lower().split()) for text in (prediction, reference))
    if not said or not meant:
        return float(said == meant)
    shared = (said & meant).total()
    return 2 * shared / (said.total() + meant.total())
