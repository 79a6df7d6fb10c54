from plait.core.values.forms import FormFields, Texts
from plait.core.values.value_type import InvalidValue, Json
from plait.types.boolean.value import BooleanType

YES, NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0", "")


def read(value_type: BooleanType, fields: FormFields, name: str) -> Json:
    """A checkbox that is not ticked is not sent at all."""
    text = fields.get_one(name).strip().lower() if name in fields.data else ""
    if text not in YES + NO:
        raise InvalidValue("should be true or false", text)
    return text in YES


def to_fields(value_type: BooleanType, json_value: Json, name: str) -> Texts:
    return {name: ["true" if json_value else "false"]}
