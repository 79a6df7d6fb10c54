"""The project and the author that examples belong to.

A task of the same name in another folder, and another form of the task, have examples of their own.
"""

import hashlib
import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Literal

from plait.core.config import FILE_NAME
from plait.core.task.declaration import Declaration

OWNER = "owner"  # the author without a key: whoever uses this data folder on this machine

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
