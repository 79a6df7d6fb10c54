"""What a flag's text means: `@file` is what stands in the file, `@-` standard input, `@@` a plain @."""

import sys
from pathlib import Path

from plait.core.errors import InputError, Problem


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
