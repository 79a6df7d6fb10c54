"""Where the examples of a task are kept.

Seeds lie beside the task's file. Added examples lie in the data folder, by project and by the task's fingerprint: a
task of the same name in another folder, and another form of the task, have files of their own.
"""

import hashlib
import os
import re
from functools import lru_cache
from pathlib import Path

from plait.core.config import FILE_NAME, settings
from plait.core.task.declaration import Declaration

PROJECT_NOTE = "project.txt"  # names the project's folder, for people who look into the data folder


def project_folder(declaration: Declaration) -> Path:
    """The project of a task: the working folder if it has a plait.toml, otherwise the folder of the task's file.

    A notebook or a shell has no file; its project is the working folder.
    """
    here, file = os.getcwd(), declaration.source.file
    if os.path.isfile(os.path.join(here, FILE_NAME)) or not os.path.isfile(file):
        return real_path(here)
    return real_path(os.path.dirname(os.path.abspath(file)))


@lru_cache(maxsize=64)
def real_path(folder: str) -> Path:
    return Path(os.path.realpath(folder))


@lru_cache(maxsize=64)
def project_key(project: Path) -> str:
    """The name of a project's folder in the data folder: that of the project, and a digest of its path."""
    return f"{re.sub(r'[^0-9A-Za-z_-]', '_', project.name)[:40]}-{project_digest(project)}"


@lru_cache(maxsize=64)
def project_digest(project: Path) -> str:
    """Twelve hex digits of the project's path."""
    return hashlib.sha256(os.fsencode(project)).hexdigest()[:12]


def seeds_file(declaration: Declaration) -> Path:
    return Path(declaration.source.file).parent / "seeds" / f"{declaration.name}.jsonl"


def examples_folder() -> Path:
    return settings().data / "examples"


def added_file(declaration: Declaration) -> Path:
    """The file of the examples added to this form of the task in this project."""
    folder = examples_folder() / project_key(project_folder(declaration))
    return folder / f"{declaration.name}-{declaration.fingerprint}.jsonl"


def earlier_files(declaration: Declaration) -> list[Path]:
    """The files of the examples added to other forms of the task in this project, the oldest first."""
    own = added_file(declaration)
    files = (file for file in own.parent.glob(f"{declaration.name}-*.jsonl") if file != own)
    return sorted(files, key=lambda file: file.stat().st_mtime_ns)


def make_project_folder(declaration: Declaration) -> None:
    """Creates the folder of the added examples. Raises OSError."""
    folder = added_file(declaration).parent
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        folder.joinpath(PROJECT_NOTE).write_text(f"{project_folder(declaration)}\n", "utf-8", "surrogateescape")
