"""Adds `[models.NAME]` tables to plait.toml: nothing in it changes, and the old file is kept as plait.toml.bak.

A plait.toml that is a symbolic link is refused. A link usually leads to a file that other folders or a manager of
dotfiles share: replacing the link would separate them without a word, and writing through it would change them all.
"""

import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any

from plait.core.config import FILE_NAME, read_settings_file
from plait.core.errors import SettingsError
from plait.core.values import durable_files

Table = Mapping[str, str | int | float | bool]
BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class SettingsEdit:
    """A change of plait.toml that is not written yet. `before` is the file as read; None if there is none."""

    file: Path
    before: bytes | None
    after: bytes

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        old, new = ((content or b"").decode().splitlines(keepends=True) for content in (self.before, self.after))
        return "".join(
            unified_diff(old, new, self.file.name if self.before is not None else os.devnull, self.file.name)
        )

    @property
    def backup(self) -> Path:
        return self.file.with_name(f"{self.file.name}.bak")

    def write(self) -> None:
        """Writes the backup, then the file; both are complete or not there. Raises SettingsError."""
        if read_bytes(self.file) != self.before:
            raise SettingsError(f"{self.file} was changed in the meantime, and is left as it is", hint="run it again")
        try:
            if self.before is not None:
                replace_file(self.backup, self.before, like=self.file)
            replace_file(self.file, self.after, like=self.file)
        except OSError as error:
            raise SettingsError(
                f"{self.file} cannot be written: {error.strerror}; it is left as it is",
                hint="free some space, or check that the folder is writable",
            ) from None


def add_models(file: Path, tables: Mapping[str, Table]) -> SettingsEdit:
    """The change that adds these tables, by name, at the end. Raises SettingsError with the tables to add by hand."""
    check_link(file, tables)
    before = read_bytes(file)
    values = {} if before is None else dict(read_settings_file(file).values)
    models: dict[str, Any] = values.get("models", {})
    for name in tables:
        if name in models:
            raise SettingsError(
                f"{FILE_NAME} already has [models.{name}]", hint=f"replace that table with:\n\n{toml_tables(tables)}"
            )
    after = with_tables((before or b"").decode(), tables)
    expected = {**values, "models": {**models, **{name: dict(table) for name, table in tables.items()}}}
    if tomllib.loads(after.removeprefix(BYTE_ORDER_MARK)) != expected:
        raise SettingsError(f"{file} cannot be extended", hint=f"add to it by hand:\n\n{toml_tables(tables)}")
    return SettingsEdit(file, before, after.encode())


def check_link(file: Path, tables: Mapping[str, Table]) -> None:
    if file.is_symlink():
        target = file.resolve()
        raise SettingsError(
            f"{file} is a link to {target}, which may be in use elsewhere: it is left as it is",
            hint=f"add to {target}:\n\n{toml_tables(tables)}\n"
            f"or make it a file of its own, and run it again: cp --remove-destination {target} {file}",
        )


def with_tables(text: str, tables: Mapping[str, Table]) -> str:
    """The text of a TOML file with the tables at its end, or inside `models = {...}` if it is written so."""
    import tomlkit
    from tomlkit.items import InlineTable

    newline = "\r\n" if "\r\n" in text else "\n"
    document = tomlkit.parse(text.removeprefix(BYTE_ORDER_MARK))
    models = document.get("models")
    if isinstance(models, InlineTable):
        for name, table in tables.items():
            inline = tomlkit.inline_table()
            inline.update(table)
            models[name] = inline
        return BYTE_ORDER_MARK * text.startswith(BYTE_ORDER_MARK) + tomlkit.dumps(document)
    gap = newline * (bool(text) and not text.endswith("\n")) + newline * bool(text.strip())
    return text + gap + toml_tables(tables).replace("\n", newline)


def toml_tables(tables: Mapping[str, Table]) -> str:
    """The tables as TOML: `[models.NAME]` with their keys."""
    import tomlkit

    models = tomlkit.table(is_super_table=True)
    for name, values in tables.items():
        table = tomlkit.table()
        table.update(values)
        models[name] = table
    document = tomlkit.document()
    document["models"] = models
    return tomlkit.dumps(document)


def read_bytes(file: Path) -> bytes | None:
    """The content of the file; None if there is none. Raises SettingsError."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}", hint=f"check that {file} can be read") from None


def replace_file(file: Path, content: bytes, like: Path) -> None:
    """Creates or replaces the file, with the permissions and the owner of `like` if that exists."""
    status = like.stat() if like.exists() else None
    try:
        durable_files.create(file, content)
    except OSError:
        file.with_name(f".{file.name}.unfinished").unlink(missing_ok=True)
        raise
    if status is not None:
        file.chmod(status.st_mode & 0o7777)
        with suppress(OSError):
            os.chown(file, status.st_uid, status.st_gid)
