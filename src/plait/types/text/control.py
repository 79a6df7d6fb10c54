from plait.core.values.forms import FormFields, Texts
from plait.core.values.value_type import Json
from plait.types.text.value import Text


def read(kind: Text, fields: FormFields, name: str) -> Json:
    # A browser sends line ends as CRLF (HTML standard, form submission).
    return fields.get_one(name).replace("\r\n", "\n")


def filled(kind: Text, wire: Json, name: str) -> Texts:
    return {name: [str(wire)]}
