from plait.core.values.json_text import dumps
from plait.core.values.value_type import CallContext
from plait.core.values.value_type import describe as outline_of
from plait.core.values.value_type import render as written_of
from plait.types.union.value import Union_


def written(kind: Union_, value: object, beside: CallContext) -> str:
    tag, option = kind.option(value)
    return f"{tag}: {written_of(option, value, beside)}"


def outline(kind: Union_) -> str:
    return " or ".join(f"{{{dumps(tag)}: {outline_of(option)}}}" for tag, option in kind.options)
