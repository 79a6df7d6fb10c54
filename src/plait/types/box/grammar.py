from decimal import Decimal

from plait.core.grammar import ast as g
from plait.core.values.value_type import CallContext
from plait.types.box.frames import BINS, resolve_box_format
from plait.types.box.value import CORNER_NAMES, BoxType


def grammar(value_type: BoxType, context: CallContext) -> g.Grammar:
    """In JSON form an object in pixels. A model writes a list, as vision models do by nature; its bound is the longer
    side's, since a list has one kind of items, and the shorter side is checked after decoding.
    """
    image = value_type.image(context)
    if image is None and value_type.path in context.candidates:
        return g.Reference(())  # an optional picture that was not passed: there is nothing that a box could lie on
    if context.box_format == "bins":
        return g.BinnedBox(BINS)
    if context.box_format:
        box_format = resolve_box_format(context.box_format, image)
        maximum = max(box_format.width, box_format.height)
        return g.Array(
            g.Integer(0, maximum) if box_format.in_integers else g.Number(Decimal(0), Decimal(maximum)), 4, 4
        )
    width, height = (g.MAX_INTEGER, g.MAX_INTEGER) if image is None else image.size
    return g.Object(tuple((name, g.Integer(0, width if name[0] == "x" else height)) for name in CORNER_NAMES))
