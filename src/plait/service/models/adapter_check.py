"""Checks of an adapter's file by its header, before any native code sees it."""

from pathlib import Path

from plait.core.errors import CheckpointError, InputError
from plait.foundation.cards.adapter import AdapterHeader
from plait.foundation.cards.adapter_files import read_adapter_facts
from plait.service.models.adapter_scope import adapt_command
from plait.service.models.model_version import NewVersion

MAX_ADAPTER_BYTES = 512_000_000  # rank 64 in a model of 8 billion parameters has 340 MB


def check_adapter_file(new: NewVersion, file: Path) -> AdapterHeader:
    """The header of the file of a new version.

    Raises CheckpointError for a damaged file or none of an adapter, InputError for one of another base or task.
    """
    adapter = read_adapter_facts(file)
    size = file.stat().st_size
    if size > MAX_ADAPTER_BYTES:
        raise InputError(
            f"{file} has {size / 1e6:,.0f} MB, and an adapter at most {MAX_ADAPTER_BYTES / 1e6:,.0f}",
            hint="train it with a smaller rank",
        )
    if adapter.base_sha256 not in ("", new.base_sha256):
        raise InputError(
            f"{file} is an adapter of the file with the sha256 {adapter.base_sha256[:12]}…, and {new.base} is one with "
            f"{new.base_sha256[:12]}…",
            hint="name the model that it was trained on",
        )
    if adapter.fingerprint not in ("", new.fingerprint):
        raise InputError(
            f"{file} was trained for another form of a task: {adapter.task} {adapter.fingerprint[:12]}, and "
            f"{new.task} has {new.fingerprint[:12]}",
            hint=f"adapt the model to the present form: {adapt_command(new.task, new.fingerprint)}",
        )
    return adapter


def adapter_fault(file: Path, base_sha256: str) -> str:
    """What is wrong with the header of a version's file; "" if nothing."""
    try:
        adapter = read_adapter_facts(file)
    except CheckpointError as error:
        return f"cannot be served: {error.message}"
    if adapter.base_sha256 in ("", base_sha256):
        return ""
    return f"is an adapter of {adapter.base_sha256[:12]}…, and the registry says {base_sha256[:12]}…"
