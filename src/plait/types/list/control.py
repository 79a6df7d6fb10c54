from plait.core.values import forms
from plait.core.values.forms import FormFields, Texts
from plait.core.values.value_type import Fault, InvalidValue, Json
from plait.types.list.value import List


def read(kind: List, fields: FormFields, name: str) -> Json:
    """One item per numbered group of fields that was filled in."""
    wire: list[Json] = []
    faults: list[Fault] = []
    for place, row in enumerate(filled_rows(fields, name)):
        try:
            wire.append(forms.read(kind.item, fields, row))
        except InvalidValue as error:
            faults += error.faults_at(place)
    if faults:
        raise InvalidValue(faults[0].message, None, faults=tuple(faults))
    return wire


def filled_rows(fields: FormFields, name: str) -> list[str]:
    """Names of the rows that are items, in the order of the items; a row left wholly blank is one nobody filled in."""
    kept = fields.kept_names(name)
    return [row for row in fields.row_names(name) if row.rpartition(".")[2] in kept or not fields.is_blank(row)]


def filled(kind: List, wire: Json, name: str) -> Texts:
    assert isinstance(wire, list)
    texts: Texts = {}
    for place, item in enumerate(wire):
        said = forms.to_fields(kind.item, item, f"{name}.{place}")
        texts |= said
        if FormFields(said).is_blank(f"{name}.{place}"):
            texts.setdefault(f"{name}._kept", []).append(str(place))
    return texts
