from plait.core.values import forms
from plait.core.values.forms import FormFields, Texts
from plait.core.values.value_type import Json
from plait.types.optional.value import Optional


def read(kind: Optional, fields: FormFields, name: str) -> Json:
    """Nothing was given where no field below the name holds a text."""
    return None if fields.is_blank(name) else forms.read(kind.inner, fields, name)


def filled(kind: Optional, wire: Json, name: str) -> Texts:
    if wire is None:
        return {}
    texts = forms.to_fields(kind.inner, wire, name)
    return {**texts, f"{name}._given": ["yes"]} if FormFields(texts).is_blank(name) else texts
