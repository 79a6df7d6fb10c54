"""All settings, typed, read in this one place: defaults, then plait.toml, then the environment.

plait.toml is looked for in the working folder. A model is a file or a server: see `GgufFile`, `WeightsFile`, `Server`.
"""

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast, get_args
from urllib.parse import urlsplit

from plait.core.errors import SettingsError
from plait.core.suggestions import did_you_mean

BOX_FORMATS = ("pixels", "per-mille", "unit")
Precision = Literal["fp32", "bf16", "int8"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)


@dataclass(frozen=True)
class GgufFile:
    """`[models.NAME]` with a path: a model run here. `context` is in tokens, `threads` for its process."""

    path: Path
    context: int = 8_192
    threads: int | None = None


@dataclass(frozen=True)
class WeightsFile:
    """`[models.NAME]` with a path to a .safetensors file: weights of the unified model, run here. Without a path they
    are those that came with Plait under that name. How they are run best on a machine `plait optimize` finds out.
    """

    path: Path | None = None
    threads: int | None = None
    arithmetic: Precision = "fp32"
    compiled: bool = False


@dataclass(frozen=True)
class Server:
    """`[models.NAME]` with a url: a model that answers on an OpenAI-compatible server, whose paths begin at `url`.

    `name` is what the server calls it, "" its only one. `boxes` is the frame that it writes boxes in, "" unknown;
    `pictures` whether it may read them; `context` in tokens, None where only the server knows.
    """

    url: str
    name: str = ""
    key: str = field(default="", repr=False)
    boxes: str = ""
    pictures: bool = True
    context: int | None = None


ModelSettings = GgufFile | WeightsFile | Server
WEIGHTS_SUFFIX = ".safetensors"  # the ending of what is no GGUF file


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
    shots: int = 4
    shot_tokens: int = 2_048
    queue: int = 64
    answer_tokens: int = 1_024
    models: Mapping[str, ModelSettings] = field(default_factory=dict[str, ModelSettings])


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
GGUF_FILE_TYPES: dict[str, type[Any]] = {"path": Path, "context": int, "threads": int}
WEIGHTS_FILE_TYPES: dict[str, type[Any]] = {"path": Path, "threads": int, "arithmetic": str, "compiled": bool}
SERVER_TYPES: dict[str, type[Any]] = {
    "url": str,
    "name": str,
    "key": str,
    "boxes": str,
    "pictures": bool,
    "context": int,
}
TYPE_NAMES: dict[type[Any], str] = {
    Path: "path",
    str: "text",
    int: "whole number",
    float: "number",
    bool: "truth value (true, false)",
}


def settings() -> Settings:
    """The settings as they stand now. Raises SettingsError quoting what cannot be read.

    Asked for with every call, so it looks only where a change would show: 10 microseconds instead of 27, which reading
    the whole environment and asking pathlib for the file took.
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


def parse_models(value: Any, file: Path) -> dict[str, ModelSettings]:
    if not isinstance(value, dict):
        raise SettingsError("plait.toml: models is no table", hint='write [models.NAME] and path = "model.gguf"')
    return {name: parse_model(name, model, file) for name, model in cast("dict[str, Any]", value).items()}


def parse_model(name: str, value: Any, file: Path) -> ModelSettings:
    """One `[models.NAME]`: a path, which is meant from plait.toml's own folder, or the url of a server."""
    where = f"plait.toml: models.{name}"
    if not isinstance(value, dict) or not {"path", "url", "arithmetic", "compiled"} & set(
        cast("dict[str, Any]", value)
    ):
        raise SettingsError(
            f"{where} has no path and no url", hint='write path = "model.gguf", or url = "http://127.0.0.1:8000/v1"'
        )
    table = cast("dict[str, Any]", value)
    check_exclusive_keys(table, where)
    if "url" in table:
        return parse_server(table, where)
    weights = str(table.get("path", WEIGHTS_SUFFIX)).endswith(WEIGHTS_SUFFIX)
    values = parse_keys(WEIGHTS_FILE_TYPES if weights else GGUF_FILE_TYPES, table, where)
    if "path" in values:
        values["path"] = file.parent / values["path"]
    return parse_weights_file(values, where) if weights else GgufFile(**values)


