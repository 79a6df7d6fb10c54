from plait.core import forms
from plait.core.forms import Fields, Texts
from plait.core.kinds import Json
from plait.modalities.optional.value import Optional


def read(kind: Optional, fields: Fields, name: str) -> Json:
    """Nothing was given where no field below the name holds a text."""
    return None if fields.blank(name) else forms.read(kind.inner, fields, name)


def filled(kind: Optional, wire: Json, name: str) -> Texts:
    if wire is None:
        return {}
    texts = forms.filled(kind.inner, wire, name)
    return {**texts, f"{name}._given": ["yes"]} if Fields(texts).blank(name) else texts
