from plait.core.values.value_type import Json, schema_of
from plait.types.record.value import Record


def schema(kind: Record) -> dict[str, Json]:
    return {
        "type": "object",
        "title": kind.model.__name__,
        "properties": {name: described(schema_of(inner), inner) for name, inner in kind.fields},
        "required": [name for name, _ in kind.fields if name not in kind.optional],
        "additionalProperties": False,
    }


def described(schema: dict[str, Json], kind: object) -> dict[str, Json]:
    said = getattr(kind, "description", "")
    return {**schema, "description": said} if said else schema
