from pydantic_core import PydanticUndefined

from plait.core.values import forms
from plait.core.values.forms import FormFields, Texts
from plait.core.values.value_type import Fault, InvalidValue, Json
from plait.types.record.value import Record


def read(kind: Record, fields: FormFields, name: str) -> Json:
    """A field with a default that was left blank stays out of the wire form: its default holds."""
    wire: dict[str, Json] = {}
    faults: list[Fault] = []
    kept = fields.kept_names(name)
    for field, inner in kind.fields:
        if field in kind.optional and field not in kept and fields.is_blank(f"{name}.{field}"):
            continue
        try:
            wire[field] = forms.read(inner, fields, f"{name}.{field}")
        except InvalidValue as error:
            faults += error.faults_at(field)
    if faults:
        raise InvalidValue(faults[0].message, None, faults=tuple(faults))
    return wire


def filled(kind: Record, wire: Json, name: str) -> Texts:
    assert isinstance(wire, dict)
    texts: Texts = {}
    for field, inner in kind.fields:
        if field not in wire:
            continue
        said = forms.to_fields(inner, wire[field], f"{name}.{field}")
        texts |= said
        if field in kind.optional and FormFields(said).is_blank(f"{name}.{field}"):
            texts.setdefault(f"{name}._kept", []).append(field)
    return texts


def usual(kind: Record) -> dict[str, object]:
    """The default of each field; None where it has none, or makes it anew each time."""
    defaults = {name: field.default for name, field in kind.model.model_fields.items()}
    return {name: None if default is PydanticUndefined else default for name, default in defaults.items()}
