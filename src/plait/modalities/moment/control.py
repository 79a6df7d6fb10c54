from plait.core.forms import Fields
from plait.core.kinds import Json
from plait.modalities.moment.value import Moment


def read(kind: Moment, fields: Fields, name: str) -> Json:
    """A browser's own date and time controls send ISO 8601."""
    return fields.one(name).strip()
