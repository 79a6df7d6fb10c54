from plait.core.values.value_type import Json, ValueType, schema_of
from plait.types.union.value import Union_


def schema(kind: Union_) -> dict[str, Json]:
    return {"oneOf": [tagged(tag, option) for tag, option in kind.options]}


def tagged(tag: str, option: ValueType) -> Json:
    return {
        "type": "object",
        "properties": {tag: schema_of(option)},
        "required": [tag],
        "additionalProperties": False,
    }
