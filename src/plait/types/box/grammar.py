from decimal import Decimal

from plait.core.grammar import ast as g
from plait.core.values.value_type import Beside
from plait.types.box.frames import BINS, frame
from plait.types.box.value import NAMES, BoxKind


def grammar(kind: BoxKind, beside: Beside) -> g.Grammar:
    """On the wire an object in pixels. A model writes a list, as vision models do by nature; its bound is the longer
    side's, since a list has one kind of items, and the shorter side is checked after decoding.
    """
    picture = kind.picture(beside)
    if picture is None and kind.path in beside.candidates:
        return g.Reference(())  # an optional picture that was not passed: there is nothing that a box could lie on
    if beside.frame == "bins":
        return g.Corners(BINS)
    if beside.frame:
        on = frame(beside.frame, picture)
        most = max(on.width, on.height)
        return g.Repeat(g.Whole(0, most) if on.whole else g.Number(Decimal(0), Decimal(most)), 4, 4)
    width, height = (g.WHOLE, g.WHOLE) if picture is None else picture.size
    return g.Sequence(tuple((name, g.Whole(0, width if name[0] == "x" else height)) for name in NAMES))
