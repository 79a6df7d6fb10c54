"""The source of a model's file: a path, a URL, or `hf:OWNER/REPOSITORY/FILE` on a hub."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from plait.core.config import settings
from plait.core.errors import InputError

HUB_PREFIX = "hf:"
HUB_FILE = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+?)(?:@(?P<revision>[\w./-]+?))?/(?P<file>[^/\s@][^\s]*)")
EXAMPLE = "plait models add hf:OWNER/REPOSITORY/FILE.gguf"


@dataclass(frozen=True)
class ModelSource:
    """A file to take a model from. `location` is a path, or a URL if `is_remote`."""

    location: str
    is_remote: bool
    file_name: str


def parse_source(text: str) -> ModelSource:
    """The source as written on the command line. Raises InputError."""
    if text.startswith(HUB_PREFIX):
        return hub_source(text)
    if "://" in text:
        return url_source(text)
    if not Path(text).is_file():
        raise InputError(f"{text} is not a file", hint=f"check the path, or name a file of a hub: {EXAMPLE}")
    return ModelSource(text, False, Path(text).name)


def hub_source(text: str) -> ModelSource:
    match = HUB_FILE.fullmatch(text.removeprefix(HUB_PREFIX))
    if match is None or ".." in PurePosixPath(text).parts:
        raise InputError(f"{text!r} does not name one file of a repository", hint=EXAMPLE)
    file = match["file"]
    location = f"{match['repository']}/resolve/{quote(match['revision'] or 'main', safe='')}/{quote(file)}"
    return ModelSource(f"{settings().hub.rstrip('/')}/{location}", True, PurePosixPath(file).name)


def url_source(text: str) -> ModelSource:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    file_name = PurePosixPath(unquote(parts.path)).name
    if parts.scheme not in ("http", "https") or not host or not file_name:
        raise InputError(f"{text!r} is not the address of a file", hint="plait models add https://HOST/FILE.gguf")
    if parts.username is not None:
        raise InputError("the address contains a user name or a password", hint="download the file, then name its path")
    return ModelSource(text, True, file_name)
