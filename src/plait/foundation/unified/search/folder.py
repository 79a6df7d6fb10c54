"""The pictures in a folder and below it, and how one is known to be as it was."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plait.core.errors import InputError

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp")


@dataclass(frozen=True)
class File:
    """A file by its path from the folder. It is taken for unchanged while its bytes are as many, and as old, in
    nanoseconds, as they were: to read all of them would take longer than what is saved by it.
    """

    path: str
    size: int
    written: int


def pictures(folder: Path) -> tuple[File, ...]:
    """In the order of their paths; hidden files and folders are left out. Raises InputError where there are none."""
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "is not there"
        raise InputError(f"{folder} {what}", way_out='plait search FOLDER "a cat on a blue ground"')
    found = tuple(sorted(files(folder), key=lambda file: file.path))
    if not found:
        raise InputError(
            f"there is no picture in {folder}", way_out=f"files are found that end in {', '.join(ENDINGS)}"
        )
    return found


def files(folder: Path) -> Iterator[File]:
    """What cannot be listed is as good as empty."""
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if name.lower().endswith(ENDINGS) and not name.startswith("."):
                found = file_at(Path(root, name), folder)
                if found is not None:
                    yield found


def file_at(path: Path, folder: Path) -> File | None:
    """None where it is gone since its folder was listed, or leads nowhere."""
    try:
        told = path.stat()
    except OSError:
        return None
    return File(str(path.relative_to(folder)), told.st_size, told.st_mtime_ns)
