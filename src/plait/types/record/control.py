from pydantic_core import PydanticUndefined

from plait.core.values import forms
from plait.core.values.forms import FormFields, Texts
from plait.core.values.value_type import Fault, InvalidValue, Json
from plait.types.record.value import RecordType


def read(value_type: RecordType, fields: FormFields, name: str) -> Json:
    """A field with a default that was left blank stays out of the JSON form: its default holds."""
    json_value: dict[str, Json] = {}
    faults: list[Fault] = []
    kept = fields.kept_names(name)
    for field, inner in value_type.fields:
        if field in value_type.optional and field not in kept and fields.is_blank(f"{name}.{field}"):
            continue
        try:
            json_value[field] = forms.read(inner, fields, f"{name}.{field}")
        except InvalidValue as error:
            faults += error.faults_at(field)
    if faults:
        raise InvalidValue(faults[0].message, None, faults=tuple(faults))
    return json_value


def to_fields(value_type: RecordType, json_value: Json, name: str) -> Texts:
    assert isinstance(json_value, dict)
    texts: Texts = {}
    for field, inner in value_type.fields:
        if field not in json_value:
            continue
        field_texts = forms.to_fields(inner, json_value[field], f"{name}.{field}")
        texts |= field_texts
        if field in value_type.optional and FormFields(field_texts).is_blank(f"{name}.{field}"):
            texts.setdefault(f"{name}._kept", []).append(field)
    return texts


def default_values(value_type: RecordType) -> dict[str, object]:
    """The default of each field; None where it has none, or makes it anew each time."""
    defaults = {name: field.default for name, field in value_type.model.model_fields.items()}
    return {name: None if default is PydanticUndefined else default for name, default in defaults.items()}
