"""What a flag's text means: `@file` is what stands in the file, `@-` standard input, `@@` a plain @.

A picture is a file anyway: `--picture shelf.png` and `--picture @shelf.png` are the same.
"""

import sys
from pathlib import Path

from plait.core.errors import InputError, Problem
from plait.core.task.declaration import Slot
from plait.types.image.value import Image, with_name


def flag_text(slot: Slot | None, name: str, given: str) -> str:
    """What a flag says of a slot, which there may be none of: that is told with all else that is wrong."""
    kind = slot and dict(slot.kind.children).get("", slot.kind)
    return picture_of(given) if kind and kind.name == "image" else text_of(name, given)


def picture_of(given: str) -> str:
    """A path, or the picture that stands in standard input."""
    return with_name(Image(sys.stdin.buffer.read())) if given == "@-" else given.removeprefix("@")


def text_of(slot: str, given: str) -> str:
    if given.startswith("@@") or not given.startswith("@"):
        return given.removeprefix("@") if given.startswith("@@") else given
    name = given[1:]
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise refused(slot, f"is not UTF-8 text (byte {fault.start})", given) from None
    except OSError as fault:
        raise refused(slot, f"cannot be read: {fault.strerror}", given) from None


def refused(slot: str, message: str, given: str) -> InputError:
    return InputError(
        f"--{slot} {message}", problems=(Problem(slot, message, given),), way_out="a plain @ is written @@"
    )
