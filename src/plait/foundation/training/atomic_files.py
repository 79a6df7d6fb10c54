"""Atomic file writes: after a kill at any moment a file has its old content or its new one, never a part."""

import os
from contextlib import suppress
from pathlib import Path

from plait.core.errors import CheckpointError


def write_atomically(file: Path, content: bytes) -> None:
    """Writes a file atomically and durably. Raises CheckpointError."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write(unfinished, content)
        unfinished.rename(file)
        fsync_folder(file.parent)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise CheckpointError(
            f"{file} cannot be written: {error.strerror}",
            details=(f"it needs {format_size(len(content))}",),
            hint="free some space, or choose another folder with --out",
        ) from None


def write(file: Path, content: bytes) -> None:
    with file.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def fsync_folder(folder: Path) -> None:
    """Flushes a folder's directory entries to disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def format_size(num_bytes: int) -> str:
    return f"{num_bytes / 1e6:,.1f} MB"
