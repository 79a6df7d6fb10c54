from plait.core.values.forms import FormFields, Texts
from plait.core.values.value_type import InvalidValue, Json
from plait.types.ref.value import Reference


def read(kind: Reference, fields: FormFields, name: str) -> Json:
    said = fields.get_one(name).strip()
    if not said.isdecimal():
        raise InvalidValue("should be the number of one of the objects", said)
    return int(said)


def filled(kind: Reference, wire: Json, name: str) -> Texts:
    return {name: [str(wire)]}
