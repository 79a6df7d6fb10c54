"""The migrations of the schema, and how Alembic runs them in the transaction of a connection.

A new one: `alembic` writes versions/NUMBER_NAME.py by hand of script.py.mako; tables.py and SCHEMA_VERSION follow.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def upgrade(connection: Connection, target: str = "head") -> None:
    """Brings the schema of a database, also of one without tables, up to the target."""
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, target)


def known_versions() -> set[str]:
    return {each.revision for each in ScriptDirectory.from_config(alembic_config()).walk_revisions()}


def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config
