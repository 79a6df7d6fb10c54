"""JSON values, and the faults of one that is not the JSON form of a value."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, Union

Json: TypeAlias = Union[bool, int, float, str, "list[Json]", "dict[str, Json]", None]


def value_at(json_value: Json, path: Sequence[str]) -> Json:
    """The value at a path of names inside objects; None if there is none."""
    for step in path:
        json_value = json_value.get(step) if isinstance(json_value, dict) else None
    return json_value


@dataclass(frozen=True)
class Fault:
    """One fault in a JSON value: its path, a message, and the value at that path."""

    path: tuple[str, ...]
    message: str
    json_value: object


class InvalidValue(ValueError):
    """A value that does not fit its type. `faults` lists every fault with its path."""

    def __init__(self, message: str, json_value: object, *, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(message)
        self.faults = faults or (Fault((), message, json_value),)

    def faults_at(self, step: str | int) -> tuple[Fault, ...]:
        """The faults with `step` prepended to their paths, for the enclosing type."""
        return tuple(Fault((str(step), *fault.path), fault.message, fault.json_value) for fault in self.faults)


def raise_faults(faults: list[Fault], json_value: object) -> None:
    """Raises InvalidValue with these faults, if there are any."""
    if faults:
        raise InvalidValue(faults[0].message, json_value, faults=tuple(faults))
