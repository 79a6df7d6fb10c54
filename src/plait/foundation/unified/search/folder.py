"""The pictures in a folder and its subfolders, and detection of changed files."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plait.core.errors import InputError

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp")


@dataclass(frozen=True)
class ImageFile:
    """A file, by its path relative to the folder. It counts as unchanged if size and modification time (in nanoseconds)
    are unchanged: reading all files would take longer than the index saves.
    """

    path: str
    size: int
    modified_ns: int


def image_files(folder: Path) -> tuple[ImageFile, ...]:
    """All pictures in order of their paths, without hidden files and folders. Raises InputError if there are none."""
    if not folder.is_dir():
        reason = "is a file, not a folder" if folder.exists() else "does not exist"
        raise InputError(f"{folder} {reason}", hint='plait search FOLDER "a cat on a blue ground"')
    images = tuple(sorted(iter_image_files(folder), key=lambda file: file.path))
    if not images:
        raise InputError(f"there is no picture in {folder}", hint=f"supported suffixes are {', '.join(IMAGE_SUFFIXES)}")
    return images


def iter_image_files(folder: Path) -> Iterator[ImageFile]:
    """Yields the pictures; unreadable folders count as empty."""
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if name.lower().endswith(IMAGE_SUFFIXES) and not name.startswith("."):
                image = image_file(Path(root, name), folder)
                if image is not None:
                    yield image


def image_file(path: Path, folder: Path) -> ImageFile | None:
    """The file with size and time; None if it has disappeared or is a broken link."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return ImageFile(str(path.relative_to(folder)), stat.st_size, stat.st_mtime_ns)
