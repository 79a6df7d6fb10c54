from plait.core.values.forms import FormFields, Texts
from plait.core.values.value_type import Json
from plait.types.moment.value import DateTimeType


def read(value_type: DateTimeType, fields: FormFields, name: str) -> Json:
    """A browser's own date and time controls send ISO 8601."""
    return fields.get_one(name).strip()


def to_fields(value_type: DateTimeType, json_value: Json, name: str) -> Texts:
    return {name: [str(json_value)]}
