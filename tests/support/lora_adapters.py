"""GGUF files of LoRA adapters: random factors for every projection of a model, large enough to change its answers."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from plait.foundation.cards.gguf.header import GgufHeader
from plait.foundation.cards.gguf.tensors import quantize
from plait.foundation.cards.gguf.values import GgufValue
from plait.foundation.cards.gguf.writer import TensorContent, write_gguf

RANK = 8
SIZE = 0.12  # of the factors' elements: other tokens become likely
ADAPTER_METADATA: Mapping[str, GgufValue] = {
    "general.type": GgufValue.text("adapter"),
    "general.architecture": GgufValue.text("llama"),
    "adapter.type": GgufValue.text("lora"),
    "adapter.lora.alpha": GgufValue.real(2.0 * RANK),
}


def write_adapter(file: Path, base: GgufHeader, seed: int, **metadata: GgufValue) -> Path:
    """Writes an adapter of the base. Further metadata replaces the usual; `__` in a name stands for a dot."""
    random = np.random.default_rng(seed)
    shapes = {name: tensor.shape for name, tensor in base.tensors.items() if is_projection(name, tensor.shape)}
    tensors: dict[str, TensorContent] = {}
    for name, (outputs, inputs) in shapes.items():
        tensors[f"{name}.lora_a"] = random_factor(random, (RANK, inputs))
        tensors[f"{name}.lora_b"] = random_factor(random, (outputs, RANK))
    write_gguf(file, {**ADAPTER_METADATA, **{key.replace("__", "."): each for key, each in metadata.items()}}, tensors)
    return file


def is_projection(name: str, shape: tuple[int, ...]) -> bool:
    return name.startswith("blk.") and len(shape) == 2


def random_factor(random: np.random.Generator, shape: tuple[int, int]) -> TensorContent:
    return quantize(random.standard_normal(shape, np.float32) * np.float32(SIZE), "F16")
