"""Chooses the version that answers a call, by the weights of its alias.

Persons are sticky: each has a place from 0 to 99, and versions share the places in the order of their numbers. If a
candidate gets more weight, only persons of the places that it gains change over.
"""

import hashlib
import logging
import random
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from plait.service.models.alias_history import changes_of, key_of
from plait.service.models.model_version import ALL, ModelVersion
from plait.service.models.registry_errors import as_version
from plait.storage.database import Database
from plait.storage.model_table import AliasKey, alias_versions


@dataclass(frozen=True)
class AliasShares:
    """An alias, and its versions with their percents; None is the base itself."""

    key: AliasKey
    shares: tuple[tuple[int, ModelVersion | None], ...]


class AliasChoices:
    """Choices by the aliases of a database, which is asked only after a change of it."""

    def __init__(self, database: Database) -> None:
        self.database, self.lock = database, Lock()
        self.stamp: Hashable = None
        self.known: dict[tuple[str, str, str | None], AliasShares] = {}

    def choose(self, project: str, name: str, person: str, fingerprint: str | None) -> ModelVersion | None:
        """The version for a person, for one call without a person; None for the base itself."""
        alias = self.shares(project, name, fingerprint)
        place = person_place(alias.key, person) if person else random.randrange(ALL)
        version = version_at(alias.shares, place)
        if version is None or not version.obstacle:
            return version
        warn_once(version.label, version.obstacle)
        return None

    def shares(self, project: str, name: str, fingerprint: str | None) -> AliasShares:
        key = (project, name, fingerprint)
        with self.lock:
            stamp = self.database.observer.stamp()  # before the rows are read: a change in between is seen next time
            if stamp != self.stamp:
                self.known, self.stamp = {}, stamp
            if key not in self.known:
                self.known[key] = self.read(project, name, fingerprint)
            return self.known[key]

    def read(self, project: str, name: str, fingerprint: str | None) -> AliasShares:
        with self.database.read() as connection:
            changes = changes_of(connection, project, name) if fingerprint is None else []
            key = key_of(connection, project, name, fingerprint, changes)
            rows = alias_versions(connection, key)
        return AliasShares(key, tuple((weight, as_version(row) if row else None) for weight, row in rows))


def person_place(key: AliasKey, person: str) -> int:
    """The place of a person, from 0 to 99; another one for each alias."""
    text = "\0".join((key.project, key.name, key.fingerprint, person))
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8]) % ALL


def version_at(shares: Sequence[tuple[int, ModelVersion | None]], place: int) -> ModelVersion | None:
    end = 0
    for weight, version in shares:
        end += weight
        if place < end:
            return version
    return None


@lru_cache(maxsize=1_000)
def warn_once(label: str, obstacle: str) -> None:
    logging.getLogger("plait").warning("%s %s: its base answers instead", label, obstacle)
