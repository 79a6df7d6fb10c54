"""The LoRA adapters of a base model: checked before they are loaded, chosen by each request."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plait.core.errors import CheckpointError
from plait.core.values.file_digest import DIGEST_LENGTH, file_sha256
from plait.foundation.cards.gguf.adapter_fit import check_adapter
from plait.foundation.cards.gguf.header import GgufHeader, read_gguf_header


@dataclass(frozen=True)
class LoraAdapter:
    """A GGUF file with a LoRA adapter; `name` is that of the adapted model. A file with another `sha256` than this is
    refused; "" accepts any.
    """

    name: str
    path: Path
    sha256: str = ""


def check_names(adapters: Sequence[LoraAdapter]) -> None:
    """Raises ValueError if two adapters have the same name."""
    names = [each.name for each in adapters]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two adapters are called {name}")


def adapted_digests(base: Path, base_sha256: str, adapters: Sequence[LoraAdapter]) -> dict[str, str]:
    """Digests of the base with each adapter, by name. Raises CheckpointError for one that does not fit."""
    if not adapters:
        return {}
    base_header = read_gguf_header(base)
    return {each.name: adapted_digest(base_header, base_sha256, each) for each in adapters}


def adapted_digest(base: GgufHeader, base_sha256: str, adapter: LoraAdapter) -> str:
    check_adapter(read_gguf_header(adapter.path), base, base_sha256)
    sha256 = file_sha256(adapter.path)
    if adapter.sha256 and sha256 != adapter.sha256:
        raise CheckpointError(
            f"{adapter.path} has the sha256 {sha256}, not {adapter.sha256}",
            hint="restore this adapter from a backup",
        )
    return hashlib.sha256(f"{base_sha256} {sha256}".encode()).hexdigest()[:DIGEST_LENGTH]


def lora_scales(adapters: Sequence[LoraAdapter], chosen: LoraAdapter | None) -> list[dict[str, float]]:
    """The field `lora` of a request: a scale for every adapter of the process, 1 for the chosen one.

    Always complete: with an empty list llama.cpp switches the adapter off and goes on with the cached prompt that the
    adapter computed (measured: log-probability of the next token -0.99 instead of -0.81).
    """
    return [{"id": number, "scale": float(each == chosen)} for number, each in enumerate(adapters)]
