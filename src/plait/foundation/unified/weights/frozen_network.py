"""A small network that ships with Plait and is never trained on: the image tokenizer, the judge."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor, nn

from plait.core.errors import CheckpointError
from plait.foundation.unified.weights.weight_files import check_shapes, state_dict_shapes, write_atomically

N = TypeVar("N", bound=nn.Module)


def load_frozen(network: N, file: Path, version: str, recipe: str) -> N:
    """The network with the weights of the file, on the CPU. Raises CheckpointError where the file is damaged, or is of
    another version; `recipe` is the command that makes one.
    """
    try:
        with safetensors.safe_open(file, "pt") as content:
            file_version = (content.metadata() or {}).get("version", "")
            weights = {name: content.get_tensor(name).float() for name in content.keys()}
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{file} cannot be read: {error}", hint="install plait again") from None
    if file_version != version:
        raise CheckpointError(
            f"{file} is {file_version or 'of no version'}, this Plait takes {version}",
            hint=f"use it with the Plait that made it, or make one: {recipe}",
        )
    check_shapes({name: tuple(each.shape) for name, each in weights.items()}, state_dict_shapes(network), file)
    network.load_state_dict(weights)
    return network.requires_grad_(False).eval()


def save_frozen(weights: Mapping[str, Tensor], file: Path, version: str) -> None:
    """As half-precision floats; the file is whole or as it was. Raises CheckpointError."""
    halves = {name: each.detach().half().contiguous() for name, each in weights.items()}
    write_atomically(file, safetensors.torch.save(halves, {"version": version}))
