from plait.core import forms
from plait.core.forms import Fields
from plait.core.kinds import Json
from plait.modalities.optional.value import Optional


def read(kind: Optional, fields: Fields, name: str) -> Json:
    """Nothing was given where no field below the name holds a text."""
    below = [texts for key, texts in fields.sent.items() if key == name or key.startswith(f"{name}.")]
    if not any(text.strip() for texts in below for text in texts):
        return None
    return forms.read(kind.inner, fields, name)
