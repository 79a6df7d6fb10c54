"""Reads and writes the files of reports."""

from pathlib import Path
from typing import TypeVar, cast

from pydantic import ValidationError

from plait.core.errors import InputError, SettingsError
from plait.core.values.pydantic_validation import type_adapter

R = TypeVar("R")


def write_report_file(file: str | Path, text: str) -> None:
    """Writes a report. Raises SettingsError if the file cannot be written."""
    try:
        Path(file).write_text(text, "utf-8")
    except OSError as error:
        raise SettingsError(f"{file} cannot be written: {error.strerror}") from None


def report_json(report: object) -> str:
    return type_adapter(type(report)).dump_json(report).decode()


def read_report_file(report_type: type[R], file: str | Path, name: str, command: str) -> R:
    """The report that `report_json` wrote. Raises InputError that tells the command that writes such a report."""
    try:
        return cast(R, type_adapter(report_type).validate_json(Path(file).read_bytes()))
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}") from None
    except ValidationError:
        raise InputError(f"{file} is not a report of {name}", hint=f"write one: {command}") from None
