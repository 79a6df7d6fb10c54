from plait.core.values.value_type import Json, ValueType, schema_of
from plait.types.union.value import UnionType


def schema(value_type: UnionType) -> dict[str, Json]:
    return {"oneOf": [tagged_schema(tag, option) for tag, option in value_type.options]}


def tagged_schema(tag: str, option: ValueType) -> Json:
    return {
        "type": "object",
        "properties": {tag: schema_of(option)},
        "required": [tag],
        "additionalProperties": False,
    }
