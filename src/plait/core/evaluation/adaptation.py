"""Adapting a model to a task: what `task.adapt` calls and returns.

The part that does it is found by entry point, as transports are: core never imports it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from plait.core.task.declaration import Declaration


class AdaptationVerdict(Protocol):
    """The result of the comparison with the model that answered before. `str` is a table for people."""

    @property
    def holds(self) -> bool:
        """Whether the rule of promotion holds."""
        ...

    @property
    def reasons(self) -> Sequence[str]:
        """The reasons against promotion; none if the rule holds."""
        ...

    def to_json(self) -> str: ...


class Adaptation(Protocol):
    """A version of a model that was adapted to a task. `name` is the one to ask for it: `smollm2/home_command@3`."""

    @property
    def name(self) -> str: ...

    @property
    def verdict(self) -> AdaptationVerdict: ...

    @property
    def is_promoted(self) -> bool:
        """Whether it answers the task from now on."""
        ...


class TaskAdapter(Protocol):
    def __call__(
        self,
        declaration: Declaration,
        data: Path | None,
        *,
        method: str,
        model: str | None,
        epochs: int | None,
        rank: int | None,
        gate_rows: int | None,
        promote: bool,
        from_base: bool,
    ) -> Adaptation:
        """Adapts a model, by default the embedded one, to a task by the rows of a file, by default its examples.

        `method` is "sft", "dpo" or "kto". `from_base` trains a new adapter, and not the one that answers now.

        Raises InputError, SettingsError, ModelNotFound, MissingDependency.
        """
        ...
