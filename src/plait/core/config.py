"""All settings, typed and read in one place: defaults, then plait.toml, then the environment.

plait.toml is read from the working folder. The engine of a table `[models.NAME]` reads that table
(plait.core.engine.model_table).
"""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError

from plait.core.errors import SettingsError
from plait.core.toml_file import TomlTable, describe_error, read_toml_file
from plait.core.values.strict import validator_error

if TYPE_CHECKING:
    from plait.core.engine.model_table import ModelTable
else:
    ModelTable = Any  # the tables are parsed by their engines, which import this module


def resolve_secret(text: str) -> str:
    """The text, or for `env:NAME` the value of that environment variable. A validator of keys in plait.toml."""
    name = text.removeprefix("env:")
    if name == text:
        return text
    if not os.environ.get(name):
        raise validator_error(f"names the environment variable {name}, which is not set", f"export {name}=...")
    return os.environ[name]


WholeNumber = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(ge=0)]
FilePath = Annotated[Path, AfterValidator(Path.expanduser)]
Secret = Annotated[str, AfterValidator(resolve_secret)]
CONFIG = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


@dataclass(frozen=True)
class Recording:
    """The table `[recording]` of plait.toml: which answers are kept in the database, with their inputs.

    `tasks` are names of tasks; `all` means every task. Answers older than `retention_days` are deleted, 0 keeps them.
    Of the inputs named in `redact` only the sha256 is kept.
    """

    tasks: tuple[str, ...] = ()
    all: bool = False
    retention_days: WholeNumber = 90
    redact: tuple[str, ...] = ()

    __pydantic_config__ = CONFIG

    def covers(self, task: str) -> bool:
        return self.all or task in self.tasks


@dataclass(frozen=True)
class Settings:
    """The settings of Plait.

    `url` is a running Plait to use for calls; "none" disables the search for one. `keys` are the accepted API keys,
    `admin_keys` those that may also change which model answers; `timeout` is in seconds. `hub` has the files of
    `plait models add hf:...`. `tasks` are files of tasks, which plait.toml alone can name (plait.service.task_files).
    `database` is the address of a PostgreSQL database; without it there is one of SQLite in the folder `data`. `record`
    keeps the last answers of `plait run`, so that they can be corrected; `recording` keeps the answers of chosen tasks
    in the database.
    """

    data: FilePath = field(default_factory=lambda: Path.home() / ".local" / "share" / "plait")
    database: Secret = field(default="", repr=False)
    host: str = "127.0.0.1"
    port: WholeNumber = 8_800
    url: str = ""
    keys: tuple[Secret, ...] = field(default=(), repr=False)
    admin_keys: tuple[Secret, ...] = field(default=(), repr=False)
    hosts: tuple[str, ...] = ()
    threads: WholeNumber | None = None
    timeout: Seconds = 300.0
    shots: WholeNumber = 4
    shot_tokens: WholeNumber = 2_048
    queue: WholeNumber = 64
    answer_tokens: WholeNumber = 1_024
    hub: str = "https://huggingface.co"
    tasks: tuple[FilePath, ...] = ()
    record: bool = True
    recording: Recording = field(default_factory=Recording)
    models: Mapping[str, ModelTable] = field(default_factory=dict[str, ModelTable])

    __pydantic_config__ = CONFIG


FILE_NAME = "plait.toml"
LIST_SETTINGS = ("keys", "admin_keys", "hosts")
FILE_ONLY_SETTINGS = ("models", "tasks", "recording")
ENVIRONMENT_KEYS = {
    f"PLAIT_{key.upper()}": key for key in Settings.__dataclass_fields__ if key not in FILE_ONLY_SETTINGS
}


@dataclass
class LastGoodSettings:
    """The settings that a server goes on with while plait.toml cannot be read."""

    settings: Settings


last_good_settings: ContextVar[LastGoodSettings | None] = ContextVar("plait_settings", default=None)


def settings() -> Settings:
    """The current settings. Raises SettingsError quoting the unreadable value, except in a server that has read them
    before (`keep_last_good_settings`).
    """
    kept = last_good_settings.get()
    if kept is None:
        return current_settings()
    try:
        kept.settings = current_settings()
    except SettingsError:
        pass  # the catalog of the server reports it
    return kept.settings


@contextmanager
def keep_last_good_settings() -> Generator[None, None, None]:
    """In the block, and in what starts there, a plait.toml that becomes unreadable changes nothing."""
    token = last_good_settings.set(LastGoodSettings(current_settings()))
    try:
        yield
    finally:
        last_good_settings.reset(token)


def current_settings() -> Settings:
    """The settings as they are in plait.toml and the environment. Raises SettingsError.

    Every call reads the settings, so only the places where a change would appear are checked: 10 microseconds instead
    of 27 for reading the whole environment and a pathlib lookup of the file.
    """
    environment = tuple((name, os.environ[name]) for name in ENVIRONMENT_KEYS if name in os.environ)
    file = os.path.join(os.getcwd(), FILE_NAME)
    return read_settings(environment, file, file_stamp(file) if os.path.isfile(file) else None)


def file_stamp(file: str) -> tuple[int, int, int]:
    """Differs for every state of a file. The time alone moves in steps of 4 ms, within which a file may be replaced."""
    status = os.stat(file)
    return status.st_mtime_ns, status.st_size, status.st_ino


@lru_cache(maxsize=8)
def read_settings(environment: tuple[tuple[str, str], ...], file: str, stamp: tuple[int, int, int] | None) -> Settings:
    from_file = Settings() if stamp is None else parse_settings(read_settings_file(Path(file)))
    return replace(from_file, **{ENVIRONMENT_KEYS[name]: parse_variable(name, text) for name, text in environment})


def read_settings_file(file: Path) -> TomlTable:
    """The table of plait.toml, not yet parsed. Raises SettingsError."""
    return read_toml_file(file, name=FILE_NAME, hint=f"correct {file}")


def parse_settings(table: TomlTable) -> Settings:
    """The settings of plait.toml, each `[models.NAME]` read by the engine that runs the model. Raises SettingsError."""
    config = table.parse(Settings)
    if not config.models:
        return config
    from plait.core.engine.model_table import parse_table  # costs milliseconds, and imports this module

    models = table.table("models")
    return replace(config, models={name: parse_table(name, models.table(name)) for name in config.models})


def parse_variable(name: str, text: str) -> Any:
    """The value of an environment variable; lists are separated by commas. Raises SettingsError."""
    key = ENVIRONMENT_KEYS[name]
    if key in LIST_SETTINGS:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    expected = get_type_hints(Settings, include_extras=True)[key]
    try:
        return TypeAdapter(expected, config=ConfigDict(allow_inf_nan=False)).validate_strings(text)
    except ValidationError as error:
        message, hint = describe_error(Settings, error.errors()[0], (key,))
        raise SettingsError(f"{name} {message}", hint=hint) from None
