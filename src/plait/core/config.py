"""All settings, typed and read in one place: defaults, then plait.toml, then the environment.

plait.toml is read from the working folder. The engine of a table `[models.NAME]` reads that table
(plait.core.engine.model_table).
"""

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from plait.core.errors import SettingsError
from plait.core.suggestions import did_you_mean

if TYPE_CHECKING:
    from plait.core.engine.model_table import ModelTable


@dataclass(frozen=True)
class Settings:
    """The settings of Plait.

    `url` is a running Plait to use for calls; "none" disables the search for one. `keys` are the accepted API keys;
    `timeout` is in seconds.
    """

    data: Path = field(default_factory=lambda: Path.home() / ".local" / "share" / "plait")
    host: str = "127.0.0.1"
    port: int = 8_800
    url: str = ""
    keys: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    threads: int | None = None
    timeout: float = 300.0
    shots: int = 4
    shot_tokens: int = 2_048
    queue: int = 64
    answer_tokens: int = 1_024
    models: "Mapping[str, ModelTable]" = field(default_factory=lambda: dict[str, "ModelTable"]())


SETTING_TYPES: dict[str, type[Any]] = {
    "data": Path,
    "host": str,
    "port": int,
    "url": str,
    "threads": int,
    "timeout": float,
    "shots": int,
    "shot_tokens": int,
    "queue": int,
    "answer_tokens": int,
}
LIST_SETTINGS = ("keys", "hosts")
ENVIRONMENT_NAMES = tuple(f"PLAIT_{key.upper()}" for key in (*SETTING_TYPES, *LIST_SETTINGS))
TYPE_NAMES: dict[type[Any], str] = {
    Path: "path",
    str: "text",
    int: "whole number",
    float: "number",
}


def settings() -> Settings:
    """The current settings. Raises SettingsError quoting the unreadable value.

    Every call reads the settings, so only the places where a change would appear are checked: 10 microseconds instead
    of 27 for reading the whole environment and a pathlib lookup of the file.
    """
    environment = tuple((name, os.environ[name]) for name in ENVIRONMENT_NAMES if name in os.environ)
    file = os.path.join(os.getcwd(), "plait.toml")
    return read_settings(environment, file, os.stat(file).st_mtime_ns if os.path.isfile(file) else None)


@lru_cache(maxsize=8)
def read_settings(environment: tuple[tuple[str, str], ...], file: str, modified_ns: int | None) -> Settings:
    values: dict[str, Any] = {}
    if modified_ns is not None:
        values = read_toml(Path(file))
    for name, text in environment:
        key = name.removeprefix("PLAIT_").lower()
        if key in LIST_SETTINGS:
            values[key] = tuple(part.strip() for part in text.split(",") if part.strip())
        elif key in SETTING_TYPES:
            values[key] = parse_value(SETTING_TYPES[key], text, name)
    return Settings(**values)


def read_toml(file: Path) -> dict[str, Any]:
    """The settings of the file, by name. Raises SettingsError."""
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"plait.toml cannot be read: {error}", hint=f"mend {file}") from None
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key == "models":
            values[key] = parse_models(value, file)
        elif key in LIST_SETTINGS:
            values[key] = parse_texts(key, value)
        else:
            check_key(key, (*SETTING_TYPES, *LIST_SETTINGS, "models"), "plait.toml")
            values[key] = parse_value(SETTING_TYPES[key], value, f"plait.toml: {key}")
    return values


def parse_texts(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in cast("list[Any]", value)):
        raise SettingsError(f"plait.toml: {key} is no list of texts", hint=f'write {key} = ["..."]')
    return tuple(map(resolve_secret, cast("list[str]", value)))


def parse_models(value: Any, file: Path) -> "dict[str, ModelTable]":
    """The tables `[models.NAME]`, each read by the engine that runs the model."""
    if not isinstance(value, dict):
        raise SettingsError("plait.toml: models is no table", hint='write [models.NAME] and path = "model.gguf"')
    # Pydantic and the engines' settings are imported only when a model is configured.
    from plait.core.engine.model_table import parse_table

    tables = cast("dict[str, Any]", value)
    return {name: parse_table(name, table, file.parent) for name, table in tables.items()}


def check_key(key: str, keys: tuple[str, ...], where: str) -> None:
    if key not in keys:
        raise SettingsError(
            f"{where} has a key that is not known: {key}", hint=did_you_mean(key, keys, f"known: {', '.join(keys)}")
        )


def parse_value(expected: type[Any], value: Any, where: str) -> Any:
    """The value in the expected type. Numbers may be given as text, as in the environment."""
    try:
        if isinstance(value, bool) or (expected in (str, Path) and not isinstance(value, str)):
            raise TypeError
        parsed: Any = Path(value).expanduser() if expected is Path else expected(value)
        if isinstance(parsed, int | float) and not (
            0 <= parsed < math.inf and (isinstance(value, str) or parsed == value)
        ):
            raise ValueError
    except (TypeError, ValueError):
        raise SettingsError(
            f"{where} is {value!r}, which is no {TYPE_NAMES[expected]}", hint=f"write a {TYPE_NAMES[expected]}"
        ) from None
    return parsed


def resolve_secret(text: str) -> str:
    """The text, or for `env:NAME` the value of that environment variable."""
    if not text.startswith("env:"):
        return text
    name = text.removeprefix("env:")
    if not os.environ.get(name):
        raise SettingsError(f"plait.toml takes a key from {name}, which is not set", hint=f"export {name}=...")
    return os.environ[name]
