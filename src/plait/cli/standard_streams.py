"""Standard input, output and errors of the command line, whatever they are connected to.

A letter that the terminal's encoding lacks is written as JSON writes it, `\\u2192`: output stays unambiguous, and valid
where it is JSON. A stream that is closed is replaced by one that goes nowhere, so that no other file takes its number.
"""

import codecs
import io
import os
import sys

import click

from plait.core.progress import is_terminal
from plait.core.values.json_text import escape_non_ascii

ESCAPES = "plait_escapes"  # the error handler
# Click writes UTF-8 where a stream says "ascii". A person who sets PYTHONIOENCODING=ascii means it.
PLAIN_ASCII = "plait_ascii"
STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def prepare_streams() -> None:
    """Makes all three streams usable. Called once, before anything is read or printed."""
    codecs.register_error(ESCAPES, escape_unencodable)
    codecs.register(find_codec)
    for number, (name, mode) in enumerate(STREAMS):
        reopen_descriptor(number)
        stream = getattr(sys, name)
        if stream is None or stream.closed:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))
        elif mode == "w" and isinstance(stream, io.TextIOWrapper):
            is_ascii = codecs.lookup(stream.encoding).name == "ascii"
            stream.reconfigure(encoding=PLAIN_ASCII if is_ascii else None, errors=ESCAPES)


def reopen_descriptor(number: int) -> None:
    """Opens a descriptor that the shell closed (`2>&-`): otherwise the next file opened would get what is printed."""
    try:
        os.fstat(number)
    except OSError:
        handle = os.open(os.devnull, os.O_RDWR)
        if handle != number:
            os.dup2(handle, number)
            os.close(handle)


def escape_unencodable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return escape_non_ascii(error.object[error.start : error.end]), error.end


def find_codec(name: str) -> codecs.CodecInfo | None:
    """ASCII under a name of its own."""
    if name != PLAIN_ASCII:
        return None
    ascii_codec = codecs.lookup("ascii")
    return codecs.CodecInfo(
        ascii_codec.encode, ascii_codec.decode, ascii_codec.streamreader, ascii_codec.streamwriter,
        ascii_codec.incrementalencoder, ascii_codec.incrementaldecoder, name=PLAIN_ASCII,
    )  # fmt: skip


def echo_json(text: str) -> None:
    """Prints JSON for programs: as UTF-8, or with escapes where a pipe has another encoding (Windows)."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    is_utf8 = codecs.lookup(encoding).name == "utf-8"
    click.echo(text if is_utf8 or is_terminal(sys.stdout) else escape_non_ascii(text))
