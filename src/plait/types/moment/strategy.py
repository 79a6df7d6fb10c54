from datetime import date, datetime, time, timedelta, timezone

from hypothesis import strategies as st

from plait.types.moment.value import DateTimeType

ZONES = st.none() | st.integers(-23 * 60, 23 * 60).filter(bool).map(
    lambda minutes: timezone(timedelta(minutes=minutes))
)

SAMPLES = (date, time, datetime)


def strategy(value_type: DateTimeType) -> st.SearchStrategy[date | time | datetime]:
    match value_type.form:
        case "date":
            return st.dates()
        case "time":
            return st.times()
        case "datetime":
            return st.datetimes(timezones=ZONES)
