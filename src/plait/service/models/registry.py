"""The registry of models: versions, the aliases that say which of them answers, and the history of these.

Every write is acknowledged: when a method returns, file and row are on disk.
"""

import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from plait.service.models.adapter_check import adapter_fault, check_adapter_file
from plait.service.models.alias_choice import AliasChoices
from plait.service.models.alias_history import changes_of, check_seen, key_of, last_states
from plait.service.models.model_version import (
    BASE,
    MANIFEST,
    AliasChange,
    AliasState,
    ModelVersion,
    NewVersion,
    VersionName,
    check_name,
)
from plait.service.models.registry_errors import (
    as_version,
    check_one_form,
    check_unused,
    check_weights,
    file_error,
    no_change_error,
    obstacle_error,
    unknown_name_error,
    unknown_version_error,
)
from plait.service.models.version_archive import write_version
from plait.storage.database import Database, current_database
from plait.storage.file_rows import add_file, purge
from plait.storage.model_table import (
    AliasKey,
    StoredVersion,
    insert_version,
    mark_version_removed,
    replace_weights,
    set_verdict,
    stored_versions,
)
from plait.storage.schema import has_tables, writing


class ModelRegistry:
    """Versions and aliases in a database. A project is that of examples (`project_key`), "" for files of models."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.choices = AliasChoices(database)

    # ── versions ──

    def add_version(self, new: NewVersion, file: Path) -> ModelVersion:
        """Keeps the file of an adapter and adds it under the next number of its name.

        Raises InputError, CheckpointError for a file that is no adapter of this base, SettingsError.
        """
        check_name(new.name)
        check_adapter_file(new, file)
        content = file.read_bytes()
        manifest = MANIFEST.dump_json(new.manifest).decode()
        with writing(self.database) as connection:
            purge(connection, self.database.files)
            sha256 = add_file(connection, self.database.files, content)
            fields = {**vars(new), "manifest": manifest, "sha256": sha256, "size": len(content)}
            return as_version(insert_version(connection, StoredVersion(**fields)))

    def versions(self, project: str | None = None, name: str | None = None) -> list[ModelVersion]:
        """The versions of all projects or of one, of all names or of one, removed ones included; the oldest first."""
        if not has_tables(self.database):
            return []
        with self.database.read() as connection:
            return [as_version(each) for each in stored_versions(connection, project, name)]

    def version(self, project: str, name: str, number: int) -> ModelVersion:
        """A version that can answer. Raises ModelNotFound, with the nearest names or numbers."""
        return self.usable(self.existing(project, name), VersionName(name, number))

    def existing(self, project: str, name: str) -> list[ModelVersion]:
        """All versions of a name. Raises ModelNotFound if there is none."""
        found = self.versions(project, name)
        if not found:
            raise unknown_name_error(name, {each.name for each in self.versions(project)})
        return found

    def past_version(self, project: str, name: VersionName) -> ModelVersion:
        """A version, also one that was removed or is out of use. Raises ModelNotFound."""
        return numbered_version(self.existing(project, name.name), name)

    def usable(self, versions: Sequence[StoredVersion], name: VersionName) -> ModelVersion:
        version = numbered_version(versions, name)
        if version.obstacle:
            raise obstacle_error(version)
        return version

    def record_verdict(self, version: ModelVersion, verdict: str) -> None:
        """Stores the verdict of a gate, as JSON, with the version."""
        with writing(self.database) as connection:
            set_verdict(connection, version.id, verdict)

    def remove(self, project: str, name: str, number: int) -> ModelVersion:
        """Removes a version; its file stays for a week. Raises InputError while an alias, or its rollback, names it."""
        self.existing(project, name)
        with writing(self.database) as connection:
            version = self.usable(stored_versions(connection, project, name), VersionName(name, number))
            changes = changes_of(connection, project, name)
            for fingerprint in {each.fingerprint for each in changes}:
                check_unused(version, *last_states(AliasKey(project, name, fingerprint), changes))
            mark_version_removed(connection, version.id)
            purge(connection, self.database.files)
        return version

    def file(self, version: ModelVersion) -> Path:
        return self.database.files.path(version.sha256)

    def verify(self, version: ModelVersion) -> str:
        """What is wrong with the file of a version; "" if its sha256 and its header are right."""
        fault = self.database.files.fault(version.sha256, version.size)
        return fault or adapter_fault(self.file(version), version.base_sha256)

    def export(self, version: ModelVersion, target: Path) -> None:
        """Writes a version with its file to a new .tar file. Raises ModelNotFound, SettingsError."""
        fault = self.verify(version)
        if fault:
            raise file_error(version, fault)
        write_version(version, self.file(version), target)

    # ── aliases ──

    def alias(self, project: str, name: str, fingerprint: str | None = None) -> AliasState:
        """Which versions answer, for this form of the task, otherwise for the one that was changed last."""
        if not has_tables(self.database):
            return AliasState(project, name, fingerprint or "")
        with self.database.read() as connection:
            changes = changes_of(connection, project, name)
            key = key_of(connection, project, name, fingerprint, changes)
        return last_states(key, changes)[0]

    def history(self, project: str, name: str, fingerprint: str | None = None) -> list[AliasChange]:
        """The changes of an alias, the newest first, of one form of the task or of all."""
        if not has_tables(self.database):
            return []
        with self.database.read() as connection:
            changes = changes_of(connection, project, name)
        return [each for each in changes if fingerprint in (None, each.fingerprint)]

    def set_alias(
        self,
        project: str,
        name: str,
        weights: Mapping[int, int],
        *,
        reason: str = "",
        person: str = "",
        fingerprint: str | None = None,
        seen: AliasState | None = None,
    ) -> AliasState:
        """Says which versions answer: percent by number, BASE for the base itself.

        Raises InputError, ModelNotFound, and SettingsError if the alias is no longer as it was `seen`.
        """
        check_weights(name, weights)
        self.existing(project, name)
        with writing(self.database) as connection:
            rows = stored_versions(connection, project, name)
            versions = [self.usable(rows, VersionName(name, number)) for number in weights if number != BASE]
            check_one_form(name, versions)
            changes = changes_of(connection, project, name)
            form = versions[0].fingerprint if versions else fingerprint
            key = key_of(connection, project, name, form, changes)
            check_seen(key, changes, seen)
            ids = {each.number: each.id for each in versions}
            replace_weights(connection, key, weights, ids, reason, person)
            return last_states(key, changes_of(connection, project, name))[0]

    def rollback(
        self,
        project: str,
        name: str,
        *,
        reason: str = "",
        person: str = "",
        fingerprint: str | None = None,
        seen: AliasState | None = None,
    ) -> AliasState:
        """Returns to the state before the last change, which is a change itself: twice is where it was.

        Raises InputError, ModelNotFound, and SettingsError if the alias is no longer as it was `seen`.
        """
        self.existing(project, name)
        with writing(self.database) as connection:
            rows = stored_versions(connection, project, name)
            changes = changes_of(connection, project, name)
            key = key_of(connection, project, name, fingerprint, changes)
            check_seen(key, changes, seen)
            current, previous = last_states(key, changes)
            if not current.change:
                raise no_change_error(name)
            numbers = [number for number, _ in previous.weights if number != BASE]
            ids = {number: self.usable(rows, VersionName(name, number)).id for number in numbers}
            reason = reason or f"rollback from {current}"
            replace_weights(connection, key, dict(previous.weights), ids, reason, person)
            return last_states(key, changes_of(connection, project, name))[0]

    def resolve(self, project: str, name: str, person: str = "", fingerprint: str | None = None) -> ModelVersion | None:
        """The version that a call uses, None for the base itself: the same for a person as long as weights allow."""
        if not has_tables(self.database):
            return None
        return self.choices.choose(project, name, person, fingerprint)

    def answering(self, project: str, name: str, fingerprint: str) -> frozenset[int]:
        """The ids of the versions that an alias names."""
        if not has_tables(self.database):
            return frozenset()
        shares = self.choices.shares(project, name, fingerprint).shares
        return frozenset(version.id for _, version in shares if version is not None)


def numbered_version(versions: Sequence[StoredVersion], name: VersionName) -> ModelVersion:
    """The version of that number. Raises ModelNotFound."""
    row = next((each for each in versions if each.number == name.number), None)
    if row is None:
        raise unknown_version_error(name, versions)
    return as_version(row)


def current_registry() -> ModelRegistry:
    """The registry of the current settings. Nothing is opened before it is used."""
    return registry_at(current_database(), os.getpid())


@lru_cache(maxsize=8)
def registry_at(database: Database, pid: int) -> ModelRegistry:
    """A process that was forked has connections of its own, and so a registry of its own."""
    return ModelRegistry(database)
