from plait.core import forms
from plait.core.forms import Fields
from plait.core.kinds import Fault, Json, WireError
from plait.modalities.record.value import Record


def read(kind: Record, fields: Fields, name: str) -> Json:
    wire: dict[str, Json] = {}
    faults: list[Fault] = []
    for field, inner in kind.fields:
        if field in kind.optional and not fields.has(f"{name}.{field}"):
            continue
        try:
            wire[field] = forms.read(inner, fields, f"{name}.{field}")
        except WireError as error:
            faults += error.inside(field)
    if faults:
        raise WireError(faults[0].message, None, faults=tuple(faults))
    return wire
