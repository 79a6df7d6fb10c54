from plait.core.values import forms
from plait.core.values.forms import FormFields, Texts
from plait.core.values.value_type import InvalidValue, Json
from plait.types.union.value import Union_


def read(kind: Union_, fields: FormFields, name: str) -> Json:
    """The option is sent as `name.tag`, its fields below `name.TAG`."""
    tag = fields.get_one(f"{name}.tag")
    option = dict(kind.options).get(tag)
    if option is None:
        raise InvalidValue(f"should be one of {', '.join(kind.tags)}", tag)
    try:
        return {tag: forms.read(option, fields, f"{name}.{tag}")}
    except InvalidValue as error:
        raise InvalidValue(str(error), tag, faults=error.faults_at(tag)) from None


def filled(kind: Union_, wire: Json, name: str) -> Texts:
    assert isinstance(wire, dict)
    ((tag, inner),) = wire.items()
    return {f"{name}.tag": [tag], **forms.to_fields(dict(kind.options)[tag], inner, f"{name}.{tag}")}
