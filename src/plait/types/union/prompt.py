from plait.core.values.json_text import dumps
from plait.core.values.value_type import CallContext
from plait.core.values.value_type import describe as describe_type
from plait.core.values.value_type import render as render_value
from plait.types.union.value import UnionType


def render(value_type: UnionType, value: object, context: CallContext) -> str:
    tag, option = value_type.option(value)
    return f"{tag}: {render_value(option, value, context)}"


def describe(value_type: UnionType) -> str:
    return " or ".join(f"{{{dumps(tag)}: {describe_type(option)}}}" for tag, option in value_type.options)
