"""JSON values, and what is wrong with one that is not the JSON form of a value."""

from dataclasses import dataclass
from typing import TypeAlias, Union

Json: TypeAlias = Union[bool, int, float, str, "list[Json]", "dict[str, Json]", None]


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a JSON value: the path to it, a message, and the value there."""

    path: tuple[str, ...]
    message: str
    json_value: object


class InvalidValue(ValueError):
    """A value that is not of its type. `faults` has an entry for everything that is wrong, with its path."""

    def __init__(self, message: str, json_value: object, *, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(message)
        self.faults = faults or (Fault((), message, json_value),)

    def faults_at(self, step: str | int) -> tuple[Fault, ...]:
        """The faults with a step in front of their paths, as the type around this one reports them."""
        return tuple(Fault((str(step), *fault.path), fault.message, fault.json_value) for fault in self.faults)


def raise_faults(faults: list[Fault], json_value: object) -> None:
    """Raises InvalidValue with these faults; does nothing where there are none."""
    if faults:
        raise InvalidValue(faults[0].message, json_value, faults=tuple(faults))
