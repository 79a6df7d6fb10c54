from plait.core.values import forms
from plait.core.values.forms import FormFields, Texts
from plait.core.values.value_type import InvalidValue, Json
from plait.types.union.value import UnionType


def read(value_type: UnionType, fields: FormFields, name: str) -> Json:
    """The option is sent as `name.tag`, its fields below `name.TAG`."""
    tag = fields.get_one(f"{name}.tag")
    option = dict(value_type.options).get(tag)
    if option is None:
        raise InvalidValue(f"should be one of {', '.join(value_type.tags)}", tag)
    try:
        return {tag: forms.read(option, fields, f"{name}.{tag}")}
    except InvalidValue as error:
        raise InvalidValue(str(error), tag, faults=error.faults_at(tag)) from None


def to_fields(value_type: UnionType, json_value: Json, name: str) -> Texts:
    assert isinstance(json_value, dict)
    ((tag, inner),) = json_value.items()
    return {f"{name}.tag": [tag], **forms.to_fields(dict(value_type.options)[tag], inner, f"{name}.{tag}")}
