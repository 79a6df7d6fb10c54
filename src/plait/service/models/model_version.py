"""Versions of models, and the aliases that say which of them answers.

A version is called NAME@NUMBER; an adapter of a task is a version of BASE/TASK, such as smollm2/home_command@3. The
bare name is the alias: weights in percent, by number of version.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue, TypeAdapter, ValidationError

from plait.core.errors import InputError
from plait.core.values.quoting import quote
from plait.storage.model_table import BASE, StoredChange, StoredVersion

NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)*")
NUMBER = re.compile(r"[1-9][0-9]{0,8}")
MAX_NAME = 200  # characters
BASE_WORD = "base"  # what people write for the number of the base itself
ALL = 100  # percent


@dataclass(frozen=True)
class TaughtExample:
    """An example that taught a version: its id in the database, otherwise that of the recorded answer, "" for one of a
    file; and the sha256 of its row.
    """

    id: str
    sha256: str


@dataclass(frozen=True)
class VersionManifest:
    """How a version was made. `packages` are versions of those that computed it, by name."""

    config: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    rows_sha256: str = ""
    examples: tuple[TaughtExample, ...] = ()
    seed: int = 0
    packages: Mapping[str, str] = field(default_factory=dict[str, str])


MANIFEST: TypeAdapter[VersionManifest] = TypeAdapter(VersionManifest)


@dataclass(frozen=True)
class VersionName:
    """A name as people write it; `number` is None for an alias."""

    name: str
    number: int | None = None

    def __str__(self) -> str:
        return self.name if self.number is None else f"{self.name}@{self.number}"


@dataclass(frozen=True)
class NewVersion:
    """A version to add. `base_sha256` is the digest of the base's file, `verdict` the JSON of its gate."""

    project: str
    name: str
    base: str
    base_sha256: str
    task: str
    fingerprint: str
    manifest: VersionManifest = VersionManifest()
    run: str = ""
    verdict: str | None = None


class ModelVersion(StoredVersion):
    """A version of a model: a row of the registry."""

    @property
    def label(self) -> str:
        return f"{self.name}@{self.number}"

    @property
    def made_by(self) -> VersionManifest:
        """How it was made; empty for the manifest of another program."""
        try:
            return MANIFEST.validate_json(self.manifest)
        except ValidationError:
            return VersionManifest()

    @property
    def obstacle(self) -> str:
        """Why it cannot answer; "" if it can."""
        if self.removed_at is not None:
            return f"was removed on {day(self.removed_at)}"
        return f"is out of use: {self.quarantine}" if self.quarantine else ""


@dataclass(frozen=True)
class AliasState:
    """Which versions answer under a name, for one form of its task: percent by number, BASE for the base itself.

    `change` is the id of the last change, 0 before the first one.
    """

    project: str
    name: str
    fingerprint: str
    weights: tuple[tuple[int, int], ...] = ((BASE, ALL),)
    change: int = 0

    @property
    def champion(self) -> int:
        """The number with most weight; the lowest of several."""
        return max(self.weights, key=lambda each: (each[1], -each[0]))[0]

    def __str__(self) -> str:
        return weights_text(self.weights)


class AliasChange(StoredChange):
    """A change of an alias: a row of its history."""

    @property
    def state(self) -> AliasState:
        """The alias after it."""
        return AliasState(self.project, self.name, self.fingerprint, parse_weights_json(self.weights), self.id)


def parse_weights_json(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(sorted(TypeAdapter(dict[int, int]).validate_json(text).items()))


def weights_text(weights: tuple[tuple[int, int], ...]) -> str:
    """`base=90 3=10` as on the command line; one version alone without percent."""
    words = [(BASE_WORD if number == BASE else str(number), weight) for number, weight in weights]
    return " ".join(word if weight == ALL else f"{word}={weight}" for word, weight in words)


def parse_version_name(text: str) -> VersionName:
    """The name of a version or of an alias. Raises InputError."""
    name, mark, number = text.partition("@")
    check_name(name, text)
    if mark and not NUMBER.fullmatch(number):
        raise InputError(
            f"{quote(text)} does not name a version: {quote(number)} is not its number", hint=f"for example {name}@1"
        )
    return VersionName(name, int(number) if mark else None)


def check_name(name: str, written: str = "") -> None:
    """Raises InputError for a name with characters that names of versions do not have."""
    if not NAME.fullmatch(name) or len(name) > MAX_NAME:
        raise InputError(
            f"{quote(written or name)} cannot be the name of a version",
            hint=f"letters, digits, _ . - and / are possible, at most {MAX_NAME} characters: smollm2/home_command",
        )


def day(microseconds: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(microseconds / 1e6))
