from plait.core.grammar.json_schema import FORMATS
from plait.core.values.value_type import Json
from plait.types.moment.value import Moment


def schema(kind: Moment) -> dict[str, Json]:
    return {"type": "string", "format": FORMATS[kind.form]}
