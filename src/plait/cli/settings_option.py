"""The option `--settings FOLDER/plait.toml` of `plait serve` and `plait up`: work with the settings of that folder."""

import os
from pathlib import Path

import click

from plait.core.config import FILE_NAME
from plait.core.errors import SettingsError

settings_option = click.option(
    "--settings",
    "settings_file",
    type=click.Path(path_type=Path),
    help="The plait.toml to use.  [that of the working folder]",
)


def enter_folder(settings_file: Path | None, files: tuple[Path, ...]) -> tuple[Path, ...]:
    """Works in the folder of the named plait.toml from here on. Returns the files of the command line, seen from there.

    Raises SettingsError if it is not a plait.toml.
    """
    if settings_file is None:
        return files
    if settings_file.name != FILE_NAME or not settings_file.is_file():
        raise SettingsError(f"{settings_file} is not a {FILE_NAME}", hint=f"plait up --settings FOLDER/{FILE_NAME}")
    absolute = tuple(file.absolute() for file in files)
    os.chdir(settings_file.parent)
    return absolute
