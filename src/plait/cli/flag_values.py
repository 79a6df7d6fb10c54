"""Values of flags: `@file` is the content of the file, `@-` standard input, `@@` a plain @, `@=text` the text itself.

An image is always a file: `--picture shelf.png` and `--picture @shelf.png` are the same. A text that is the name of a
file is refused, with both commands that it can mean.
"""

import shlex
import sys
from contextlib import suppress
from pathlib import Path

from plait.core.errors import InputError, Problem
from plait.core.task.declaration import Parameter
from plait.core.values.json_text import parse_json
from plait.core.values.quoting import quote
from plait.core.values.value_type import IMAGE
from plait.types.image import Image
from plait.types.image.image_type import data_url_with_name


def flag_text(parameter: Parameter | None, name: str, text: str) -> str:
    """The text of a flag. An input unknown to the task is reported later, together with all other mistakes."""
    value_type = parameter and (parameter.value_type.optional_type or parameter.value_type)
    if value_type and value_type.media == IMAGE:
        return image_source(text)
    if value_type and (value_type.is_text or value_type.written_as_json):
        check_file_name(name, text)
    return expand_text(name, text)


def check_file_name(name: str, text: str) -> None:
    """Raises InputError for a text that is exactly the name of a file: its content was almost always meant."""
    if not is_file_name(text):
        return
    flag = f"--{name.replace('_', '-')}"
    raise InputError(
        f"{flag} is the name of a file, not its content",
        problems=(Problem(name, "names a file", quote(text)),),
        hint=f"did you mean {flag} {shlex.quote(f'@{text}')}?\nfor the text itself: {flag} {shlex.quote(f'@={text}')}",
    )


def is_file_name(text: str) -> bool:
    with suppress(OSError, ValueError):  # a text that no file can have as its name
        return Path(text).is_file()
    return False


def is_json_text(text: str) -> bool:
    try:
        parse_json(text)
    except ValueError:
        return False
    return True


def literal_text(text: str) -> str:
    """The flag's text for a value that is this text, whatever it begins with and whichever files exist."""
    return f"@={text}" if text.startswith("@") or is_file_name(text) else text


def image_source(text: str) -> str:
    """The path of an image, or the image read from standard input."""
    return data_url_with_name(Image(sys.stdin.buffer.read())) if text == "@-" else text.removeprefix("@")


def expand_text(flag: str, text: str) -> str:
    if text.startswith("@="):
        return text[2:]
    if text.startswith("@@") or not text.startswith("@"):
        return text.removeprefix("@") if text.startswith("@@") else text
    name = text[1:]
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise flag_error(flag, f"is not UTF-8 text (byte {error.start})", text) from None
    except OSError as error:
        raise flag_error(flag, f"cannot be read: {error.strerror}", text) from None


def flag_error(flag: str, message: str, text: str) -> InputError:
    return InputError(f"--{flag} {message}", problems=(Problem(flag, message, text),), hint="write @@ for a plain @")
