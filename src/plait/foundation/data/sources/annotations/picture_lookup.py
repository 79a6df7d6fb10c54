"""Finds the pictures that annotations name: tools move them, and write their paths in many ways."""

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from plait.foundation.data.sources.folders import subfolders

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".avif")
MAX_PROBED = 3  # names that a folder is chosen by: some pictures may be missing
MAX_FOLDERS = 500  # that are looked at


def is_picture(file: Path) -> bool:
    """Whether the name is that of a picture, of a format that can be read or not."""
    return file.suffix.lower() in PICTURE_SUFFIXES


def picture_folder(file: Path, names: Iterable[str]) -> Path:
    """The folder that has the pictures of these names; that of the file itself if none has.

    Looked at are the folder of the file, those in it, those beside it, and those in one called images beside it: so
    official COCO has them (annotations/instances_val2017.json and val2017/), and most exports.
    """
    probed = list(islice(names, MAX_PROBED))
    for folder in islice(nearby_folders(file), MAX_FOLDERS):
        if any(find_picture(folder, name) for name in probed):
            return folder
    return file.parent


def nearby_folders(file: Path) -> Iterator[Path]:
    here, above = file.parent, file.parent.parent
    yield here
    yield from subfolders(here)
    yield from subfolders(here / "images")
    yield above
    yield from sorted(subfolders(above), key=lambda folder: not is_named_like(file, folder))
    yield from sorted(subfolders(above / "images"), key=lambda folder: not is_named_like(file, folder))


def is_named_like(file: Path, folder: Path) -> bool:
    """Whether a file is about the split of a folder: instances_val2017.json about val2017."""
    return file.stem.endswith(folder.name)


def find_picture(folder: Path, name: str) -> str | None:
    """The path of a picture below a folder; None if it is not there.

    Windows writes backslashes, and macOS decomposes letters with accents (NFD), which others do not.
    """
    plain = name.replace("\\", "/")
    spellings = (name, plain, *(unicodedata.normalize(form, plain) for form in ("NFC", "NFD")))
    return next((each for each in dict.fromkeys(spellings) if each and (folder / each).is_file()), None)


def pictures_in(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if is_picture(each) and each.is_file()) if folder.is_dir() else []
