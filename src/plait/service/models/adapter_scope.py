"""What an adapter is for: one form of a task in its project, or any typed task.

The scope decides the name of the adapted model, the project of its versions in the registry, and the fingerprint in the
header of its file. An adapter for any typed task answers those that have none of their own; it belongs to no project.
"""

from dataclasses import dataclass

from plait.core.prompting.project import project_folder, project_key
from plait.core.task.declaration import Declaration
from plait.foundation.cards.adapter import ANY_TASK

TYPED_SUFFIX = "-typed"  # of a base's name: its adapter for any typed task
NO_PROJECT = ""  # of versions that every project of the data folder uses


@dataclass(frozen=True)
class AdapterScope:
    """A task with its form and project, or ANY_TYPED_TASK."""

    project: str
    task: str
    fingerprint: str

    @property
    def is_any_task(self) -> bool:
        return self.fingerprint == ANY_TASK

    def name(self, base: str) -> str:
        """The name of a base with such an adapter: `smollm2/home_command`, or `smollm2-typed`."""
        return base + TYPED_SUFFIX if self.is_any_task else f"{base}/{self.task}"

    def file_name(self, base: str) -> str:
        """The name of the file that comes with tasks, without its suffix."""
        return base + TYPED_SUFFIX if self.is_any_task else f"{self.task}.{base}"


ANY_TYPED_TASK = AdapterScope(NO_PROJECT, "typed", ANY_TASK)


def task_scope(declaration: Declaration) -> AdapterScope:
    """The scope of an adapter for this form of the task alone."""
    return AdapterScope(project_key(project_folder(declaration)), declaration.name, declaration.fingerprint)


def adapt_command(task: str, fingerprint: str) -> str:
    """The command that makes an adapter of this scope."""
    return "plait adapt --tasks FOLDER" if fingerprint == ANY_TASK else f"plait adapt {task}"


def is_typed(declaration: Declaration) -> bool:
    """Whether a task is one that an adapter for any typed task may answer: no free text, and no pictures."""
    return not declaration.is_plain_text and not declaration.has_images