def parse_weights_file(values: dict[str, Any], where: str) -> WeightsFile:
    weights_file = WeightsFile(**values)
    if weights_file.arithmetic not in PRECISIONS:
        hint = did_you_mean(weights_file.arithmetic, PRECISIONS, f"known: {', '.join(PRECISIONS)}")
        raise SettingsError(f"{where}.arithmetic is {weights_file.arithmetic!r}, which is none", hint=hint)
    return weights_file


def check_exclusive_keys(table: dict[str, Any], where: str) -> None:
    """Raises SettingsError where the keys of a file and of a server stand side by side."""
    files = GGUF_FILE_TYPES | WEIGHTS_FILE_TYPES
    this_key, other_keys = (
        ("url", files.keys() - SERVER_TYPES.keys()) if "url" in table else ("path", SERVER_TYPES.keys() - {"context"})
    )
    foreign = sorted(other_keys & set(table))
    if foreign:
        raise SettingsError(
            f"{where} has both {this_key} and {foreign[0]}",
            hint="a model is a GGUF file (path, context, threads) or a server (url, name, key, boxes, pictures, "
            "context): write two tables",
        )


def parse_keys(types: dict[str, type[Any]], table: dict[str, Any], where: str) -> dict[str, Any]:
    for key in table:
        check_key(key, tuple(types), where)
    return {key: parse_value(types[key], value, f"{where}.{key}") for key, value in table.items() if key != "key"}


def parse_server(table: dict[str, Any], where: str) -> Server:
    values = parse_keys(SERVER_TYPES, table, where)
    boxes: str = values.get("boxes", "")
    if boxes not in ("", *BOX_FORMATS):
        hint = did_you_mean(boxes, BOX_FORMATS, f"known: {', '.join(BOX_FORMATS)}")
        raise SettingsError(f"{where}.boxes is {boxes!r}, which is no frame of boxes", hint=hint)
    values |= {"url": parse_url(values["url"], f"{where}.url"), "key": parse_key(table, where)}
    return Server(**values)


def parse_url(url: str, where: str) -> str:
    """The url without a slash at its end. Raises SettingsError; what stands before an @ is never shown."""
    try:
        parts = urlsplit(url)
        is_http_url = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port)
    except ValueError:
        parts, is_http_url = None, False
    if parts and parts.username is not None:
        raise SettingsError(f"{where} has a name or a password in it", hint='write it as key = "env:NAME"')
    if not (parts and is_http_url) or parts.query or parts.fragment or not url.isascii() or not url.isprintable():
        raise SettingsError(f"{where} is {url!r}, which is no address", hint='write url = "http://127.0.0.1:8000/v1"')
    return url.rstrip("/")


def parse_key(table: dict[str, Any], where: str) -> str:
    """The key, which no error shows."""
    key = table.get("key", "")
    secret = resolve_secret(key) if isinstance(key, str) else None
    if secret is None or not secret.isascii() or not all("!" <= character <= "~" for character in secret):
        raise SettingsError(f"{where}.key is no key: printable ASCII without spaces", hint='write key = "env:NAME"')
    return secret


def check_key(key: str, keys: tuple[str, ...], where: str) -> None:
    if key not in keys:
        raise SettingsError(
            f"{where} has a key that is not known: {key}", hint=did_you_mean(key, keys, f"known: {', '.join(keys)}")
        )


def parse_value(expected: type[Any], value: Any, where: str) -> Any:
    """The value as the wanted type has it: numbers may stand in texts, as the environment holds them."""
    try:
        if expected is bool and isinstance(value, bool):
            return value
        if isinstance(value, bool) or expected is bool or (expected in (str, Path) and not isinstance(value, str)):
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
    """`env:NAME` is what the environment holds under that name."""
    if not text.startswith("env:"):
        return text
    name = text.removeprefix("env:")
    if not os.environ.get(name):
        raise SettingsError(f"plait.toml takes a key from {name}, which is not set", hint=f"export {name}=...")
    return os.environ[name]
