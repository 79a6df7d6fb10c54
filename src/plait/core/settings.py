"""All settings, typed, read in this one place: defaults, then plait.toml, then the environment.

plait.toml is looked for in the working folder. Keys of models belong to their engines: see `Model`.
"""

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from plait.core.errors import SettingsError
from plait.core.nearest import did_you_mean


@dataclass(frozen=True)
class Model:
    """A model of the writer's own, `[models.NAME]`: a GGUF file. `context` is in tokens, `threads` for its process."""

    path: Path
    context: int = 8_192
    threads: int | None = None


@dataclass(frozen=True)
class Settings:
    """`url` is a running Plait to use for calls, "none" asks for none. `keys` open the server; `timeout` in seconds."""

    data: Path = field(default_factory=lambda: Path.home() / ".local" / "share" / "plait")
    host: str = "127.0.0.1"
    port: int = 8_800
    url: str = ""
    keys: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    threads: int | None = None
    timeout: float = 300.0
    shots: int = 3
    queue: int = 64
    answer_tokens: int = 1_024
    models: Mapping[str, Model] = field(default_factory=dict[str, Model])


FROM_TOML: dict[str, type[Any]] = {
    "data": Path,
    "host": str,
    "port": int,
    "url": str,
    "threads": int,
    "timeout": float,
    "shots": int,
    "queue": int,
    "answer_tokens": int,
}
LISTS = ("keys", "hosts")
ENVIRONMENT = tuple(f"PLAIT_{key.upper()}" for key in (*FROM_TOML, *LISTS))
MODEL: dict[str, type[Any]] = {"path": Path, "context": int, "threads": int}
WORDS: dict[type[Any], str] = {Path: "path", str: "text", int: "whole number", float: "number"}


def settings() -> Settings:
    """The settings as they stand now. Raises SettingsError quoting what cannot be read.

    Asked for with every call, so it looks only where a change would show: 10 microseconds instead of 27, which reading
    the whole environment and asking pathlib for the file took.
    """
    environment = tuple((name, os.environ[name]) for name in ENVIRONMENT if name in os.environ)
    file = os.path.join(os.getcwd(), "plait.toml")
    return read(environment, file, os.stat(file).st_mtime_ns if os.path.isfile(file) else None)


@lru_cache(maxsize=8)
def read(environment: tuple[tuple[str, str], ...], file: str, written: int | None) -> Settings:
    told: dict[str, Any] = {}
    if written is not None:
        told = from_file(Path(file))
    for name, text in environment:
        key = name.removeprefix("PLAIT_").lower()
        if key in LISTS:
            told[key] = tuple(part.strip() for part in text.split(",") if part.strip())
        elif key in FROM_TOML:
            told[key] = typed(FROM_TOML[key], text, name)
    return Settings(**told)


def from_file(file: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as fault:
        raise SettingsError(f"plait.toml cannot be read: {fault}", way_out=f"mend {file}") from None
    told: dict[str, Any] = {}
    for key, value in table.items():
        if key == "models":
            told[key] = models(value, file)
        elif key in LISTS:
            told[key] = texts(key, value)
        else:
            known(key, (*FROM_TOML, *LISTS, "models"), "plait.toml")
            told[key] = typed(FROM_TOML[key], value, f"plait.toml: {key}")
    return told


def texts(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in cast("list[Any]", value)):
        raise SettingsError(f"plait.toml: {key} is no list of texts", way_out=f'write {key} = ["..."]')
    return tuple(map(secret, cast("list[str]", value)))


def models(value: Any, file: Path) -> dict[str, Model]:
    if not isinstance(value, dict):
        raise SettingsError("plait.toml: models is no table", way_out='write [models.NAME] and path = "model.gguf"')
    return {name: model(name, told, file) for name, told in cast("dict[str, Any]", value).items()}


def model(name: str, told: Any, file: Path) -> Model:
    """One `[models.NAME]`; a path is meant from plait.toml's own folder."""
    if not isinstance(told, dict) or "path" not in told:
        raise SettingsError(f"plait.toml: models.{name} has no path", way_out='write path = "model.gguf"')
    given: dict[str, Any] = {}
    for key, value in cast("dict[str, Any]", told).items():
        known(key, tuple(MODEL), f"plait.toml: models.{name}")
        given[key] = typed(MODEL[key], value, f"plait.toml: models.{name}.{key}")
    return Model(**{**given, "path": file.parent / given["path"]})


def known(key: str, keys: tuple[str, ...], where: str) -> None:
    if key not in keys:
        raise SettingsError(
            f"{where} has a key that is not known: {key}", way_out=did_you_mean(key, keys, f"known: {', '.join(keys)}")
        )


def typed(wanted: type[Any], value: Any, where: str) -> Any:
    """The value as the wanted type has it: numbers may stand in texts, as the environment holds them."""
    try:
        if isinstance(value, bool) or (wanted in (str, Path) and not isinstance(value, str)):
            raise TypeError
        read: Any = Path(value).expanduser() if wanted is Path else wanted(value)
        if isinstance(read, int | float) and not (0 <= read < math.inf and (isinstance(value, str) or read == value)):
            raise ValueError
    except (TypeError, ValueError):
        raise SettingsError(
            f"{where} is {value!r}, which is no {WORDS[wanted]}", way_out=f"write a {WORDS[wanted]}"
        ) from None
    return read


def secret(text: str) -> str:
    """`env:NAME` is what the environment holds under that name."""
    if not text.startswith("env:"):
        return text
    name = text.removeprefix("env:")
    if not os.environ.get(name):
        raise SettingsError(f"plait.toml takes a key from {name}, which is not set", way_out=f"export {name}=...")
    return os.environ[name]
