from plait.core.grammar import ast as g
from plait.core.values.value_type import CallContext
from plait.types.image.value import ImageType


def grammar(value_type: ImageType, context: CallContext) -> g.Grammar:
    """The unified model paints. No grammar holds another decoder to a picture: models that write text are refused
    before it comes to that.
    """
    return g.ImageCodes() if context.box_format == "bins" else g.DATA_URL
