"""Takes the files out of a row: a long data URL of base64 in its JSON becomes an attachment, and back.

A path is a JSON list of the names and indices that lead to the value. What is not exactly the base64 of its bytes stays
in the row, so that a row always comes back as it was.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from plait.core.values.json_value import Json

MIN_CHARACTERS = 1_024  # shorter ones stay in the row; a file of its own costs more than it saves
MARK = ";base64,"
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Attachment:
    """A file of a row: the value at `path` is `prefix` and the base64 of `content`."""

    path: Path
    prefix: str
    content: bytes

    @property
    def path_json(self) -> str:
        return json.dumps(self.path, separators=(",", ":"))


def detach(row: Json) -> tuple[Json, list[Attachment]]:
    """The row with null for every long data URL, and these as attachments."""
    attachments = [
        Attachment(path, prefix, content) for path, text in iter_texts(row) for prefix, content in data_url_parts(text)
    ]
    for attachment in attachments:
        row = with_value(row, attachment.path, None)
    return row, attachments


def attach(row: Json, attachments: Iterable[Attachment]) -> Json:
    """The row with the data URLs of its attachments."""
    for attachment in attachments:
        text = attachment.prefix + base64.b64encode(attachment.content).decode("ascii")
        row = with_value(row, attachment.path, text)
    return row


def iter_texts(value: Json, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """The texts inside a JSON value, each with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from iter_texts(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from iter_texts(inner, (*path, index))


def data_url_parts(text: str) -> Iterator[tuple[str, bytes]]:
    """The prefix and the bytes of a long data URL; nothing for another text."""
    if len(text) < MIN_CHARACTERS or not text.startswith("data:"):
        return
    head, mark, body = text.partition(MARK)
    try:
        content = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        return
    if mark and base64.b64encode(content).decode("ascii") == body:
        yield head + mark, content


def with_value(value: Json, path: Path, new: Json) -> Json:
    """A copy of the value in which the one at the path is another one."""
    if not path:
        return new
    inner: Any = dict(value) if isinstance(value, dict) else list(value) if isinstance(value, list) else None
    inner[path[0]] = with_value(inner[path[0]], path[1:], new)
    return inner
