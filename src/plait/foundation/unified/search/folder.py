"""The pictures in a folder and below it, and how one is known to be as it was."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plait.core.errors import InputError

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp")


@dataclass(frozen=True)
class ImageFile:
    """A file by its path from the folder. It is taken for unchanged while its bytes are as many, and as old, in
    nanoseconds, as they were: to read all of them would take longer than what is saved by it.
    """

    path: str
    size: int
    modified_ns: int


def image_files(folder: Path) -> tuple[ImageFile, ...]:
    """In the order of their paths; hidden files and folders are left out. Raises InputError where there are none."""
    if not folder.is_dir():
        reason = "is a file, not a folder" if folder.exists() else "is not there"
        raise InputError(f"{folder} {reason}", hint='plait search FOLDER "a cat on a blue ground"')
    images = tuple(sorted(iter_image_files(folder), key=lambda file: file.path))
    if not images:
        raise InputError(
            f"there is no picture in {folder}", hint=f"files are found that end in {', '.join(IMAGE_SUFFIXES)}"
        )
    return images


def iter_image_files(folder: Path) -> Iterator[ImageFile]:
    """What cannot be listed is as good as empty."""
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if name.lower().endswith(IMAGE_SUFFIXES) and not name.startswith("."):
                image = image_file(Path(root, name), folder)
                if image is not None:
                    yield image


def image_file(path: Path, folder: Path) -> ImageFile | None:
    """None where it is gone since its folder was listed, or leads nowhere."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return ImageFile(str(path.relative_to(folder)), stat.st_size, stat.st_mtime_ns)
