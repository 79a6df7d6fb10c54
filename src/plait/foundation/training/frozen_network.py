"""Small networks that ship with Plait and are not trained further: the image tokenizer, the judge."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor, nn

from plait.core.errors import CheckpointError
from plait.foundation.training.atomic_files import write_atomically

EXPORT_AGAIN_HINT = "export it again with the Plait that trained it"
N = TypeVar("N", bound=nn.Module)


def load_frozen(network: N, file: Path, version: str, recipe: str) -> N:
    """Loads the weights of a file into the network, on the CPU.

    Raises CheckpointError if the file is damaged or has another version; `recipe` is the command that makes one.
    """
    try:
        with safetensors.safe_open(file, "pt") as content:
            file_version = (content.metadata() or {}).get("version", "")
            weights = {name: content.get_tensor(name).float() for name in content.keys()}
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{file} cannot be read: {error}", hint="reinstall Plait") from None
    if file_version != version:
        raise CheckpointError(
            f"{file} is {file_version or 'of no version'}, this Plait takes {version}",
            hint=f"use it with the Plait that made it, or train one: {recipe}",
        )
    check_shapes({name: tuple(each.shape) for name, each in weights.items()}, state_dict_shapes(network), file)
    network.load_state_dict(weights)
    return network.requires_grad_(False).eval()


def save_frozen(weights: Mapping[str, Tensor], file: Path, version: str) -> None:
    """Saves the weights atomically in half precision. Raises CheckpointError."""
    halves = {name: each.detach().half().contiguous() for name, each in weights.items()}
    write_atomically(file, safetensors.torch.save(halves, {"version": version}))


def check_shapes(actual: Mapping[str, tuple[int, ...]], expected: Mapping[str, tuple[int, ...]], file: Path) -> None:
    """Raises CheckpointError that names the first tensor that is missing, unexpected, or of another shape."""
    for name in sorted({*actual, *expected}):
        if name not in actual:
            raise CheckpointError(f"{file} has no tensor {name}", hint=EXPORT_AGAIN_HINT)
        if name not in expected:
            raise CheckpointError(f"{file} has a tensor {name}, which its model does not have", hint=EXPORT_AGAIN_HINT)
        if actual[name] != expected[name]:
            raise CheckpointError(
                f"{file} has {name} as {shape_text(actual[name])}, but its model takes {shape_text(expected[name])}",
                hint=EXPORT_AGAIN_HINT,
            )


def shape_text(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def state_dict_shapes(model: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(each.shape) for name, each in model.state_dict().items()}
