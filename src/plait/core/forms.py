"""The fields of a form that was sent: names to the texts given for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from plait.core.kinds import Json, Kind, WireError, part


@dataclass(frozen=True)
class Fields:
    """A form as sent. A nested value's fields are named with dots: `lines.0.what`."""

    sent: Mapping[str, Sequence[str]] = field(default_factory=dict[str, list[str]])

    def one(self, name: str) -> str:
        """The text of a field; raises WireError where the form has none."""
        given = self.sent.get(name)
        if not given:
            raise WireError("is missing", None)
        return given[-1]

    def has(self, name: str) -> bool:
        """Whether anything was sent for the name or below it."""
        return any(key == name or key.startswith(f"{name}.") for key in self.sent)

    def rows(self, name: str) -> list[str]:
        """Names of the items of a list, in the order of their numbers; gaps (deleted rows) are fine."""
        below = {key[len(name) + 1 :].partition(".")[0] for key in self.sent if key.startswith(f"{name}.")}
        return [f"{name}.{number}" for number in sorted(int(step) for step in below if step.isdecimal())]


def read(kind: Kind, fields: Fields, name: str) -> Json:
    """The wire form of what a form says for one value. Raises WireError."""
    return part(kind.modality, "control.read")(kind, fields, name)
