"""View models of versions and aliases, for the Improve page of a task and the page of all models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

VersionState = Literal["answers", "candidate", "removed"]
Facts = Sequence[tuple[str, str]]  # label and text


@dataclass(frozen=True)
class VersionCard:
    """A version: `share` percent of the calls, and its lineage."""

    label: str
    number: int
    state: VersionState
    share: int
    facts: Facts = ()


@dataclass(frozen=True)
class AliasEvent:
    """A change of an alias: which versions answered from then on, who changed it, and why."""

    time: str
    state: str
    person: str
    reason: str


@dataclass(frozen=True)
class AliasCard:
    """An alias with its versions and its history, the newest first. `change` is the id of the last change.

    `weights` are percents by number of version, 0 for the base.
    """

    project: str
    name: str
    fingerprint: str
    change: int
    answering: str
    weights: Mapping[int, int]
    versions: Sequence[VersionCard] = ()
    history: Sequence[AliasEvent] = ()

    @property
    def usable(self) -> list[VersionCard]:
        return [each for each in self.versions if each.state != "removed"]

    @property
    def key(self) -> str:
        """A name for elements of the page, which no other alias has."""
        return f"{self.project}-{self.name}-{self.fingerprint}".replace("/", "-")


@dataclass(frozen=True)
class RouteRow:
    """A route: its task, the models that it asks, and what it was measured to be worth."""

    project: str
    name: str
    task: str
    asks: str
    right: str
    seconds: str


@dataclass(frozen=True)
class ModelRow:
    """A model that Plait found, or that plait.toml names."""

    name: str
    size: str
    where: str
