"""The files of calibrations: `calibrations/TASK.MODEL.json` in the project, or beside the task's file."""

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from os import stat_result
from pathlib import Path

from pydantic import ValidationError

from plait.core.engine.calibration import Calibration
from plait.core.errors import SettingsError
from plait.core.prompting.project import project_folder
from plait.core.task.declaration import Declaration
from plait.core.values.durable_files import create, make_folder
from plait.core.values.pydantic_validation import type_adapter

FOLDER = "calibrations"


def calibration_file(declaration: Declaration, model: str) -> Path:
    """The file of a task's calibration with a model in the project, by the model's name without its version."""
    return file_in_folder(str(project_folder(declaration)), declaration.name, model)


def calibration_files(declaration: Declaration, model: str) -> Iterator[Path]:
    """The project's file first, then the one that came with the task."""
    yield calibration_file(declaration, model)
    yield file_in_folder(os.path.dirname(declaration.source.file), declaration.name, model)


@lru_cache(maxsize=256)
def file_in_folder(folder: str, task: str, model: str) -> Path:
    """Every call looks for these files: pathlib would take a sixth of its 600 microseconds."""
    name = re.sub(r"[^0-9A-Za-z._-]", "_", model.partition("@")[0])
    return Path(folder, FOLDER, f"{task}.{name}.json")


def find_calibration(declaration: Declaration, model: str) -> Calibration | None:
    """The calibration of this form of a task with a model, of whatever version; None if there is none.

    Raises SettingsError for a file that is not a calibration.
    """
    for file in dict.fromkeys(calibration_files(declaration, model)):
        try:
            status = file.stat()
        except OSError:
            continue
        calibration = read_calibration(file, file_version(status))
        if calibration.fingerprint == declaration.fingerprint:
            return calibration
    return None


def file_version(status: stat_result) -> tuple[int, int]:
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=64)
def read_calibration(file: Path, version: tuple[int, int]) -> Calibration:
    """The calibration in a file, read once for each `version` of it."""
    try:
        return type_adapter(Calibration).validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise SettingsError(
            f"{file} is not a calibration: {str(error).splitlines()[0]}",
            hint="plait evaluate TASK --calibrate writes it anew",
        ) from None


def save_calibration(declaration: Declaration, calibration: Calibration) -> Path:
    """Writes the calibration into the project; its file. Raises SettingsError if it cannot be written."""
    file = calibration_file(declaration, calibration.model)
    try:
        make_folder(file.parent)
        create(file, type_adapter(Calibration).dump_json(calibration, indent=1) + b"\n")
    except OSError as error:
        raise SettingsError(
            f"{file} cannot be written: {error.strerror}", hint="run the command in a folder with a plait.toml"
        ) from None
    return file
