from plait.core.jsonschema import FORMATS
from plait.core.kinds import Json
from plait.modalities.moment.value import Moment


def schema(kind: Moment) -> dict[str, Json]:
    return {"type": "string", "format": FORMATS[kind.form]}
