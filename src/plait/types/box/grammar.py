from decimal import Decimal

from plait.core.grammar import ast as g
from plait.core.values.value_type import CallContext
from plait.types.box.frames import BINS, frame
from plait.types.box.value import NAMES, BoxKind


def grammar(kind: BoxKind, beside: CallContext) -> g.Grammar:
    """On the wire an object in pixels. A model writes a list, as vision models do by nature; its bound is the longer
    side's, since a list has one kind of items, and the shorter side is checked after decoding.
    """
    picture = kind.picture(beside)
    if picture is None and kind.path in beside.candidates:
        return g.Reference(())  # an optional picture that was not passed: there is nothing that a box could lie on
    if beside.box_format == "bins":
        return g.BinnedBox(BINS)
    if beside.box_format:
        on = frame(beside.box_format, picture)
        most = max(on.width, on.height)
        return g.Array(g.Integer(0, most) if on.whole else g.Number(Decimal(0), Decimal(most)), 4, 4)
    width, height = (g.MAX_INTEGER, g.MAX_INTEGER) if picture is None else picture.size
    return g.Object(tuple((name, g.Integer(0, width if name[0] == "x" else height)) for name in NAMES))
