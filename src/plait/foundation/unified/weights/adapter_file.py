"""LoRA adapters of a unified model: where they are, and their files.

In training an adapter stands beside its matrix; to answer with it, it is added to the matrix once, so that an adapted
model computes no more than its base, in any precision and compiled too.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from plait.core.errors import CheckpointError
from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.adapter import FACTOR_SUFFIXES, AdapterHeader
from plait.foundation.cards.unified_adapter import (
    ADAPTED_WEIGHT,
    adapter_texts,
    check_unified_adapter,
    read_unified_adapter,
)
from plait.foundation.training.atomic_files import write_atomically
from plait.foundation.training.linear import Linear
from plait.foundation.training.lora import LoraLinear, adapter_weights
from plait.foundation.unified.model.unified_model import UnifiedModel


def add_adapters(model: UnifiedModel, rank: int, scale: float, seed: int = 0) -> None:
    """Puts new adapters beside the matrices of attention and feed-forward; all other weights are frozen."""
    model.requires_grad_(False)
    generator = torch.Generator().manual_seed(seed)
    for name, module in list(model.named_modules()):
        if isinstance(module, Linear) and ADAPTED_WEIGHT.fullmatch(f"{name}.weight"):
            parent, _, attribute = name.rpartition(".")
            setattr(model.get_submodule(parent), attribute, LoraLinear(module, rank, scale, generator))


def write_adapter(file: Path, model: UnifiedModel, facts: AdapterHeader) -> None:
    """Writes the adapters of a model in half precision, durable on return; the same weights give the same bytes.

    Raises CheckpointError for weights that are not finite, and if the file cannot be written.
    """
    halves = {name: each.detach().cpu().half().contiguous() for name, each in adapter_weights(model).items()}
    for name, each in halves.items():
        if not each.isfinite().all():
            raise CheckpointError(f"{file}: {name} has values that are not finite", hint="use a lower learning rate")
    write_atomically(file, safetensors_bytes(halves, adapter_texts(facts)))


def safetensors_bytes(halves: Mapping[str, Tensor], texts: Mapping[str, str]) -> bytes:
    """A safetensors file of tensors in half precision. The package's own writer puts `texts` into a random order, and
    the same run has to end with the same bytes.
    """
    header: dict[str, object] = {"__metadata__": texts}
    end = 0
    for name, each in halves.items():
        header[name] = {"dtype": "F16", "shape": [*each.shape], "data_offsets": [end, end + each.nbytes]}
        end += each.nbytes
    content = json.dumps(header).encode()
    content += b" " * (-len(content) % 8)
    return len(content).to_bytes(8, "little") + content + b"".join(each.numpy().tobytes() for each in halves.values())


def merge_adapter(model: UnifiedModel, file: Path, base: Path, base_sha256: str, sha256: str = "") -> str:
    """Adds the adapter of a file to the weights of a model, which is that of the file `base`; returns its sha256.

    Raises CheckpointError if the adapter is damaged, of another model, or not the one with the digest `sha256`.
    """
    facts = check_unified_adapter(file, base, base_sha256)
    found = file_sha256(file)
    if sha256 not in ("", found):
        raise CheckpointError(f"{file} has the sha256 {found}, not {sha256}", hint="restore this adapter from a backup")
    try:
        factors = safetensors.torch.load(file.read_bytes())
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{file} is damaged: {error}", hint="restore this adapter from a backup") from None
    for name in read_unified_adapter(file).adapted_weights:
        first, second = (factors[name + suffix].float() for suffix in FACTOR_SUFFIXES)
        model.get_parameter(name).data.add_(second @ first, alpha=facts.scale)
    return found
