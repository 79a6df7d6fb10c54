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

BOXES = ("pixels", "per-mille", "unit")
Arithmetic = Literal["fp32", "bf16", "int8"]
ARITHMETIC: tuple[Arithmetic, ...] = get_args(Arithmetic)


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
    arithmetic: Arithmetic = "fp32"
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


Model = GgufFile | WeightsFile | Server
WEIGHTS = ".safetensors"  # the ending of what is no GGUF file


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
    models: Mapping[str, Model] = field(default_factory=dict[str, Model])


FROM_TOML: dict[str, type[Any]] = {
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
LISTS = ("keys", "hosts")
ENVIRONMENT = tuple(f"PLAIT_{key.upper()}" for key in (*FROM_TOML, *LISTS))
GGUF_FILE: dict[str, type[Any]] = {"path": Path, "context": int, "threads": int}
WEIGHTS_FILE: dict[str, type[Any]] = {"path": Path, "threads": int, "arithmetic": str, "compiled": bool}
SERVER: dict[str, type[Any]] = {"url": str, "name": str, "key": str, "boxes": str, "pictures": bool, "context": int}
WORDS: dict[type[Any], str] = {
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
    """One `[models.NAME]`: a path, which is meant from plait.toml's own folder, or the url of a server."""
    where = f"plait.toml: models.{name}"
    if not isinstance(told, dict) or not {"path", "url", "arithmetic", "compiled"} & set(cast("dict[str, Any]", told)):
        raise SettingsError(
            f"{where} has no path and no url", way_out='write path = "model.gguf", or url = "http://127.0.0.1:8000/v1"'
        )
    table = cast("dict[str, Any]", told)
    one_or_the_other(table, where)
    if "url" in table:
        return server(table, where)
    weights = str(table.get("path", WEIGHTS)).endswith(WEIGHTS)
    given = given_for(WEIGHTS_FILE if weights else GGUF_FILE, table, where)
    if "path" in given:
        given["path"] = file.parent / given["path"]
    return weights_file(given, where) if weights else GgufFile(**given)


def weights_file(given: dict[str, Any], where: str) -> WeightsFile:
    found = WeightsFile(**given)
    if found.arithmetic not in ARITHMETIC:
        way_out = did_you_mean(found.arithmetic, ARITHMETIC, f"known: {', '.join(ARITHMETIC)}")
        raise SettingsError(f"{where}.arithmetic is {found.arithmetic!r}, which is none", way_out=way_out)
    return found


def one_or_the_other(table: dict[str, Any], where: str) -> None:
    """Raises SettingsError where the keys of a file and of a server stand side by side."""
    files = GGUF_FILE | WEIGHTS_FILE
    this, others = ("url", files.keys() - SERVER.keys()) if "url" in table else ("path", SERVER.keys() - {"context"})
    foreign = sorted(others & set(table))
    if foreign:
        raise SettingsError(
            f"{where} has both {this} and {foreign[0]}",
            way_out="a model is a GGUF file (path, context, threads) or a server (url, name, key, boxes, pictures, "
            "context): write two tables",
        )


def given_for(keys: dict[str, type[Any]], table: dict[str, Any], where: str) -> dict[str, Any]:
    for key in table:
        known(key, tuple(keys), where)
    return {key: typed(keys[key], value, f"{where}.{key}") for key, value in table.items() if key != "key"}


def server(table: dict[str, Any], where: str) -> Server:
    given = given_for(SERVER, table, where)
    boxes: str = given.get("boxes", "")
    if boxes not in ("", *BOXES):
        way_out = did_you_mean(boxes, BOXES, f"known: {', '.join(BOXES)}")
        raise SettingsError(f"{where}.boxes is {boxes!r}, which is no frame of boxes", way_out=way_out)
    given |= {"url": address(given["url"], f"{where}.url"), "key": key_of(table, where)}
    return Server(**given)


def address(url: str, where: str) -> str:
    """The url without a slash at its end. Raises SettingsError; what stands before an @ is never shown."""
    try:
        parts = urlsplit(url)
        fitting = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port)
    except ValueError:
        parts, fitting = None, False
    if parts and parts.username is not None:
        raise SettingsError(f"{where} has a name or a password in it", way_out='write it as key = "env:NAME"')
    if not (parts and fitting) or parts.query or parts.fragment or not url.isascii() or not url.isprintable():
        raise SettingsError(
            f"{where} is {url!r}, which is no address", way_out='write url = "http://127.0.0.1:8000/v1"'
        )
    return url.rstrip("/")


def key_of(table: dict[str, Any], where: str) -> str:
    """The key, which no error shows."""
    key = table.get("key", "")
    found = secret(key) if isinstance(key, str) else None
    if found is None or not found.isascii() or not all("!" <= character <= "~" for character in found):
        raise SettingsError(f"{where}.key is no key: printable ASCII without spaces", way_out='write key = "env:NAME"')
    return found


def known(key: str, keys: tuple[str, ...], where: str) -> None:
    if key not in keys:
        raise SettingsError(
            f"{where} has a key that is not known: {key}", way_out=did_you_mean(key, keys, f"known: {', '.join(keys)}")
        )


def typed(wanted: type[Any], value: Any, where: str) -> Any:
    """The value as the wanted type has it: numbers may stand in texts, as the environment holds them."""
    try:
        if wanted is bool and isinstance(value, bool):
            return value
        if isinstance(value, bool) or wanted is bool or (wanted in (str, Path) and not isinstance(value, str)):
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
