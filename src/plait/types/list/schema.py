from plait.core.values.value_type import Json, schema_of
from plait.types.list.value import ListType


def schema(value_type: ListType) -> dict[str, Json]:
    array: dict[str, Json] = {"type": "array", "items": schema_of(value_type.item), "minItems": value_type.minimum}
    return {**array, "maxItems": value_type.maximum} if value_type.bounded else array
