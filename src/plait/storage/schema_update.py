"""Brings the database of an earlier version to the newest schema, after a verified backup.

A migration is one transaction: killed anywhere, the schema is the old one or the new one. A schema that this version
does not know is never touched.
"""

import logging

from plait.core.errors import SettingsError
from plait.storage.backup import back_up_database
from plait.storage.database import Database
from plait.storage.migrations import known_versions, upgrade
from plait.storage.schema import schema_version
from plait.storage.tables import SCHEMA_VERSION

LOG = logging.getLogger("plait")


def migrate(database: Database, version: str) -> None:
    """Brings an older schema to the newest one, after a backup. Raises SettingsError for a newer schema."""
    if version not in known_versions():
        raise newer_schema_error(database.name, version)
    backup = back_up_database(database, f"before-schema-{SCHEMA_VERSION}")
    with database.write() as connection:
        if schema_version(connection) != version:
            return  # another process was faster
        upgrade(connection)
    LOG.warning(
        "the database %s was updated from schema %s to %s; as it was before, it is in %s",
        *(database.name, version, SCHEMA_VERSION, backup),
    )


def newer_schema_error(name: str, version: str) -> SettingsError:
    """The refusal of a schema of a newer version.

    Every migration of ours leaves a backup of the older schema, which is the way back to an older version.
    """
    return SettingsError(
        f"{name} has the schema {version}, and this Plait knows none newer than {SCHEMA_VERSION}",
        hint="pip install --upgrade plait\nplait restore FILE --replace takes a backup of this version instead",
    )
