from plait.core.forms import Fields
from plait.core.kinds import Json
from plait.modalities.text.value import Text


def read(kind: Text, fields: Fields, name: str) -> Json:
    # A browser sends line ends as CRLF (HTML standard, form submission).
    return fields.one(name).replace("\r\n", "\n")
