"""Adapters of a tiny unified model with random factors, which change its answers."""

from pathlib import Path

import torch

from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.adapter import AdapterHeader
from plait.foundation.cards.unified_adapter import ARCHITECTURE
from plait.foundation.training.lora import adapter_weights
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.weights.adapter_file import add_adapters, write_adapter
from plait.foundation.unified.weights.weight_files import load

RANK, ALPHA = 4, 8.0


def add_random_adapters(model: UnifiedModel, seed: int = 1) -> UnifiedModel:
    """Adapters whose factors a file holds exactly; a new adapter would change nothing."""
    add_adapters(model, RANK, ALPHA / RANK)
    torch.manual_seed(seed)
    for weight in adapter_weights(model).values():
        weight.data.copy_((torch.randn_like(weight) * 0.2).half().float())
    return model


def random_adapter(base: Path, file: Path, task: str = "", fingerprint: str = "", seed: int = 1) -> Path:
    """Writes an adapter of the weights in the file `base`."""
    facts = AdapterHeader(ARCHITECTURE, RANK, ALPHA, file_sha256(base), task, fingerprint)
    write_adapter(file, add_random_adapters(load(base), seed), facts)
    return file
