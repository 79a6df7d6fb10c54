from plait.core.values import forms
from plait.core.values.forms import Fields, Texts
from plait.core.values.value_type import Json, WireError
from plait.types.union.value import Union_


def read(kind: Union_, fields: Fields, name: str) -> Json:
    """The option is sent as `name.tag`, its fields below `name.TAG`."""
    tag = fields.one(f"{name}.tag")
    option = dict(kind.options).get(tag)
    if option is None:
        raise WireError(f"should be one of {', '.join(kind.tags)}", tag)
    try:
        return {tag: forms.read(option, fields, f"{name}.{tag}")}
    except WireError as error:
        raise WireError(str(error), tag, faults=error.inside(tag)) from None


def filled(kind: Union_, wire: Json, name: str) -> Texts:
    assert isinstance(wire, dict)
    ((tag, inner),) = wire.items()
    return {f"{name}.tag": [tag], **forms.filled(dict(kind.options)[tag], inner, f"{name}.{tag}")}
