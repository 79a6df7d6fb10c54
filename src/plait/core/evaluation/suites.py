"""Suites: questions that are made, for models that Plait trains itself.

Found by entry point, as the ways to models are: core never imports what asks them.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol


class ReportLike(Protocol):
    """`str` is it as a terminal shows it; `json` and a saved file hold all of it."""

    def json(self) -> str: ...

    def save(self, file: str | Path) -> None:
        """Raises InputError, SettingsError."""
        ...


class Suite(Protocol):
    def __call__(self, model: str, tasks: Sequence[str], limit: int | None, tell: Callable[[str], None]) -> ReportLike:
        """The report on a model by name, "" being the suite's own; no tasks are all, no limit is the suite's own.

        `tell` says to a person what happens on the way. Ctrl-C ends it with a report on what is known so far. Raises
        InputError for a task that is not in it, NoModel, MissingExtra.
        """
        ...
