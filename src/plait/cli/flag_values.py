"""Values of flags: `@file` is the content of the file, `@-` standard input, `@@` a plain @.

An image is always a file: `--picture shelf.png` and `--picture @shelf.png` are the same.
"""

import sys
from pathlib import Path

from plait.core.errors import InputError, Problem
from plait.core.task.declaration import Parameter
from plait.core.values.value_type import IMAGE
from plait.types.image import Image
from plait.types.image.image_type import data_url_with_name


def flag_text(parameter: Parameter | None, name: str, text: str) -> str:
    """The text of a flag. An input unknown to the task is reported later, together with all other mistakes."""
    value_type = parameter and dict(parameter.value_type.children).get("", parameter.value_type)
    return image_source(text) if value_type and value_type.media == IMAGE else expand_text(name, text)


def image_source(text: str) -> str:
    """The path of an image, or the image read from standard input."""
    return data_url_with_name(Image(sys.stdin.buffer.read())) if text == "@-" else text.removeprefix("@")


def expand_text(flag: str, text: str) -> str:
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
