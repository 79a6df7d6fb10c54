from plait.core.values.forms import Fields, Texts
from plait.core.values.value_type import Json, WireError
from plait.types.number.value import Number, plain


def read(kind: Number, fields: Fields, name: str) -> Json:
    said = fields.one(name).strip()
    try:
        return int(said) if kind.whole else plain(float(said))
    except ValueError:
        raise WireError("should be a whole number" if kind.whole else "should be a number", said) from None


def filled(kind: Number, wire: Json, name: str) -> Texts:
    return {name: [repr(wire)]}
