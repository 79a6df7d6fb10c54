from plait.core.values.forms import FormFields, Texts
from plait.core.values.value_type import InvalidValue, Json
from plait.types.number.value import Number, plain


def read(kind: Number, fields: FormFields, name: str) -> Json:
    said = fields.get_one(name).strip()
    try:
        return int(said) if kind.whole else plain(float(said))
    except ValueError:
        raise InvalidValue("should be a whole number" if kind.whole else "should be a number", said) from None


def filled(kind: Number, wire: Json, name: str) -> Texts:
    return {name: [repr(wire)]}
