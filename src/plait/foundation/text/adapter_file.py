"""Adds adapters to a model, writes them as a GGUF file, which llama.cpp serves beside its base, and reads such files.

The model has the layout of its GGUF file (attention.rotate), so no rows are permuted on the way out: a converter that
starts from transformers' layout has to permute `lora_b` of queries and keys.
"""

from copy import deepcopy
from pathlib import Path

import torch

from plait.core.errors import SettingsError
from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.adapter import AdapterHeader
from plait.foundation.cards.gguf.adapter import adapter_metadata, misfit_error, read_adapter_header
from plait.foundation.cards.gguf.header import GgufHeader, read_gguf_header
from plait.foundation.cards.gguf.tensor_types import TENSOR_TYPES
from plait.foundation.cards.gguf.tensors import quantize, read_tensor
from plait.foundation.cards.gguf.writer import TensorContent, write_gguf
from plait.foundation.text.adapt_request import LoraConfig, lora_config
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


def add_trained_adapters(model: TextDecoder, file: Path, config: LoraConfig, sha256: str = "") -> None:
    """Puts the adapters of a file into a model, to train them on: they are its reference.

    Raises CheckpointError if they do not fit the model, SettingsError if they are not those of the configuration, or if
    the file has another digest than `sha256`; "" accepts any.
    """
    if sha256 and file_sha256(file) != sha256:
        raise SettingsError(f"{file} has changed since this run was prepared", hint="start the same command again")
    header = read_gguf_header(file)
    load_adapter(model, header)
    found = lora_config(header, len(model.layers))
    if found != config:
        raise SettingsError(f"{file} has adapters of {found}, and {config} is to be trained", hint="--from-base")
    for _, module in adapters(model):
        module.keep_as_start()


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
    add_adapters(model, lora_config(header, len(model.layers)))
    weights = dict(adapter_weights(model))
    if weights.keys() != header.tensors.keys():
        raise misfit_error(header, min(weights.keys() ^ header.tensors.keys()))
    for name, weight in weights.items():
        content = torch.from_numpy(read_tensor(header, name))
        if content.shape != weight.shape:
            raise misfit_error(header, name)
        weight.data.copy_(content)
    return read_adapter_header(header)
