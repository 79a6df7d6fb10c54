"""Adds adapters to a model, writes them as a GGUF file, which llama.cpp serves beside its base, and reads such files.

The model has the layout of its GGUF file (attention.rotate), so no rows are permuted on the way out: a converter that
starts from transformers' layout has to permute `lora_b` of queries and keys.
"""

from copy import deepcopy
from pathlib import Path

import torch

from plait.core.errors import CheckpointError, SettingsError
from plait.foundation.cards.adapter import AdapterHeader
from plait.foundation.cards.gguf.adapter import adapted_weights, adapter_metadata, read_adapter_header
from plait.foundation.cards.gguf.header import GgufHeader
from plait.foundation.cards.gguf.tensor_types import TENSOR_TYPES
from plait.foundation.cards.gguf.tensors import quantize, read_tensor
from plait.foundation.cards.gguf.writer import TensorContent, write_gguf
from plait.foundation.text.adapt_request import LoraConfig
from plait.foundation.text.model import TextDecoder, replace_module
from plait.foundation.training.distributed import rank_and_world_size
from plait.foundation.training.lora import LoraLinear, adapter_weights, adapters
from plait.foundation.training.sharding import full_tensor

FACTOR_TYPES = ("F32", "F16", "Q8_0")


def add_adapters(model: TextDecoder, config: LoraConfig, seed: int = 0) -> None:
    """Puts adapters beside the projections of the upper layers. Raises SettingsError if the model has adapters."""
    if any(True for _ in adapters(model)):
        raise SettingsError("the model has adapters already", hint="load the model again")
    generator = torch.Generator().manual_seed(seed)
    for layer in model.layers[config.first_layer(len(model.layers)) :]:
        for name in config.projections:
            setattr(layer, name, LoraLinear(getattr(layer, name), config.rank, config.scale, generator))


def without_adapters(model: TextDecoder) -> TextDecoder:
    """A model without adapters that has the same frozen weights in memory."""
    base = deepcopy(model, {id(each): each for each in model.parameters()})
    for name, module in list(adapters(base)):
        replace_module(base, name, module.without_adapter())
    return base.requires_grad_(False)


def write_adapter(
    file: Path,
    model: TextDecoder,
    config: LoraConfig,
    *,
    base_sha256: str,
    task: str = "",
    fingerprint: str = "",
    tensor_type: str = "F16",
) -> AdapterHeader:
    """Writes the model's adapters as F32, F16 or Q8_0; durable on return, the same weights give the same bytes.

    Q8_0 needs rows of a multiple of 32 elements: `lora_b` has rows of `rank` elements and stays F16 below 32. Of
    SmolLM2-135M on all projections rank 4 takes 2.5 MB as F16, rank 8 takes 4.9 MB as F16 and 3.8 MB as Q8_0.
    """
    header = AdapterHeader("llama", config.rank, config.served_alpha, base_sha256, task, fingerprint)
    weights = {name: full_tensor(weight.detach()) for name, weight in adapter_weights(model).items()}
    if rank_and_world_size()[0]:
        return header  # the first process writes
    tensors = {name: factor_content(weight, tensor_type) for name, weight in weights.items()}
    write_gguf(file, adapter_metadata(header), tensors)
    return header


def factor_content(weight: torch.Tensor, tensor_type: str) -> TensorContent:
    fits = weight.shape[-1] % TENSOR_TYPES[tensor_type].block_elements == 0
    return quantize(weight.float().cpu().numpy(), tensor_type if fits else "F16")


def load_adapter(model: TextDecoder, header: GgufHeader) -> AdapterHeader:
    """Adds the adapters of a file to a model without any; they can be trained on.

    Raises CheckpointError if the file is no LoRA adapter, or does not fit the model.
    """
    adapter = read_adapter_header(header)
    names = adapted_weights(header)
    projections, lowest = placement(header, names)
    config = LoraConfig(adapter.rank, adapter.alpha, False, len(model.layers) - lowest, projections)
    add_adapters(model, config)
    weights = dict(adapter_weights(model))
    if weights.keys() != header.tensors.keys():
        raise misfit_error(header, min(weights.keys() ^ header.tensors.keys()))
    for name, weight in weights.items():
        content = torch.from_numpy(read_tensor(header, name))
        if content.shape != weight.shape:
            raise misfit_error(header, name)
        weight.data.copy_(content)
    return adapter


def placement(header: GgufHeader, names: tuple[str, ...]) -> tuple[tuple[str, ...], int]:
    """Projections with adapters, and the number of the lowest layer that has them."""
    parts = [name.split(".") for name in names]
    if any(len(each) != 4 or each[0] != "blk" or not each[1].isdecimal() for each in parts):
        raise misfit_error(header, min(names))
    return tuple(dict.fromkeys(each[2] for each in parts)), min(int(each[1]) for each in parts)


def misfit_error(header: GgufHeader, name: str) -> CheckpointError:
    return CheckpointError(
        f"{header.file} does not fit the model at {name!r}", hint="use it with the model it was made for"
    )
