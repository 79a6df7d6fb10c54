"""Suites: generated benchmarks for models that Plait trains itself.

Suites are found by entry point, as transports are: core never imports the code that runs them.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol


class ReportLike(Protocol):
    """A report of a suite. `str` is its terminal form; `json` and the saved file are complete."""

    def json(self) -> str: ...

    def save(self, file: str | Path) -> None:
        """Saves the report. Raises InputError, SettingsError."""
        ...


class Suite(Protocol):
    def __call__(self, model: str, tasks: Sequence[str], limit: int | None, tell: Callable[[str], None]) -> ReportLike:
        """The report on a model by name.

        `model` "" and `limit` None use the suite's defaults; empty `tasks` selects all. `tell` receives progress
        messages for a person. Ctrl-C ends the run with a report on the results so far. Raises InputError for a task
        that is not in the suite, ModelNotFound, MissingDependency.
        """
        ...
