"""Position of a run in its data, saved in each checkpoint, and the check that the data is unchanged on resuming."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import JsonValue, TypeAdapter, ValidationError

from plait.core.errors import CheckpointError
from plait.foundation.data.mixture import Mixture


@dataclass(frozen=True)
class SourceState:
    """One source of the mixture at the time of the checkpoint."""

    name: str
    weight: float
    digest: str
    length: int | None


@dataclass(frozen=True)
class Cursor:
    """Data position of a checkpoint. `k` is the index of the next sample."""

    k: int
    seed: int
    parts: tuple[SourceState, ...]

    @staticmethod
    def from_mixture(sample_index: int, mixture: Mixture[Any]) -> "Cursor":
        return Cursor(sample_index, mixture.seed, source_states(mixture))

    @property
    def json_value(self) -> JsonValue:
        return CURSOR_ADAPTER.dump_python(self, mode="json")


CURSOR_ADAPTER = TypeAdapter(Cursor)


def resume_index(json_value: JsonValue, mixture: Mixture[Any]) -> int:
    """Index of the next sample. Raises CheckpointError that names what changed in the data since the checkpoint."""
    try:
        cursor = CURSOR_ADAPTER.validate_python(json_value)
    except ValidationError:
        raise CheckpointError("the checkpoint has no position in the data") from None
    changed = tuple(changes(cursor, mixture))
    if changed:
        raise CheckpointError(
            "the data differs from that of the checkpoint",
            details=changed,
            hint="restore the old data, or start again with --fresh",
        )
    return cursor.k


def changes(cursor: Cursor, mixture: Mixture[Any]) -> Iterator[str]:
    if cursor.seed != mixture.seed:
        yield f"the seed was {cursor.seed} and is {mixture.seed}"
    now = source_states(mixture)
    then = tuple(with_new_name(part, cursor.parts, now) for part in cursor.parts)
    before, after = ({part.name: part for part in parts} for parts in (then, now))
    yield from (f"{name} is no longer part of the mixture" for name in before.keys() - after.keys())
    yield from (f"{name} was not part of the mixture" for name in after.keys() - before.keys())
    for name in before.keys() & after.keys():
        yield from differences(before[name], after[name])
    if before == after and then != now:
        yield "the sources are in another order"


def with_new_name(part: SourceState, then: Sequence[SourceState], now: Sequence[SourceState]) -> SourceState:
    """The source under its current name.

    The name contains the path of the file, which may have moved since the checkpoint. A source with the same
    digest and length is the same source.
    """
    if part.name in {each.name for each in now}:
        return part
    names = {each.name for each in then}
    moved = (
        each for each in now if each.name not in names and (each.digest, each.length) == (part.digest, part.length)
    )
    match = next(moved, part)
    return replace(part, name=match.name)


def differences(before: SourceState, now: SourceState) -> Iterator[str]:
    if before.weight != now.weight:
        yield f"{before.name} had the weight {before.weight:g} and has {now.weight:g}"
    if before.length != now.length:
        yield f"{before.name} had {length_text(before.length)} rows and has {length_text(now.length)}"
    elif before.digest != now.digest:
        yield f"{before.name} has other content ({before.digest[:8]}, now {now.digest[:8]})"


def length_text(length: int | None) -> str:
    return "endless" if length is None else f"{length:,}"


def source_states(mixture: Mixture[Any]) -> tuple[SourceState, ...]:
    return tuple(
        SourceState(part.source.name, part.weight, part.source.digest, part.source.length) for part in mixture.sources
    )
