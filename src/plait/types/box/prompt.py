from plait.core.values.json_text import dumps
from plait.core.values.value_type import CallContext
from plait.types.box.frames import FORMAT_DESCRIPTIONS
from plait.types.box.value import Box, BoxType


def render(value_type: BoxType, value: Box, context: CallContext) -> str:
    """In the frame of the model that reads it, as it would write it itself."""
    if context.box_format:
        return dumps(value_type.encode(value, context))
    return dumps([value.x0, value.y0, value.x1, value.y1])


def describe(value_type: BoxType) -> str:
    return "[x0, y0, x1, y1]"


def box_format_sentence(value_type: BoxType, box_format: str) -> str:
    """What a model is told of boxes, once for all of them."""
    return f"Boxes are [left, top, right, bottom] {FORMAT_DESCRIPTIONS.get(box_format, FORMAT_DESCRIPTIONS['pixels'])}."
