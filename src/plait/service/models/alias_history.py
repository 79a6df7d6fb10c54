"""The states of an alias, read from its history in a transaction of the caller."""

from collections.abc import Sequence

from sqlalchemy import Connection

from plait.service.models.model_version import AliasChange, AliasState
from plait.service.models.registry_errors import changed_error
from plait.storage.model_table import AliasKey, stored_changes, stored_versions


def changes_of(connection: Connection, project: str, name: str) -> list[AliasChange]:
    """The changes of the aliases of a name, of all forms of its task, the newest first."""
    return [AliasChange(**vars(each)) for each in stored_changes(connection, project, name)]


def key_of(
    connection: Connection, project: str, name: str, fingerprint: str | None, changes: Sequence[AliasChange]
) -> AliasKey:
    """The alias of a form of the task: the given one, else that of the last change, else of the newest version."""
    if fingerprint is None and changes:
        fingerprint = changes[0].fingerprint
    if fingerprint is None:
        versions = stored_versions(connection, project, name)
        fingerprint = versions[-1].fingerprint if versions else ""
    return AliasKey(project, name, fingerprint)


def last_states(key: AliasKey, changes: Sequence[AliasChange]) -> tuple[AliasState, AliasState]:
    """The present state, and the one before the last change. Before the first one the base answers."""
    states = [each.state for each in changes if each.fingerprint == key.fingerprint][:2]
    beginning = AliasState(key.project, key.name, key.fingerprint)
    current, previous = [*states, beginning, beginning][:2]
    return current, previous


def check_seen(key: AliasKey, changes: Sequence[AliasChange], seen: AliasState | None) -> None:
    """Raises SettingsError if the alias is not, or no longer, as the caller has seen it."""
    current, _ = last_states(key, changes)
    if seen is not None and (seen.fingerprint, seen.change) != (current.fingerprint, current.change):
        last = next((each for each in changes if each.id == current.change), None)
        raise changed_error(key.name, last)
