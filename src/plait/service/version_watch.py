"""Takes back a version whose answers people judge to be worse than those of the version before.

Looked at whenever feedback on a recorded answer is stored. Answers are compared by the last word of each person; a
corrected answer was wrong. A version that was promoted by a gate can still be worse for the people who use it.
"""

import logging
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from plait.core.errors import PlaitError
from plait.service.models.model_version import BASE, AliasState
from plait.service.models.registry import ModelRegistry, current_registry
from plait.storage.feedback_table import model_verdicts

MIN_RATED = 10  # answers of each of the two versions


@dataclass(frozen=True)
class Share:
    """How many of `count` rated answers are right."""

    right: int
    count: int

    @property
    def mean(self) -> float:
        return self.right / self.count

    @property
    def bounds(self) -> tuple[float, float]:
        """The 95 % interval (Wilson 1927, Journal of the American Statistical Association 22)."""
        z, n = 1.96, self.count
        centre = (self.mean + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(self.mean * (1 - self.mean) / n + z * z / (4 * n * n))
        return centre - half, centre + half


@dataclass(frozen=True)
class RatedTask:
    """One form of a task in a project, whose answers are rated."""

    project: str
    task: str
    fingerprint: str


def watch_tasks(tasks: Iterable[RatedTask]) -> None:
    """Rolls back each alias of the tasks whose newest version is rated worse. Never fails: faults are logged."""
    for task in tasks:
        try:
            watch_task(task)
        except PlaitError as error:
            logging.getLogger("plait").warning("versions of %s are not watched: %s", task.task, error)


def watch_task(task: RatedTask) -> list[AliasState]:
    """The aliases that were rolled back. Raises SettingsError."""
    registry = current_registry()
    versions = registry.versions(task.project)
    names = {each.name for each in versions if (each.task, each.fingerprint) == (task.task, task.fingerprint)}
    states = [watch_alias(registry, task, name) for name in sorted(names)]
    return [state for state in states if state is not None]


def watch_alias(registry: ModelRegistry, task: RatedTask, name: str) -> AliasState | None:
    """The alias after a rollback, None if there was no reason for one."""
    changes = registry.history(task.project, name, task.fingerprint)
    if not changes:
        return None
    state = changes[0].state
    before = changes[1].state if len(changes) > 1 else AliasState(task.project, name, task.fingerprint)
    reason = fault_of_newcomer(name, state, before, rated_shares(registry, task, name))
    if not reason:
        return None
    logging.getLogger("plait").warning("%s is rolled back: %s", name, reason)
    return registry.rollback(task.project, name, reason=reason, fingerprint=task.fingerprint, seen=state)


def rated_shares(registry: ModelRegistry, task: RatedTask, name: str) -> Mapping[int, Share]:
    """How many of its rated answers each version got right, by its number; BASE is every other model."""
    counts: dict[int, list[int]] = {}
    for model, is_right in model_verdicts(registry.database, task.project, task.task, task.fingerprint):
        version, _, number = model.rpartition("@")
        count = counts.setdefault(int(number) if version == name and number.isdecimal() else BASE, [0, 0])
        count[0] += is_right
        count[1] += 1
    return {number: Share(right, total) for number, (right, total) in counts.items()}


def fault_of_newcomer(name: str, state: AliasState, before: AliasState, shares: Mapping[int, Share]) -> str:
    """Why a version that gained weight by the last change has to go; "" if all may stay."""
    old_weights, theirs = dict(before.weights), shares.get(before.champion)
    gained = [number for number, weight in state.weights if weight > old_weights.get(number, 0) and number != BASE]
    for ours in (shares[number] for number in gained if number in shares):
        if theirs and min(ours.count, theirs.count) >= MIN_RATED and (bounds := difference_bounds(ours, theirs))[1] < 0:
            low, high = bounds
            return (
                f"{ours.right} of {ours.count} rated answers are right, {theirs.right} of {theirs.count} "
                f"of the version before: a difference of {low:+.2f} to {high:+.2f}"
            )
    return ""


def difference_bounds(one: Share, other: Share) -> tuple[float, float]:
    """The 95 % interval of the difference of two shares (Newcombe 1998, Statistics in Medicine 17, method 10)."""
    (one_low, one_high), (other_low, other_high) = one.bounds, other.bounds
    difference = one.mean - other.mean
    low = difference - math.hypot(one.mean - one_low, other_high - other.mean)
    return low, difference + math.hypot(one_high - one.mean, other.mean - other_low)
