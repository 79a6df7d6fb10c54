"""What the messages of database drivers mean to a person, and what to do about them."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError

from plait.core.errors import SettingsError


class DatabaseDamaged(SettingsError):
    """The file of a database cannot be read as one."""


@dataclass(frozen=True)
class Cause:
    """What the message of a driver means to a person. `pattern` finds it in the message."""

    pattern: str
    meaning: str
    hint: str
    error: type[SettingsError] = SettingsError


CAUSES = (
    Cause("database is locked", "is in use by another process", "wait until it is done, then try again"),
    Cause("disk is full|No space left", "cannot grow: the disk is full", "free some space, then try again"),
    Cause("readonly|unable to open|permission denied", "cannot be written", "set PLAIT_DATA to a writable folder"),
    Cause(
        "malformed|not a database|disk I/O error",
        "is damaged",
        "plait fsck shows what is wrong\nplait restore FILE --replace takes a backup instead",
        DatabaseDamaged,
    ),
    Cause(
        "password|authentication|role .* does not exist|database .* does not exist",
        "refuses the connection",
        "check user, password and name in the setting database (PLAIT_DATABASE)",
    ),
    Cause(
        "connection failed|refused|could not translate|timeout expired|server closed|resolve host",
        "does not answer",
        "check the address in the setting database (PLAIT_DATABASE), and whether the server runs",
    ),
)


@contextmanager
def storage_errors(name: str) -> Generator[None, None, None]:
    """Turns those errors of a driver that a person can do something about into SettingsError."""
    try:
        yield
    except DBAPIError as error:
        reason = str(error.orig).strip()
        cause = next((each for each in CAUSES if re.search(each.pattern, reason, re.IGNORECASE)), None)
        if cause is None:
            raise
        message = f"the database {name} {cause.meaning}"
        raise cause.error(message, details=tuple(reason.splitlines()), hint=cause.hint) from None
