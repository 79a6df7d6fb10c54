from datetime import date, time

from plait.core.values.value_type import CallContext
from plait.types.moment.value import Moment

SHAPES = {"date": "YYYY-MM-DD", "time": "HH:MM:SS", "datetime": "YYYY-MM-DDTHH:MM:SS"}


def written(kind: Moment, value: object, beside: CallContext) -> str:
    assert isinstance(value, date | time)
    return value.isoformat()


def outline(kind: Moment) -> str:
    return SHAPES[kind.form]
