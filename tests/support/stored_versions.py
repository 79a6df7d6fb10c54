"""Rows of versions of models, as the registry writes them."""

from plait.storage.database import Database
from plait.storage.file_rows import add_file
from plait.storage.model_table import AliasKey, StoredVersion, insert_version, replace_weights
from plait.storage.schema import writing

PROJECT, NAME, FINGERPRINT = "shelves-0123456789ab", "smollm2/opinion_of", "f" * 12


def add_version(database: Database, content: bytes, *, alias: bool = False) -> StoredVersion:
    """A version with this file, which the alias names alone if `alias`."""
    with writing(database) as connection:
        sha256 = add_file(connection, database.files, content)
        row = StoredVersion(
            PROJECT, NAME, "opinion_of", FINGERPRINT, "smollm2", "b" * 64, sha256, len(content), "{}", "run"
        )
        version = insert_version(connection, row)
        if alias:
            key = AliasKey(PROJECT, NAME, FINGERPRINT)
            replace_weights(connection, key, {version.number: 100}, {version.number: version.id}, "better", "Ada")
    return version
