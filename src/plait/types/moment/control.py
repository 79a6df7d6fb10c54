from plait.core.values.forms import FormFields, Texts
from plait.core.values.value_type import Json
from plait.types.moment.value import Moment


def read(kind: Moment, fields: FormFields, name: str) -> Json:
    """A browser's own date and time controls send ISO 8601."""
    return fields.get_one(name).strip()


def filled(kind: Moment, wire: Json, name: str) -> Texts:
    return {name: [str(wire)]}
