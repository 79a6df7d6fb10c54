from datetime import date, time

from plait.core.values.value_type import CallContext
from plait.types.moment.value import DateTimeType

SHAPES = {"date": "YYYY-MM-DD", "time": "HH:MM:SS", "datetime": "YYYY-MM-DDTHH:MM:SS"}


def render(value_type: DateTimeType, value: object, context: CallContext) -> str:
    assert isinstance(value, date | time)
    return value.isoformat()


def describe(value_type: DateTimeType) -> str:
    return SHAPES[value_type.form]
