"""Where the examples of a task are kept.

Seeds lie beside the task's file. Added examples lie in the data folder, by project and by the task's fingerprint: a
task of the same name in another folder, and another form of the task, have files of their own. Examples that only their
author sees lie in a folder per author.
"""

import hashlib
import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Literal

from plait.core.config import FILE_NAME, settings
from plait.core.task.declaration import Declaration
from plait.core.values.durable_files import make_folder

PROJECT_NOTE = "project.txt"  # names the project's folder, for people who look into the data folder
OWNER = "owner"  # the author without a key: whoever uses this data folder on this machine
AUTHORS_FOLDER = "authors"

Visibility = Literal["author", "everyone"]  # who sees an example: its author alone, or everyone in the project


def author_of_key(key: str) -> str:
    """The author who uses a key: a digest, which is none that the key is compared by."""
    return f"key-{hashlib.sha256(f'plait author {key}'.encode()).hexdigest()[:16]}"


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
    """The file of the examples added to this form of the task in this project, for everyone."""
    folder = examples_folder() / project_key(project_folder(declaration))
    return folder / f"{declaration.name}-{declaration.fingerprint}.jsonl"


def author_file(declaration: Declaration, author: str) -> Path:
    """The file of the examples that this author alone sees."""
    file = added_file(declaration)
    return file.parent / AUTHORS_FOLDER / author / file.name


def earlier_files(declaration: Declaration, author: str) -> list[Path]:
    """The files of the examples that the author sees for other forms of the task in this project, the oldest first."""
    own_files = added_file(declaration), author_file(declaration, author)
    files = (file for own in own_files for file in own.parent.glob(f"{declaration.name}-*.jsonl") if file != own)
    return sorted(files, key=lambda file: file.stat().st_mtime_ns)


def make_project_folder(declaration: Declaration, author: str | None = None) -> None:
    """Creates the folder of the added examples, and the author's; both are durable on return. Raises OSError."""
    folder = added_file(declaration).parent
    if not folder.is_dir():
        make_folder(folder)
        folder.joinpath(PROJECT_NOTE).write_text(f"{project_folder(declaration)}\n", "utf-8", "surrogateescape")
    if author is not None:
        make_folder(author_file(declaration, author).parent)
