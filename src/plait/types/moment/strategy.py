from datetime import date, datetime, time, timedelta, timezone

from hypothesis import strategies as st

from plait.types.moment.value import Moment

ZONES = st.none() | st.integers(-23 * 60, 23 * 60).filter(bool).map(
    lambda minutes: timezone(timedelta(minutes=minutes))
)

SAMPLES = (date, time, datetime)


def strategy(kind: Moment) -> st.SearchStrategy[date | time | datetime]:
    match kind.form:
        case "date":
            return st.dates()
        case "time":
            return st.times()
        case "datetime":
            return st.datetimes(timezones=ZONES)
