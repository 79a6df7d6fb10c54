"""Adapters of either format, told apart by the first bytes of their files: GGUF for llama.cpp, safetensors for unified
models. Files of the registry are named by their digest, so their names tell nothing.
"""

from pathlib import Path

from plait.core.errors import CheckpointError
from plait.foundation.cards.adapter import AdapterHeader
from plait.foundation.cards.gguf.adapter import read_adapter_header
from plait.foundation.cards.gguf.adapter_fit import check_adapter
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.cards.unified_adapter import check_unified_adapter, is_unified_adapter, read_unified_adapter

GGUF_MAGIC = b"GGUF"
GGUF_SUFFIX, SAFETENSORS_SUFFIX = ".gguf", ".safetensors"


def is_gguf(file: Path) -> bool:
    """Raises CheckpointError for a file that cannot be read."""
    try:
        with file.open("rb") as content:
            return content.read(len(GGUF_MAGIC)) == GGUF_MAGIC
    except OSError as error:
        raise CheckpointError(f"{file} cannot be read: {error.strerror}", hint="check the path") from None


def adapter_suffix(file: Path) -> str:
    """The suffix that names of such files have."""
    return GGUF_SUFFIX if is_gguf(file) else SAFETENSORS_SUFFIX


def is_adapter(file: Path) -> bool:
    """Whether a file is that of an adapter. A damaged one is none; whoever reads it next says so."""
    try:
        if is_gguf(file):
            return read_gguf_header(file).text("general.type", "model") == "adapter"
    except CheckpointError:
        return False
    return is_unified_adapter(file)


def read_adapter_facts(file: Path) -> AdapterHeader:
    """The facts in the header of an adapter. Raises CheckpointError if the file is none, or is damaged."""
    return read_adapter_header(read_gguf_header(file)) if is_gguf(file) else read_unified_adapter(file).facts


def check_adapter_fit(file: Path, base: Path, base_sha256: str) -> AdapterHeader:
    """The facts of an adapter. Raises CheckpointError unless it can be served with the model in the file `base`."""
    if is_gguf(file):
        return check_adapter(read_gguf_header(file), read_gguf_header(base), base_sha256)
    return check_unified_adapter(file, base, base_sha256)
