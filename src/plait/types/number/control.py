from plait.core.values.forms import FormFields, Texts
from plait.core.values.value_type import InvalidValue, Json
from plait.types.number.value import NumberType, without_fraction


def read(value_type: NumberType, fields: FormFields, name: str) -> Json:
    text = fields.get_one(name).strip()
    try:
        return int(text) if value_type.is_integer else without_fraction(float(text))
    except ValueError:
        raise InvalidValue(
            "should be a whole number" if value_type.is_integer else "should be a number", text
        ) from None


def to_fields(value_type: NumberType, json_value: Json, name: str) -> Texts:
    return {name: [repr(json_value)]}
