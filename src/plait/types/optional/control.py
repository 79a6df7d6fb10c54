from plait.core.values import forms
from plait.core.values.forms import FormFields, Texts
from plait.core.values.value_type import Json
from plait.types.optional.value import OptionalType


def read(value_type: OptionalType, fields: FormFields, name: str) -> Json:
    """Nothing was given where no field below the name holds a text."""
    return None if fields.is_blank(name) else forms.read(value_type.inner, fields, name)


def to_fields(value_type: OptionalType, json_value: Json, name: str) -> Texts:
    if json_value is None:
        return {}
    texts = forms.to_fields(value_type.inner, json_value, name)
    return {**texts, f"{name}._given": ["yes"]} if FormFields(texts).is_blank(name) else texts
