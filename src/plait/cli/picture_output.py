"""Writes an answer that is an image: to a file, or to standard output if that is a pipe."""

import sys
from pathlib import Path

import click

from plait.core.errors import InputError, SettingsError
from plait.core.progress import is_terminal
from plait.types.image import Image


def check_output(out: str | None) -> None:
    """Checks, before the image is generated, that it can be written. Raises InputError."""
    if out is None and is_terminal(sys.stdout):
        raise InputError(
            "an image cannot be printed to a terminal",
            hint="--out picture.png, or > picture.png; --json prints it as a data URL",
        )
    if out is not None and not Path(out).expanduser().absolute().parent.is_dir():
        raise InputError(f"--out {out}: there is no folder {Path(out).parent}")


def write_image(picture: Image, out: str | None) -> None:
    """Writes the image. Raises InputError for an unknown file format, SettingsError if the file cannot be written."""
    if out is None:
        sys.stdout.buffer.write(picture.content)
        return
    try:
        picture.save(Path(out).expanduser())
    except OSError as error:
        raise SettingsError(f"{out} cannot be written: {error.strerror}") from None
    width, height = picture.size
    click.echo(f"wrote {out}, {width} x {height} pixels", err=True)
