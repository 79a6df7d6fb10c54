"""Check of `plait doctor`: the data folder is writable and has free space."""

import os
import shutil
import tempfile
from pathlib import Path

from plait.core.config import Settings
from plait.service.supervisor.finding import Findings, ok, warn, wrong

LOW_DISK_BYTES = 500_000_000  # bytes


def check_disk(settings: Settings) -> Findings:
    """Checks the data folder or, if it does not exist yet, its nearest existing parent. Creates no folder."""
    existing = next(folder for folder in (settings.data, *settings.data.absolute().parents) if folder.exists())
    try:
        with tempfile.NamedTemporaryFile(dir=existing) as file:
            file.write(b"written by plait doctor")
            file.flush()
            os.fsync(file.fileno())
        free = shutil.disk_usage(existing).free
    except OSError as error:
        yield wrong(unwritable_message(settings.data, existing, error), "set PLAIT_DATA to a writable folder")
        return
    creation_note = "" if settings.data.exists() else " (created with the first example)"
    message = f"{settings.data} is writable{creation_note}; {free / 1e9:,.1f} GB are free"
    yield (
        warn(message, "free some space: examples and journals are stored there")
        if free < LOW_DISK_BYTES
        else ok(message)
    )


def unwritable_message(folder: Path, existing: Path, error: OSError) -> str:
    reason = f"{existing} is not a folder" if not existing.is_dir() else error.strerror or str(error)
    return f"{folder} cannot be written to: {reason}"
