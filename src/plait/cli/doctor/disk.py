"""Whether the data folder can be written to, and how much room there is."""

import os
import shutil
import tempfile
from pathlib import Path

from plait.cli.doctor.finding import Findings, ok, warn, wrong
from plait.core.config import Settings

LITTLE = 500_000_000  # bytes


def disk(told: Settings) -> Findings:
    """Nothing is made: where the folder is not there yet, the one that it will be made in is looked at."""
    there = next(folder for folder in (told.data, *told.data.absolute().parents) if folder.exists())
    try:
        with tempfile.NamedTemporaryFile(dir=there) as file:
            file.write(b"written by plait doctor")
            file.flush()
            os.fsync(file.fileno())
        free = shutil.disk_usage(there).free
    except OSError as fault:
        yield wrong(unwritable(told.data, there, fault), "set PLAIT_DATA to a folder that you may write to")
        return
    made = "" if told.data.exists() else " (made with the first example)"
    what = f"{told.data} can be written to{made}; {free / 1e9:,.1f} GB are free"
    yield warn(what, "make room: examples and journals are kept there") if free < LITTLE else ok(what)


def unwritable(folder: Path, there: Path, fault: OSError) -> str:
    why = f"{there} is no folder" if not there.is_dir() else fault.strerror or str(fault)
    return f"{folder} cannot be written to: {why}"
