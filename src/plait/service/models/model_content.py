"""What a model's file contains: weights in GGUF or in Plait's own format are taken, everything else is refused.

Pickles are refused by content and not only by name, because loading one runs whatever code it holds. Plait loads no
code from a repository either: a file of Python is no model.
"""

from pathlib import Path

from plait.core.errors import CheckpointError, InputError
from plait.foundation.cards.gguf.header import parse_header
from plait.foundation.cards.gguf.header_bytes import HeaderBytes
from plait.foundation.cards.gguf.values import GgufValue
from plait.foundation.cards.header import read_header
from plait.foundation.cards.shipped import WEIGHTS_SUFFIX

GGUF_SUFFIX = ".gguf"
GGUF_MAGIC = b"GGUF"
HEAD_BYTES = 16  # bytes that tell the formats apart
PICKLE_SUFFIXES = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt")
CODE_SUFFIXES = (".py", ".pyc", ".so", ".ipynb", ".sh")
ZIP_MAGIC = b"PK\x03\x04"
PICKLE_MAGICS = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
GGUF_HINT = "take the GGUF file of this model; most repositories with GGUF in their name have one"


def check_name(file_name: str) -> None:
    """Raises InputError for the names of pickles and of code, before anything is downloaded."""
    suffix = Path(file_name).suffix.lower()
    if suffix in PICKLE_SUFFIXES:
        raise pickle_error(file_name)
    if suffix in CODE_SUFFIXES:
        raise InputError(f"{file_name} is code, which Plait never loads from elsewhere", hint=GGUF_HINT)


def check_head(file_name: str, head: bytes) -> None:
    """Raises InputError unless the first bytes of a file are those of weights."""
    if head.startswith(GGUF_MAGIC):
        return
    # Pickles of protocol 2 and later, and the archives of pickles that torch.save writes.
    if head.startswith((ZIP_MAGIC, *PICKLE_MAGICS)):
        raise pickle_error(file_name)
    if head[8:9] == b"{" and file_name.lower().endswith(WEIGHTS_SUFFIX):
        return
    raise InputError(
        f"{file_name} is not a model: it begins with {head[:8]!r}, and a GGUF file with {GGUF_MAGIC!r}", hint=GGUF_HINT
    )


def weights_suffix(file: Path, file_name: str) -> str:
    """The suffix by which the engine of these weights is chosen. Raises InputError for others."""
    with file.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    check_head(file_name, head)
    if head.startswith(GGUF_MAGIC):
        check_gguf(file, file_name)
        return GGUF_SUFFIX
    try:
        read_header(file)
    except CheckpointError as error:
        raise InputError(
            f"{file_name} holds weights that Plait did not train: {error.message}", hint=GGUF_HINT
        ) from None
    return WEIGHTS_SUFFIX


def check_gguf(file: Path, file_name: str) -> None:
    """Raises InputError for a GGUF file with a damaged header, or of an adapter, which is no model by itself."""
    try:
        with file.open("rb") as stream:
            header = parse_header(HeaderBytes(Path(file_name), stream), file.stat().st_size)
    except CheckpointError as error:
        raise InputError(error.message, hint=error.hint) from None
    if header.metadata.get("general.type") == GgufValue.text("adapter"):
        raise InputError(
            f"{file_name} is an adapter, which needs its model", hint="download it, then: plait models add FILE.gguf"
        )


def pickle_error(file_name: str) -> InputError:
    return InputError(f"{file_name} is a pickle: loading one runs the code in it, so it is refused", hint=GGUF_HINT)
