from plait.core.forms import Fields
from plait.core.kinds import Json, WireError
from plait.modalities.label.value import Label


def read(kind: Label, fields: Fields, name: str) -> Json:
    """A form sends texts: the label that reads the same, whatever its type."""
    said = fields.one(name)
    for label in kind.labels:
        if said in (str(label), str(label).lower()):
            return label
    raise WireError(f"should be one of {', '.join(map(str, kind.labels))}", said)
