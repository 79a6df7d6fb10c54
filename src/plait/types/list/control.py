from plait.core.values import forms
from plait.core.values.forms import Fields, Texts
from plait.core.values.value_type import Fault, Json, WireError
from plait.types.list.value import List


def read(kind: List, fields: Fields, name: str) -> Json:
    """One item per numbered group of fields that was filled in."""
    wire: list[Json] = []
    faults: list[Fault] = []
    for place, row in enumerate(filled_rows(fields, name)):
        try:
            wire.append(forms.read(kind.item, fields, row))
        except WireError as error:
            faults += error.inside(place)
    if faults:
        raise WireError(faults[0].message, None, faults=tuple(faults))
    return wire


def filled_rows(fields: Fields, name: str) -> list[str]:
    """Names of the rows that are items, in the order of the items; a row left wholly blank is one nobody filled in."""
    kept = fields.kept(name)
    return [row for row in fields.rows(name) if row.rpartition(".")[2] in kept or not fields.blank(row)]


def filled(kind: List, wire: Json, name: str) -> Texts:
    assert isinstance(wire, list)
    texts: Texts = {}
    for place, item in enumerate(wire):
        said = forms.filled(kind.item, item, f"{name}.{place}")
        texts |= said
        if Fields(said).blank(f"{name}.{place}"):
            texts.setdefault(f"{name}._kept", []).append(str(place))
    return texts
