from plait.core import forms
from plait.core.forms import Fields
from plait.core.kinds import Fault, Json, WireError
from plait.modalities.list.value import List


def read(kind: List, fields: Fields, name: str) -> Json:
    """One item per numbered group of fields; a group left wholly blank is a row nobody filled in."""
    wire: list[Json] = []
    faults: list[Fault] = []
    for row in fields.rows(name):
        if blank(fields, row):
            continue
        try:
            wire.append(forms.read(kind.item, fields, row))
        except WireError as error:
            faults += error.inside(len(wire))
    if faults:
        raise WireError(faults[0].message, None, faults=tuple(faults))
    return wire


def blank(fields: Fields, row: str) -> bool:
    """A choice always sends its first option, so only what was typed counts where something could be typed."""
    sent = {key: texts for key, texts in fields.sent.items() if key == row or key.startswith(f"{row}.")}
    return not any(text.strip() for texts in sent.values() for text in texts)
