from plait.core.grammar.json_schema import FORMATS
from plait.core.values.value_type import Json
from plait.types.moment.value import DateTimeType


def schema(value_type: DateTimeType) -> dict[str, Json]:
    return {"type": "string", "format": FORMATS[value_type.form]}
