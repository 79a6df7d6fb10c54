from plait.core.values import forms
from plait.core.values.forms import FormFields, Texts
from plait.core.values.value_type import Fault, InvalidValue, Json
from plait.types.list.value import ListType


def read(value_type: ListType, fields: FormFields, name: str) -> Json:
    """One item per numbered group of fields that was filled in."""
    json_value: list[Json] = []
    faults: list[Fault] = []
    for index, row in enumerate(item_rows(fields, name)):
        try:
            json_value.append(forms.read(value_type.item, fields, row))
        except InvalidValue as error:
            faults += error.faults_at(index)
    if faults:
        raise InvalidValue(faults[0].message, None, faults=tuple(faults))
    return json_value


def item_rows(fields: FormFields, name: str) -> list[str]:
    """Names of the rows that are items, in the order of the items; a row left wholly blank is one nobody filled in."""
    marked_rows = fields.kept_names(name)
    return [row for row in fields.row_names(name) if row.rpartition(".")[2] in marked_rows or not fields.is_blank(row)]


def to_fields(value_type: ListType, json_value: Json, name: str) -> Texts:
    assert isinstance(json_value, list)
    texts: Texts = {}
    for index, item in enumerate(json_value):
        item_fields = forms.to_fields(value_type.item, item, f"{name}.{index}")
        texts |= item_fields
        if FormFields(item_fields).is_blank(f"{name}.{index}"):
            texts.setdefault(f"{name}._kept", []).append(str(index))
    return texts
