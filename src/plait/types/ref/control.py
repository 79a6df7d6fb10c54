from plait.core.values.forms import Fields, Texts
from plait.core.values.value_type import Json, WireError
from plait.types.ref.value import Reference


def read(kind: Reference, fields: Fields, name: str) -> Json:
    said = fields.one(name).strip()
    if not said.isdecimal():
        raise WireError("should be the number of one of the objects", said)
    return int(said)


def filled(kind: Reference, wire: Json, name: str) -> Texts:
    return {name: [str(wire)]}
