from plait.core.grammar import ast as g
from plait.core.values.value_type import Beside
from plait.types.image.value import ImageKind


def grammar(kind: ImageKind, beside: Beside) -> g.Grammar:
    """The unified model paints. No grammar holds another decoder to a picture: models that write text are refused
    before it comes to that.
    """
    return g.Painting() if beside.frame == "bins" else g.PICTURE
