"""Writes that survive a power cut."""

import errno
import os
from pathlib import Path

PRIVATE = 0o700


def append(file: Path, line: bytes, *, durable: bool = True) -> None:
    """Appends a line in one write, so that lines of two processes do not mix. Line and file are durable on return.

    Without `durable` the line survives the process, but not a power cut.
    """
    for path, flags in ((file, os.O_WRONLY | os.O_APPEND | os.O_CREAT), (file.parent, os.O_RDONLY)):
        handle = os.open(path, flags, 0o600)
        try:
            if path is file and os.write(handle, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if durable:
                os.fsync(handle)
        finally:
            os.close(handle)


def create(file: Path, content: bytes) -> None:
    """Creates or replaces a file, which has all of its content or does not exist; durable on return."""
    unfinished = file.with_name(f".{file.name}.unfinished")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    finally:
        os.close(handle)
    os.replace(unfinished, file)
    sync_folder(file.parent)


def overwrite(file: Path, start: int, content: bytes) -> None:
    """Replaces bytes in place; durable on return."""
    with file.open("r+b") as stream:
        stream.seek(start)
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Creates a folder and those around it, durable on return."""
    if not folder.is_dir():
        make_folder(folder.parent, mode)
        folder.mkdir(mode, exist_ok=True)
        sync_folder(folder.parent)


def make_private_folder(folder: Path) -> None:
    """The same for a folder of the data folder, which its owner alone may read; what exists keeps its permissions."""
    make_folder(folder, PRIVATE)


def sync_folder(folder: Path) -> None:
    """Makes the names of a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
