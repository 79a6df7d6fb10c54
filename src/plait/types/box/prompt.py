from plait.core.values.json_text import dumps
from plait.core.values.value_type import CallContext
from plait.types.box.frames import SAID
from plait.types.box.value import Box, BoxKind


def written(kind: BoxKind, value: Box, beside: CallContext) -> str:
    """In the frame of the model that reads it, as it would write it itself."""
    if beside.box_format:
        return dumps(kind.encode(value, beside))
    return dumps([value.x0, value.y0, value.x1, value.y1])


def outline(kind: BoxKind) -> str:
    return "[x0, y0, x1, y1]"


def framed(kind: BoxKind, frame: str) -> str:
    """What a model is told of boxes, once for all of them."""
    return f"Boxes are [left, top, right, bottom] {SAID.get(frame, SAID['pixels'])}."
