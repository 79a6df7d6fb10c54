from plait.core.values.value_type import Json, schema_of
from plait.types.record.value import RecordType


def schema(value_type: RecordType) -> dict[str, Json]:
    return {
        "type": "object",
        "title": value_type.model.__name__,
        "properties": {name: with_description(schema_of(inner), inner) for name, inner in value_type.fields},
        "required": [name for name, _ in value_type.fields if name not in value_type.optional],
        "additionalProperties": False,
    }


def with_description(schema: dict[str, Json], value_type: object) -> dict[str, Json]:
    description = getattr(value_type, "description", "")
    return {**schema, "description": description} if description else schema
